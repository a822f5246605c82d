package dev.pluggable.spring.pubsub;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import dev.pluggable.pubsub.BulkPublishRequest;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PublishRequest;
import dev.pluggable.spring.listener.PayloadConverter;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

import org.springframework.util.Assert;

/**
 * Publishes objects. The template publishes {@code byte[]} and {@code String} without
 * conversion. The application's {@code MessageConverter}s convert other objects, followed
 * by JSON. The template publishes the bare payload or, after
 * {@link #withCloudEvents(boolean)}, a CloudEvent with the payload as data. Immutable,
 * and safe for use by many threads.
 *
 * @see PubSubTemplates
 * @since 0.1.0
 */
public final class PubSubTemplate {

	/**
	 * Default type of CloudEvents, which is also Dapr's default.
	 */
	public static final String DEFAULT_TYPE = "com.dapr.event.sent";

	/**
	 * The names that the attributes of a CloudEvent can have.
	 */
	private static final Pattern ATTRIBUTE = Pattern.compile("[a-z0-9]+");

	private static final Pattern TRACE_ID = Pattern.compile("[0-9a-f]{32}");

	private static final Pattern SPAN_ID = Pattern.compile("[0-9a-f]{16}");

	private final PubSub pubSub;

	private final @Nullable String component;

	private final PayloadConverter converter;

	private final @Nullable CloudEventFormat format;

	private final boolean cloudEvents;

	private final String source;

	private final String type;

	private final Clock clock;

	private final Supplier<Map<String, String>> traceFields;

	PubSubTemplate(PubSub pubSub, @Nullable String component, PayloadConverter converter,
			@Nullable CloudEventFormat format, String source, Clock clock, Supplier<Map<String, String>> traceFields) {
		this(pubSub, component, converter, format, false, source, DEFAULT_TYPE, clock, traceFields);
	}

	private PubSubTemplate(PubSub pubSub, @Nullable String component, PayloadConverter converter,
			@Nullable CloudEventFormat format, boolean cloudEvents, String source, String type, Clock clock,
			Supplier<Map<String, String>> traceFields) {
		this.pubSub = pubSub;
		this.component = component;
		this.converter = converter;
		this.format = format;
		this.cloudEvents = cloudEvents;
		this.source = source;
		this.type = type;
		this.clock = clock;
		this.traceFields = traceFields;
	}

	/**
	 * Return a template that publishes CloudEvents or bare payloads. A CloudEvent has the
	 * structured JSON format, the attributes that Dapr sets, and the content type
	 * {@code application/cloudevents+json}.
	 * @param cloudEvents {@code true} to publish CloudEvents, {@code false} (the default)
	 * to publish bare payloads
	 * @return a new template
	 * @throws IllegalStateException if Jackson 3 is not on the class path
	 */
	public PubSubTemplate withCloudEvents(boolean cloudEvents) {
		if (cloudEvents && this.format == null) {
			throw new IllegalStateException("CloudEvents need Jackson 3: add the dependency spring-boot-jackson");
		}
		return new PubSubTemplate(this.pubSub, this.component, this.converter, this.format, cloudEvents, this.source,
				this.type, this.clock, this.traceFields);
	}

	/**
	 * Return a template with another source of CloudEvents.
	 * @param source source of the events, not empty. The default is the name of the
	 * application
	 * @return a new template
	 */
	public PubSubTemplate withSource(String source) {
		Assert.hasLength(source, "'source' must not be null or empty");
		return new PubSubTemplate(this.pubSub, this.component, this.converter, this.format, this.cloudEvents, source,
				this.type, this.clock, this.traceFields);
	}

	/**
	 * Return a template with another type of CloudEvents.
	 * @param type type of the events, not empty. The default is {@value #DEFAULT_TYPE}
	 * @return a new template
	 */
	public PubSubTemplate withType(String type) {
		Assert.hasLength(type, "'type' must not be null or empty");
		return new PubSubTemplate(this.pubSub, this.component, this.converter, this.format, this.cloudEvents,
				this.source, type, this.clock, this.traceFields);
	}

	/**
	 * Return the component of the template.
	 * @return the component, or the object that the template was created for
	 */
	public PubSub pubSub() {
		return this.pubSub;
	}

	/**
	 * Publish an object with the default content type: none for {@code byte[]},
	 * {@code text/plain} for a {@code String}, and the content type of the converter for
	 * other objects, such as {@code application/json}.
	 * @param topic the topic, not empty
	 * @param payload the object
	 * @throws dev.pluggable.spring.listener.InvalidPayloadException if the object cannot
	 * be converted
	 */
	public void convertAndSend(String topic, Object payload) {
		convertAndSend(topic, payload, null, Map.of());
	}

	/**
	 * Publish an object with a content type.
	 * @param topic the topic, not empty
	 * @param payload the object
	 * @param contentType content type of the published bytes, which also selects the
	 * converter; not empty
	 * @throws dev.pluggable.spring.listener.InvalidPayloadException if the object cannot
	 * be converted
	 */
	public void convertAndSend(String topic, Object payload, String contentType) {
		convertAndSend(topic, payload, contentType, Map.of());
	}

