package dev.pluggable.spring.pubsub;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.pubsub.Subscription;
import dev.pluggable.spring.listener.ListenerContainers;
import dev.pluggable.spring.listener.ListenerDefinition;
import dev.pluggable.spring.listener.ListenerEndpoint;
import dev.pluggable.spring.listener.ListenerMethods;
import dev.pluggable.spring.listener.ListenerStream;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Creates a listener for each method with {@link TopicListener}.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class TopicListenerProcessor implements SmartInitializingSingleton {

	static final String RAW_PAYLOAD = "rawPayload";

	private static final String KIND = "pubsub";

	private final ListenerMethods methods;

	private final ListenerContainers containers;

	private final ObjectProvider<CloudEventFormat> format;

	/**
	 * Create a processor.
	 * @param methods finds the methods
	 * @param containers runs the listeners
	 * @param format reads CloudEvents. The format is created with the first listener
	 */
	public TopicListenerProcessor(ListenerMethods methods, ListenerContainers containers,
			ObjectProvider<CloudEventFormat> format) {
		this.methods = methods;
		this.containers = containers;
		this.format = format;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.containers.add(this.methods.define(TopicListener.class, TopicListeners.class, this::define));
	}

	private ListenerDefinition<PubSub> define(TopicListener annotation, ListenerEndpoint endpoint) {
		SubscribeRequest request = request(annotation, endpoint);
		boolean raw = "true".equalsIgnoreCase(request.metadata().get(RAW_PAYLOAD));
		TopicMessageHandler handler = new TopicMessageHandler(endpoint, raw ? null : this.format.getIfAvailable(),
				List.of(annotation.dropOn()));
		return new ListenerDefinition<>(endpoint, endpoint.text("id", annotation.id()), PubSub.class, KIND,
				endpoint.text("pubsub", annotation.pubsub()), request.topic(),
				endpoint.flag("autoStartup", annotation.autoStartup()), request.grace(),
				(pubSub) -> new ListenerStream<>(pubSub.subscribe(request, handler), Subscription::status));
	}

	private static SubscribeRequest request(TopicListener annotation, ListenerEndpoint endpoint) {
		SubscribeRequest defaults = SubscribeRequest.of(endpoint.required("topic", annotation.topic()));
		Map<String, String> metadata = new HashMap<>(endpoint.entries("metadata", annotation.metadata()));
		if (annotation.rawPayload()) {
			metadata.put(RAW_PAYLOAD, "true");
		}
		String deadLetterTopic = endpoint.text("deadLetterTopic", annotation.deadLetterTopic());
		int concurrency = endpoint.number("concurrency", annotation.concurrency(), defaults.concurrency());
		Duration timeout = endpoint.duration("handlerTimeout", annotation.handlerTimeout(), defaults.handlerTimeout());
		int attempts = endpoint.number("attempts", annotation.attempts(), defaults.attempts());
		Duration delay = endpoint.duration("retryDelay", annotation.retryDelay(), defaults.retryDelay());
		Duration grace = endpoint.duration("grace", annotation.grace(), defaults.grace());
		return endpoint.checked(() -> new SubscribeRequest(defaults.topic(), metadata, concurrency, timeout, attempts,
				delay, deadLetterTopic.isEmpty() ? null : deadLetterTopic, grace));
	}

}
