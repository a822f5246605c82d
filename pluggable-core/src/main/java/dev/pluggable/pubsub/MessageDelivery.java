package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.pluggable.internal.support.LogText;
import dev.pluggable.stream.HandlerRunner;
import dev.pluggable.stream.HandlerStoppedException;
import dev.pluggable.stream.HandlerTimeoutException;
import dev.pluggable.stream.HandlingListener;
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

	private static final int MAX_SHOWN = 200;

	private final SubscribeRequest request;

	private final MessageHandler handler;

	private final ScheduledExecutorService timer;

	private final Consumer<PublishRequest> publisher;

	private final HandlerRunner runner;

	private final HandlerRunner deadLetters;

	/**
	 * Those that wait for another attempt.
	 */
	private final Set<Delivery> waiting = ConcurrentHashMap.newKeySet();

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
	 * @param listener hears what to tell the component, never of a failure
	 */
	void deliver(Message message, HandlingListener<Verdict> listener) {
		new Delivery(message, listener).attempt();
	}

	/**
	 * Make no further attempts. Those that run may go on; messages that wait for another
	 * are given back.
	 */
	void finish() {
		this.finishing = true;
		this.waiting.forEach(Delivery::finish);
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
		return LogText.oneLine(text, MAX_SHOWN);
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
	 * own, of which this is the listener. So only one thread at a time decides what comes
	 * next: that of the attempt, or whoever ends the wait for another one.
	 */
	private final class Delivery
			implements Callable<CompletionStage<MessageOutcome>>, HandlingListener<@Nullable MessageOutcome> {

		private final Message message;

		private final HandlingListener<Verdict> listener;

		private int attempts;

		private String lastReason = "";

		private @Nullable Throwable failure;

		/**
		 * The wait for the next attempt, guarded by this object as is what follows it.
		 */
		private @Nullable Future<?> wait;

		/**
		 * Whether no attempt takes up anything.
		 */
		private boolean free = true;

		private @Nullable Runnable whenFree;

		Delivery(Message message, HandlingListener<Verdict> listener) {
			this.message = message;
			this.listener = listener;
		}

		void attempt() {
			if (MessageDelivery.this.stopped) {
				giveBack(STOPPED);
				end();
				return;
			}
			this.attempts++;
			synchronized (this) {
				this.free = false;
			}
			MessageDelivery.this.runner.run(this, this);
			if (MessageDelivery.this.stopped) {
				MessageDelivery.this.runner.stopAll();
			}
		}

		@Override
		public CompletionStage<MessageOutcome> call() {
			return MessageDelivery.this.handler.handleAsync(this.message);
		}

		@Override
		public void completed(@Nullable MessageOutcome outcome, @Nullable Throwable failure) {
			if (outcome == MessageOutcome.ACK) {
				settle(Verdict.ACK);
				end();
			}
			else if (outcome == MessageOutcome.DROP) {
				dispose("the handler dropped it", true);
			}
			else if (failure instanceof MessageDroppedException dropped) {
				dispose("the handler dropped it: " + shown(String.valueOf(dropped.getMessage())), true);
			}
			else if (failure instanceof HandlerStoppedException) {
				giveBack(STOPPED);
				end();
			}
			else {
				this.failure = failure;
				failed(reason(outcome, failure));
			}
		}

		@Override
		public void ended() {
			Runnable next;
			synchronized (this) {
				this.free = true;
				next = this.whenFree;
				this.whenFree = null;
			}
			if (next != null) {
				next.run();
			}
		}

		private void failed(String reason) {
			this.lastReason = reason;
			if (this.attempts >= MessageDelivery.this.request.attempts()) {
				dispose(reason, false);
				return;
			}
			MessageDelivery.this.waiting.add(this);
			if (!await(this::retry, MessageDelivery.this.request.retryDelay())) {
				MessageDelivery.this.waiting.remove(this);
				returned(reason);
				end();
			}
		}

		private synchronized boolean await(Runnable next, Duration delay) {
			if (MessageDelivery.this.finishing) {
				return false;
			}
			try {
				this.wait = MessageDelivery.this.timer.schedule(next, delay.toNanos(), TimeUnit.NANOSECONDS);
				return true;
			}
			catch (RejectedExecutionException ex) {
				// Whoever owns the timer is stopping.
				return false;
			}
		}

		/**
		 * An attempt that was not over in time may still have its thread, which the next
		 * one must wait for. It gets as long again to go; then there is no next one.
		 */
		private void retry() {
			boolean late;
			synchronized (this) {
				late = !this.free;
				if (this.wait != null && late && await(this::giveUp, MessageDelivery.this.request.handlerTimeout())) {
					this.whenFree = this::attemptAgain;
					return;
				}
			}
			if (late) {
				finish();
			}
			else {
				attemptAgain();
			}
		}

		private void attemptAgain() {
			if (MessageDelivery.this.finishing) {
				finish();
			}
			else if (endWait()) {
				attempt();
			}
		}

		/**
		 * Whoever ends the wait decides what comes next. That what was scheduled runs all
		 * the same cannot always be prevented.
		 */
		private synchronized boolean endWait() {
			Future<?> wait = this.wait;
			if (wait == null) {
				return false;
			}
			wait.cancel(false);
			this.wait = null;
			MessageDelivery.this.waiting.remove(this);
			return true;
		}

		private void giveUp() {
			if (endWait()) {
				dispose(this.lastReason + ", and its thread does not end", false);
			}
		}

		void finish() {
			if (endWait()) {
				returned(this.lastReason);
				end();
			}
		}

		/**
		 * No further attempt is made.
		 */
		private void dispose(String reason, boolean dropped) {
			String topic = MessageDelivery.this.request.deadLetterTopic();
			if (topic == null && dropped) {
				settle(Verdict.ACK);
				log(reason, "it is not sent again, as there is no dead-letter topic");
				end();
			}
			else if (topic == null) {
				returned(reason);
				end();
			}
			else if (MessageDelivery.this.stopped) {
				giveBack(STOPPED);
				end();
			}
			else {
				publish(topic, reason);
			}
		}

		private void publish(String topic, String reason) {
			MessageDelivery.this.deadLetters.run(() -> {
				MessageDelivery.this.publisher.accept(deadLetter(topic, reason));
				return CompletableFuture.completedFuture(true);
			}, new HandlingListener<@Nullable Boolean>() {

				@Override
				public void completed(@Nullable Boolean published, @Nullable Throwable failure) {
					if (failure == null) {
						settle(Verdict.ACK);
						log(reason, "it went to the dead-letter topic '" + shown(topic) + "'");
					}
					else if (failure instanceof HandlerStoppedException) {
						giveBack(STOPPED);
					}
					else {
						giveBack(reason + ", and the dead-letter topic did not take it");
						log(reason, "it goes back to the component, as publishing it to the dead-letter topic '"
								+ shown(topic) + "' failed with " + failure.getClass().getName());
					}
				}

				@Override
				public void ended() {
					end();
				}

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
			giveBack(reason);
			if (reason.equals(ASKED)) {
				logger.debug("A message of topic '{}' (id '{}') goes back to the component as its handler asked",
						shown(this.message.topic()), shown(this.message.id()));
			}
			else {
				log(reason, "it goes back to the component");
			}
		}

		private void giveBack(String reason) {
			settle(new Verdict(reason));
		}

		private void settle(Verdict verdict) {
			this.listener.completed(verdict, null);
		}

		private void end() {
			whenFree(this.listener::ended);
		}

		private void whenFree(Runnable next) {
			synchronized (this) {
				if (!this.free) {
					this.whenFree = next;
					return;
				}
			}
			next.run();
		}

		private void log(String reason, String consequence) {
			logger.warn("A message of topic '{}' (id '{}') was not handled in {} of {} attempts: {}{}; {}",
					shown(this.message.topic()), shown(this.message.id()), this.attempts,
					MessageDelivery.this.request.attempts(), reason, place(this.failure), consequence);
		}

	}

}