	/**
	 * Publish an object with metadata.
	 * @param topic the topic, not empty
	 * @param payload the object
	 * @param metadata hints for the component, such as {@code ttlInSeconds}
	 * @throws dev.pluggable.spring.listener.InvalidPayloadException if the object cannot
	 * be converted
	 */
	public void convertAndSend(String topic, Object payload, Map<String, String> metadata) {
		convertAndSend(topic, payload, null, metadata);
	}

	/**
	 * Publish an object with a content type and metadata.
	 * @param topic the topic, not empty
	 * @param payload the object
	 * @param contentType content type of the published bytes, which also selects the
	 * converter; {@code null} for the default of the object
	 * @param metadata hints for the component, such as {@code ttlInSeconds}
	 * @throws dev.pluggable.spring.listener.InvalidPayloadException if the object cannot
	 * be converted
	 */
	public void convertAndSend(String topic, Object payload, @Nullable String contentType,
			Map<String, String> metadata) {
		PayloadConverter.Payload converted = convert(topic, payload, contentType);
		this.pubSub.publish(new PublishRequest(topic, converted.data(), converted.contentType(), metadata));
	}

	/**
	 * Publish several objects.
	 * @param topic the topic, not empty
	 * @param payloads the objects
	 * @throws dev.pluggable.pubsub.BulkPublishException if some objects were not
	 * published. The exception names these objects by their positions, starting with 0
	 * @throws dev.pluggable.spring.listener.InvalidPayloadException if one object cannot
	 * be converted. In this case no object was published
	 */
	public void convertAndSendAll(String topic, Collection<?> payloads) {
		convertAndSendAll(topic, payloads, null, Map.of());
	}

	/**
	 * Publish several objects with a content type and metadata.
	 * @param topic the topic, not empty
	 * @param payloads the objects
	 * @param contentType content type of the published bytes, which also selects the
	 * converter; {@code null} for the default of each object
	 * @param metadata hints for the component
	 * @throws dev.pluggable.pubsub.BulkPublishException if some objects were not
	 * published. The exception names these objects by their positions, starting with 0
	 * @throws dev.pluggable.spring.listener.InvalidPayloadException if one object cannot
	 * be converted. In this case no object was published
	 */
	public void convertAndSendAll(String topic, Collection<?> payloads, @Nullable String contentType,
			Map<String, String> metadata) {
		List<BulkPublishRequest.Entry> entries = new ArrayList<>(payloads.size());
		for (Object payload : payloads) {
			PayloadConverter.Payload converted = convert(topic, payload, contentType);
			entries.add(BulkPublishRequest.Entry.of(Integer.toString(entries.size()), converted.data())
				.withContentType(converted.contentType()));
		}
		if (!entries.isEmpty()) {
			this.pubSub.bulkPublish(new BulkPublishRequest(topic, entries, metadata));
		}
	}

	private PayloadConverter.Payload convert(String topic, Object payload, @Nullable String contentType) {
		Assert.notNull(payload, "'payload' must not be null");
		Assert.isTrue(contentType == null || !contentType.isEmpty(),
				"'contentType' must not be empty; use null if there is none");
		PayloadConverter.Payload converted = this.converter.write(payload, contentType);
		CloudEventFormat format = this.format;
		if (!this.cloudEvents || format == null || CloudEvent.CONTENT_TYPE.equals(converted.contentType())) {
			return converted;
		}
		CloudEvent event = new CloudEvent(attributes(topic), converted.data(), converted.contentType());
		return new PayloadConverter.Payload(format.write(event), CloudEvent.CONTENT_TYPE);
	}

	private Map<String, String> attributes(String topic) {
		Map<String, String> attributes = new LinkedHashMap<>();
		attributes.put(CloudEvent.SPEC_VERSION, "1.0");
		attributes.put(CloudEvent.ID, UUID.randomUUID().toString());
		attributes.put(CloudEvent.SOURCE, this.source);
		attributes.put(CloudEvent.TYPE, this.type);
		attributes.put("time", this.clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
		attributes.put("topic", topic);
		if (this.component != null) {
			attributes.put("pubsubname", this.component);
		}
		attributes.putAll(trace());
		return attributes;
	}

	/**
	 * The attributes for the trace of the calling thread.
	 */
	private Map<String, String> trace() {
		Map<String, String> trace = new LinkedHashMap<>();
		this.traceFields.get().forEach((name, value) -> {
			if (ATTRIBUTE.matcher(name).matches()) {
				trace.put(name, value);
			}
		});
		String traceId = MDC.get("traceId");
		String spanId = MDC.get("spanId");
		if (trace.isEmpty() && traceId != null && spanId != null && TRACE_ID.matcher(traceId).matches()
				&& SPAN_ID.matcher(spanId).matches()) {
			trace.put("traceparent", "00-" + traceId + "-" + spanId + "-01");
		}
		return trace;
	}

}
