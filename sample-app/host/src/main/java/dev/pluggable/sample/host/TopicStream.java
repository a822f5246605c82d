package dev.pluggable.sample.host;

import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.pluggable.pubsub.Message;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.pubsub.Subscription;
import dev.pluggable.stream.StreamStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * A client that follows a topic. A message is acknowledged when it was sent to the
 * client, and the next one is asked for then: a slow client slows down its own
 * subscription, and nothing gathers here.
 */
final class TopicStream {

	/** A browser comes back by itself; whoever does not was not interested any more. */
	private static final Duration MAX_AGE = Duration.ofHours(1);

	private static final Duration GRACE = Duration.ofSeconds(1);

	private final String component;

	private final String topic;

	private final Consumer<TopicStream> whenEnded;

	private final SseEmitter emitter = new SseEmitter(MAX_AGE.toMillis());

	private final ReentrantLock sending = new ReentrantLock();

	private final AtomicBoolean ended = new AtomicBoolean();

	private volatile @Nullable Subscription subscription;

	/**
	 * A client that gets nothing yet.
	 * @param component name of the component
	 * @param topic the topic
	 * @param whenEnded told once, when the client has left
	 */
	TopicStream(String component, String topic, Consumer<TopicStream> whenEnded) {
		this.component = component;
		this.topic = topic;
		this.whenEnded = whenEnded;
		this.emitter.onCompletion(this::end);
		this.emitter.onError((ex) -> end());
		this.emitter.onTimeout(this::complete);
	}

	/**
	 * Subscribe, in a group of its own, so that each client gets every message. The group
	 * is gone with the client, if the component can do that; with one that cannot, take
	 * one subscription for all clients instead.
	 * @return what sends to the client
	 */
	SseEmitter begin(PubSub pubSub) throws IOException {
		this.emitter.send(SseEmitter.event().comment("messages of topic " + printable(this.topic)));
		Subscription subscription = pubSub.subscribe(SubscribeRequest.of(this.topic)
			.withConcurrency(1)
			.withGrace(GRACE)
			.withMetadata(Map.of(PubSubKind.CONSUMER_ID, "client-" + UUID.randomUUID(), "deletedWhenUnused", "true")),
				this::send);
		this.subscription = subscription;
		if (this.ended.get()) {
			subscription.drain(GRACE);
		}
		return this.emitter;
	}

	private MessageOutcome send(Message message) {
		SseEmitter.SseEventBuilder event = SseEmitter.event();
		if (printable(message.id()).equals(message.id())) {
			event.id(message.id());
		}
		event.data(Event.of(message), MediaType.APPLICATION_JSON);
		this.sending.lock();
		try {
			this.emitter.send(event);
			return MessageOutcome.ACK;
		}
		catch (IOException | IllegalStateException ex) {
			end();
			return MessageOutcome.RETRY;
		}
		finally {
			this.sending.unlock();
		}
	}

	/** A line break would begin another field of the event. */
	private static String printable(String text) {
		return text.replaceAll("\\p{Cntrl}", "?");
	}

	/**
	 * Send something that the client ignores, since a client that has left is noticed by
	 * sending only. While a message is being sent, that will do.
	 */
	void heartbeat() {
		if (!this.sending.tryLock()) {
			return;
		}
		try {
			this.emitter.send(SseEmitter.event().comment("heartbeat"));
		}
		catch (IOException | IllegalStateException ex) {
			end();
		}
		finally {
			this.sending.unlock();
		}
	}

	/**
	 * End it, and tell the client.
	 */
	void complete() {
		end();
		this.emitter.complete();
	}

	/**
	 * The client has left. Does not wait for anything.
	 */
	void end() {
		if (this.ended.compareAndSet(false, true)) {
			this.whenEnded.accept(this);
			Subscription subscription = this.subscription;
			if (subscription != null) {
				subscription.drain(GRACE);
			}
		}
	}

	/**
	 * What is known of it now.
	 */
	View view() {
		Subscription subscription = this.subscription;
		if (subscription == null) {
			return new View(this.component, this.topic, StreamStatus.State.WAITING, 0);
		}
		StreamStatus status = subscription.status();
		return new View(this.component, this.topic, status.state(), status.received());
	}

	/**
	 * What is told of a client.
	 *
	 * @param component name of the component
	 * @param topic the topic
	 * @param state whether messages flow
	 * @param received how many messages were received
	 */
	record View(String component, String topic, StreamStatus.State state, long received) {
	}

	/**
	 * What is sent of a message.
	 *
	 * @param id its id, as the component chose it
	 * @param topic the topic that it was published to
	 * @param contentType its media type, if it is known
	 * @param data its data, if they are a text
	 * @param base64 its data otherwise
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	record Event(String id, String topic, @Nullable String contentType, @Nullable String data,
			@Nullable String base64) {

		static Event of(Message message) {
			String text = ContentTypes.text(message.data());
			return new Event(message.id(), message.topic(), message.contentType(), text,
					(text != null) ? null : Base64.getEncoder().encodeToString(message.data()));
		}

	}

}
