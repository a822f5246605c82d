package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

import dev.pluggable.stream.HandlerRunner;
import dev.pluggable.stream.HandlerStoppedException;
import dev.pluggable.stream.HandlerTimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the messages of a subscription to its handler: as often as the subscription says,
 * then to the dead-letter topic or back. How many are handled at a time is up to the
 * caller. Safe for use by many threads.
 */
final class MessageDelivery {

	/** Metadata of a dead letter: the topic that it was received from. */
	static final String DEAD_LETTER_SOURCE = "deadLetterSource";

	/** Metadata of a dead letter: why it could not be handled. */
	static final String DEAD_LETTER_REASON = "deadLetterReason";

	private static final Logger logger = LoggerFactory.getLogger(MessageDelivery.class);

	private static final Duration DEAD_LETTER_TIMEOUT = Duration.ofSeconds(30);

	private static final String ASKED = "the handler asked for another attempt";

	private static final String STOPPED = "the subscription has ended";

	private static final Pattern CONTROL = Pattern.compile("\\p{C}+");

	private static final int MAX_SHOWN = 200;

	private final SubscribeRequest request;

	private final MessageHandler handler;

	private final ScheduledExecutorService timer;

	private final Consumer<PublishRequest> publisher;

	private final HandlerRunner runner;

	private final HandlerRunner deadLetters;

	private final Set<Delivery> deliveries = ConcurrentHashMap.newKeySet();

	private volatile boolean finishing;

	private volatile boolean stopped;

	/**
	 * Deliveries of one subscription.
	 * @param request how messages are to be handled
	 * @param handler handles them
	 * @param executor runs the handler and the publisher, which may block
	 * @param timer ends their time
	 * @param publisher publishes to the dead-letter topic
	 */
	MessageDelivery(SubscribeRequest request, MessageHandler handler, Executor executor, ScheduledExecutorService timer,
			Consumer<PublishRequest> publisher) {
		this.request = request;
		this.handler = handler;
		this.timer = timer;
		this.publisher = publisher;
		this.runner = new HandlerRunner(executor, timer, request.handlerTimeout());
		this.deadLetters = new HandlerRunner(executor, timer, DEAD_LETTER_TIMEOUT);
	}

	/**
	 * Begin to deliver a message. Does not block.
	 * @param message the message
	 * @return what is to be known of the delivery
	 */
	Delivered deliver(Message message) {
		Delivery delivery = new Delivery(message);
		this.deliveries.add(delivery);
		delivery.ended.whenComplete((ended, failure) -> this.deliveries.remove(delivery));
		delivery.attempt();
		return new Delivered(delivery.verdict, delivery.ended);
	}

	/**
	 * Make no further attempts. Those that run may go on; messages that wait for another
	 * are given back.
	 */
	void finish() {
		this.finishing = true;
		this.deliveries.forEach(Delivery::finish);
	}

	/**
	 * End all attempts, because nobody waits for them any more. Messages whose verdict is
	 * open are given back.
	 */
	void stop() {
		this.stopped = true;
		finish();
		this.runner.stopAll();
		this.deadLetters.stopAll();
	}

	/**
	 * Whether the calling thread handles a message.
	 * @return {@code true} if so
	 */
	boolean isHandling() {
		return this.runner.isHandling();
	}

	private static String reason(@Nullable MessageOutcome outcome, @Nullable Throwable failure) {
		if (failure instanceof HandlerTimeoutException) {
			// The only failure whose message is ours, so that it cannot contain payload.
			return String.valueOf(failure.getMessage());
		}
		if (failure != null) {
			return "the handler failed with " + failure.getClass().getName();
		}
		return (outcome == null) ? "the handler gave no outcome" : ASKED;
	}

	private static String place(@Nullable Throwable failure) {
		StackTraceElement[] trace = (failure != null) ? failure.getStackTrace() : new StackTraceElement[0];
		return (trace.length > 0) ? " (" + trace[0] + ")" : "";
	}

	private static String shown(String text) {
		String clean = CONTROL.matcher(text).replaceAll(" ");
		return (clean.length() > MAX_SHOWN) ? clean.substring(0, MAX_SHOWN) + "..." : clean;
	}

