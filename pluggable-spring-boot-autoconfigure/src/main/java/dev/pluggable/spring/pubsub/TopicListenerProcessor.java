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
 * Internal: public for other packages of this module, not for applications.
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

	private ListenerDefinition<PubSub> define(TopicListener annotation, ListenerEndpoint site) {
		SubscribeRequest request = request(annotation, site);
		boolean raw = "true".equalsIgnoreCase(request.metadata().get(RAW_PAYLOAD));
		TopicMessageHandler handler = new TopicMessageHandler(site, raw ? null : this.format.getIfAvailable(),
				List.of(annotation.dropOn()));
		return new ListenerDefinition<>(site, site.text("id", annotation.id()), PubSub.class, KIND,
				site.text("pubsub", annotation.pubsub()), request.topic(),
				site.flag("autoStartup", annotation.autoStartup()), request.grace(), (pubSub) -> {
					Subscription subscription = pubSub.subscribe(request, handler);
					return new ListenerStream<>(subscription, subscription::status);
				});
	}

	private static SubscribeRequest request(TopicListener annotation, ListenerEndpoint site) {
		SubscribeRequest defaults = SubscribeRequest.of(site.required("topic", annotation.topic()));
		Map<String, String> metadata = new HashMap<>(site.entries("metadata", annotation.metadata()));
		if (annotation.rawPayload()) {
			metadata.put(RAW_PAYLOAD, "true");
		}
		String deadLetterTopic = site.text("deadLetterTopic", annotation.deadLetterTopic());
		int concurrency = site.number("concurrency", annotation.concurrency(), defaults.concurrency());
		Duration timeout = site.duration("handlerTimeout", annotation.handlerTimeout(), defaults.handlerTimeout());
		int attempts = site.number("attempts", annotation.attempts(), defaults.attempts());
		Duration delay = site.duration("retryDelay", annotation.retryDelay(), defaults.retryDelay());
		Duration grace = site.duration("grace", annotation.grace(), defaults.grace());
		return site.checked(() -> new SubscribeRequest(defaults.topic(), metadata, concurrency, timeout, attempts,
				delay, deadLetterTopic.isEmpty() ? null : deadLetterTopic, grace));
	}

}
