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
 * A client that follows a topic. The stream acknowledges a message when it has sent the
 * message to the client, and asks for the next one then. A slow client slows down its own
 * subscription, and messages do not gather here.
 */
final class TopicStream {

	/** A browser reconnects by itself, so a stream may end after this time. */
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
	 * Create a client that gets no messages yet.
	 * @param component name of the component
	 * @param topic the topic
	 * @param whenEnded called once, when the client has left
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
	 * Subscribe in a group of its own, so that each client gets every message. A
	 * component that supports {@code deletedWhenUnused} deletes the group when the client
	 * leaves. For other components, use one subscription for all clients instead.
	 * @return the emitter that sends to the client
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

	/** A line break begins another field of the event. */
	private static String printable(String text) {
		return text.replaceAll("\\p{Cntrl}", "?");
	}

	/**
	 * Send a comment that the client ignores, because only sending detects that a client
	 * has left. Does nothing while a message is being sent.
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
	 * End the stream, and tell the client.
	 */
	void complete() {
		end();
		this.emitter.complete();
	}

	/**
	 * End the stream after the client has left. Does not wait.
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
	 * The current status.
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
	 * A client, as the list shows it.
	 *
	 * @param component name of the component
	 * @param topic the topic
	 * @param state whether messages flow
	 * @param received how many messages were received
	 */
	record View(String component, String topic, StreamStatus.State state, long received) {
	}

	/**
	 * A message, as the client gets it.
	 *
	 * @param id the id that the component chose
	 * @param topic the topic of the message
	 * @param contentType the media type, {@code null} if it is unknown
	 * @param data the data, if they are a text
	 * @param base64 the data in base64 otherwise
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