	/**
	 * What is to be known of the delivery of one message.
	 *
	 * @param verdict completes, never with an exception, with what to tell the component
	 * @param ended completes, never with an exception and not before the verdict, when
	 * the message takes up no thread and no asynchronous work any more
	 */
	record Delivered(CompletionStage<Verdict> verdict, CompletionStage<@Nullable Void> ended) {
	}

	/**
	 * What to tell the component of a message.
	 *
	 * @param retryReason {@code null} if the message is done with; otherwise the
	 * component has to send it again, for this reason, which contains nothing of the
	 * message
	 */
	record Verdict(@Nullable String retryReason) {

		static final Verdict ACK = new Verdict(null);

		boolean acknowledged() {
			return this.retryReason == null;
		}

	}

	/**
	 * The delivery of one message: attempts one after the other, each in a run of its
	 * own.
	 */
	private final class Delivery {

		private final Message message;

		private final CompletableFuture<Verdict> verdict = new CompletableFuture<>();

		private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

		private int attempts;

		/**
		 * The wait for the next attempt, guarded by this object as is what follows it.
		 */
		private @Nullable Future<?> waiting;

		private @Nullable String lastReason;

		private volatile @Nullable Throwable failure;

		Delivery(Message message) {
			this.message = message;
		}

		void attempt() {
			synchronized (this) {
				if (MessageDelivery.this.stopped) {
					giveBack(STOPPED);
					this.ended.complete(null);
					return;
				}
				this.attempts++;
			}
			HandlerRunner.Running<MessageOutcome> running = MessageDelivery.this.runner.run(this::handle);
			running.outcome().whenComplete((outcome, failure) -> attempted(outcome, failure, running.ended()));
			if (MessageDelivery.this.stopped) {
				MessageDelivery.this.runner.stopAll();
			}
		}

		private @Nullable CompletionStage<MessageOutcome> handle() {
			return MessageDelivery.this.handler.handleAsync(this.message);
		}

		private void attempted(@Nullable MessageOutcome outcome, @Nullable Throwable failure,
				CompletionStage<?> attemptEnded) {
			if (outcome == MessageOutcome.ACK) {
				this.verdict.complete(Verdict.ACK);
				endAfter(attemptEnded);
			}
			else if (outcome == MessageOutcome.DROP) {
				dispose("the handler dropped it", true, attemptEnded);
			}
			else if (failure instanceof MessageDroppedException dropped) {
				dispose("the handler dropped it: " + shown(String.valueOf(dropped.getMessage())), true, attemptEnded);
			}
			else if (failure instanceof HandlerStoppedException) {
				giveBack(STOPPED);
				endAfter(attemptEnded);
			}
			else {
				this.failure = failure;
				failed(reason(outcome, failure), attemptEnded);
			}
		}

		private void failed(String reason, CompletionStage<?> attemptEnded) {
			if (this.attempts >= MessageDelivery.this.request.attempts()) {
				dispose(reason, false, attemptEnded);
				return;
			}
			synchronized (this) {
				this.lastReason = reason;
				if (!MessageDelivery.this.finishing) {
					Duration delay = MessageDelivery.this.request.retryDelay();
					try {
						this.waiting = MessageDelivery.this.timer.schedule(() -> retry(reason, attemptEnded),
								delay.toNanos(), TimeUnit.NANOSECONDS);
						return;
					}
					catch (RejectedExecutionException ex) {
						// Whoever owns the timer is stopping.
					}
				}
			}
			returned(reason);
			endAfter(attemptEnded);
		}

		/**
		 * An attempt that was not over in time may still have its thread, which the next
		 * one must wait for. It gets as long again to go; then there is no next one.
		 */
		private void retry(String reason, CompletionStage<?> attemptEnded) {
			synchronized (this) {
				if (this.waiting == null || MessageDelivery.this.finishing) {
					// It is given back: that this runs cannot be prevented any more.
					return;
				}
				this.waiting = null;
			}
			if (attemptEnded.toCompletableFuture().isDone()) {
				attempt();
				return;
			}
			CompletableFuture<Boolean> free = new CompletableFuture<>();
			Future<?> alarm;
			try {
				alarm = MessageDelivery.this.timer.schedule(() -> free.complete(false),
						MessageDelivery.this.request.handlerTimeout().toNanos(), TimeUnit.NANOSECONDS);
			}
			catch (RejectedExecutionException ex) {
				returned(reason);
				endAfter(attemptEnded);
				return;
			}
			attemptEnded.whenComplete((ended, failure) -> free.complete(true));
			free.thenAccept((isFree) -> {
				alarm.cancel(false);
				if (isFree && !MessageDelivery.this.finishing) {
					attempt();
				}
				else if (isFree) {
					returned(reason);
					endAfter(attemptEnded);
				}
				else {
					dispose(reason + ", and its thread does not end", false, attemptEnded);
				}
			});
		}

		/**
		 * No further attempt is made.
		 */
		private void dispose(String reason, boolean dropped, CompletionStage<?> attemptEnded) {
			String topic = MessageDelivery.this.request.deadLetterTopic();
			if (topic == null && dropped) {
				if (this.verdict.complete(Verdict.ACK)) {
					log(reason, "it is not sent again, as there is no dead-letter topic");
				}
				endAfter(attemptEnded);
			}
			else if (topic == null) {
				returned(reason);
				endAfter(attemptEnded);
			}
			else if (MessageDelivery.this.stopped) {
				giveBack(STOPPED);
				endAfter(attemptEnded);
			}
			else {
				publish(topic, reason, attemptEnded);
			}
		}

		private void publish(String topic, String reason, CompletionStage<?> attemptEnded) {
			HandlerRunner.Running<Boolean> publishing = MessageDelivery.this.deadLetters.run(() -> {
				MessageDelivery.this.publisher.accept(deadLetter(topic, reason));
				return CompletableFuture.completedFuture(true);
			});
			publishing.outcome().whenComplete((published, failure) -> {
				if (failure == null) {
					if (this.verdict.complete(Verdict.ACK)) {
						log(reason, "it went to the dead-letter topic '" + shown(topic) + "'");
					}
				}
				else if (failure instanceof HandlerStoppedException) {
					giveBack(STOPPED);
				}
				else if (giveBack(reason + ", and the dead-letter topic did not take it")) {
					log(reason, "it goes back to the component, as publishing it to the dead-letter topic '"
							+ shown(topic) + "' failed with " + failure.getClass().getName());
				}
				attemptEnded.whenComplete((ended, ignored) -> endAfter(publishing.ended()));
			});
			if (MessageDelivery.this.stopped) {
				MessageDelivery.this.deadLetters.stopAll();
			}
		}

		private PublishRequest deadLetter(String topic, String reason) {
			Map<String, String> metadata = new HashMap<>(this.message.metadata());
			// It would expire as the message did not.
			metadata.remove(InMemoryPubSub.TTL);
			metadata.put(DEAD_LETTER_SOURCE, this.message.topic());
			metadata.put(DEAD_LETTER_REASON, reason);
			return new PublishRequest(topic, this.message.data(), this.message.contentType(), metadata);
		}

		private void returned(String reason) {
			if (!giveBack(reason)) {
				return;
			}
			if (reason.equals(ASKED)) {
				logger.debug("A message of topic '{}' (id '{}') goes back to the component as its handler asked",
						shown(this.message.topic()), shown(this.message.id()));
			}
			else {
				log(reason, "it goes back to the component");
			}
		}

		private boolean giveBack(String reason) {
			return this.verdict.complete(new Verdict(reason));
		}

		private void endAfter(CompletionStage<?> stage) {
			stage.whenComplete((value, failure) -> this.ended.complete(null));
		}

		void finish() {
			String reason;
			synchronized (this) {
				reason = (this.waiting != null) ? this.lastReason : null;
				if (this.waiting != null) {
					this.waiting.cancel(false);
					this.waiting = null;
				}
			}
			if (reason != null) {
				returned(reason);
				this.ended.complete(null);
			}
			if (MessageDelivery.this.stopped) {
				giveBack(STOPPED);
			}
		}

		private void log(String reason, String consequence) {
			logger.warn("A message of topic '{}' (id '{}') was not handled in {} of {} attempts: {}{}; {}",
					shown(this.message.topic()), shown(this.message.id()), this.attempts,
					MessageDelivery.this.request.attempts(), reason, place(this.failure), consequence);
		}

	}

}
