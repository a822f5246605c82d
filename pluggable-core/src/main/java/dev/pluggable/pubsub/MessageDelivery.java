package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

import dev.pluggable.internal.support.LogText;
import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservedHandling;
import dev.pluggable.stream.HandlerFailureLog;
import dev.pluggable.stream.HandlerRunner;
import dev.pluggable.stream.HandlerStoppedException;
import dev.pluggable.stream.HandlerTimeoutException;
import dev.pluggable.stream.Settlement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the messages of a subscription to its handler. A message gets as many attempts
 * as the subscription allows; after the last one, it goes to the dead-letter topic or
 * back to the component. The caller limits the number of messages that are delivered at
 * the same time. Safe for use by many threads.
 *
 * @param <A> the answer to the component
 */
final class MessageDelivery<A> {

	private static final Logger logger = LoggerFactory.getLogger(MessageDelivery.class);

	private static final Duration DEAD_LETTER_TIMEOUT = Duration.ofSeconds(30);

	private static final String ASKED = "the handler asked for another attempt";

	private static final String STOPPED = "the subscription has ended";

	private static final int MAX_SHOWN = 200;

	private final SubscribeRequest request;

	private final MessageHandler handler;

	/**
	 * Tells a listener of each message, {@code null} if nobody listens.
	 */
	private final @Nullable ObservedMessageHandler observed;

	private final ScheduledExecutorService timer;

	private final BiFunction<String, Verdict, A> answers;

	private final HandlerRunner runner;

	private final HandlerFailureLog failures = new HandlerFailureLog(logger);

	private final @Nullable DeadLetters deadLetters;

	/**
	 * The messages that wait for their next attempt.
	 */
	private final Set<Delivery> waiting = ConcurrentHashMap.newKeySet();

	private volatile boolean finishing;

	private volatile boolean stopped;

	/**
	 * Create the deliveries of one subscription.
	 * @param request limits of the subscription
	 * @param handler handles the messages
	 * @param runners creates a runner with a timeout, for the handler and for the
	 * publisher
	 * @param timer delays further attempts
	 * @param publisher publishes dead letters, and may block
	 * @param answers turns the id of a message and the verdict into the answer
	 */
	MessageDelivery(SubscribeRequest request, MessageHandler handler, Function<Duration, HandlerRunner> runners,
			ScheduledExecutorService timer, Consumer<PublishRequest> publisher,
			BiFunction<String, Verdict, A> answers) {
		this.request = request;
		this.observed = (handler instanceof ObservedMessageHandler observed) ? observed : null;
		this.handler = (this.observed != null) ? this.observed.handler() : handler;
		this.timer = timer;
		this.answers = answers;
		this.runner = runners.apply(request.handlerTimeout());
		String topic = request.deadLetterTopic();
		this.deadLetters = (topic != null) ? new DeadLetters(topic, publisher, runners.apply(DEAD_LETTER_TIMEOUT))
				: null;
	}

	/**
	 * Begin to deliver a message. Does not block.
	 * @param settlement is settled with the answer to the component, never with a failure
	 */
	void deliver(Message message, Settlement<? super A> settlement) {
		ObservedMessageHandler observed = this.observed;
		Delivery delivery = (observed != null) ? new ObservedDelivery(message, settlement, observed.received(message))
				: new Delivery(message, settlement);
		delivery.attempt();
	}

	/**
	 * Make no further attempts. Attempts that run go on; messages that wait for their
	 * next attempt go back to the component.
	 */
	void finish() {
		this.finishing = true;
		this.waiting.forEach(Delivery::finish);
	}

	/**
	 * Stop all attempts, because nobody waits for their answers. Messages without an
	 * answer go back to the component.
	 */
	void stop() {
		this.stopped = true;
		finish();
		stopAttempts();
	}

	private void stopAttempts() {
		this.runner.stopAll();
		if (this.deadLetters != null) {
			this.deadLetters.stop();
		}
	}

	/**
	 * Whether the calling thread handles a message.
	 */
	boolean isHandling() {
		return this.runner.isHandling();
	}

	private static String reason(@Nullable MessageOutcome outcome, @Nullable Throwable failure) {
		if (failure instanceof HandlerTimeoutException) {
			// Messages of other exceptions are not ours and may contain payload.
			return String.valueOf(failure.getMessage());
		}
		if (failure != null) {
			return "the handler failed with " + failure.getClass().getName();
		}
		return (outcome == null) ? "the handler gave no outcome" : ASKED;
	}

	private static String shown(String text) {
		return LogText.oneLine(text, MAX_SHOWN);
	}

	/**
	 * The final result for a message.
	 *
	 * @param retryReason {@code null} if the component can forget the message; otherwise
	 * the reason why the component has to send it again, which contains nothing of the
	 * message
	 */
	record Verdict(@Nullable String retryReason) {

		static final Verdict ACK = new Verdict(null);

		boolean acknowledged() {
			return this.retryReason == null;
		}

	}

	/**
	 * The delivery of one message. Its attempts follow each other, so that only one
	 * thread at a time decides about the next step: the thread that ends an attempt, or
	 * the thread that ends the wait for the next one.
	 */
	private class Delivery
			implements Callable<CompletionStage<MessageOutcome>>, BiConsumer<MessageOutcome, @Nullable Throwable> {

		private final Message message;

		private final Settlement<? super A> settlement;

		private int attempts;

		private String lastReason = "";

		@Nullable Throwable failure;

		/**
		 * The wait for the next attempt, guarded by this object.
		 */
		private @Nullable Future<?> wait;

		Delivery(Message message, Settlement<? super A> settlement) {
			this.message = message;
			this.settlement = settlement;
		}

		void attempt() {
			if (MessageDelivery.this.stopped) {
				settle(new Verdict(STOPPED));
				return;
			}
			this.attempts++;
			MessageDelivery.this.runner.run(this.settlement, this, this);
			if (MessageDelivery.this.stopped) {
				stopAttempts();
			}
		}

		@Override
		public CompletionStage<MessageOutcome> call() {
			return MessageDelivery.this.handler.handleAsync(this.message);
		}

		@Override
		public void accept(@Nullable MessageOutcome outcome, @Nullable Throwable failure) {
			if (outcome == MessageOutcome.ACK) {
				settle(Verdict.ACK, MessageListener.Outcome.ACK);
			}
			else if (outcome == MessageOutcome.DROP) {
				dispose("the handler dropped it", true);
			}
			else if (failure instanceof MessageDroppedException dropped) {
				this.failure = dropped.getCause();
				dispose("the handler dropped it: " + shown(String.valueOf(dropped.getMessage())), true);
			}
			else if (failure instanceof HandlerStoppedException) {
				settle(new Verdict(STOPPED));
			}
			else {
				this.failure = failure;
				failed(reason(outcome, failure));
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
				giveBack(reason);
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
				// The owner of the timer is stopping.
				return false;
			}
		}

		/**
		 * Begin the next attempt, unless the handler of an attempt that timed out still
		 * runs. That handler gets the time of one more attempt to return; if it does not,
		 * there is no further attempt.
		 */
		private void retry() {
			if (!this.settlement.isHeld()) {
				attemptAgain();
				return;
			}
			boolean waits;
			synchronized (this) {
				waits = this.wait != null && await(this::giveUp, MessageDelivery.this.request.handlerTimeout());
			}
			if (waits) {
				this.settlement.whenIdle(this::attemptAgain);
			}
			else {
				finish();
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
		 * End the wait. The caller that ends it decides about the next step. A scheduled
		 * task may run although it was cancelled: for that task, the wait is over.
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
				giveBack(this.lastReason);
			}
		}

		/**
		 * Settle a message that gets no further attempt.
		 */
		private void dispose(String reason, boolean dropped) {
			DeadLetters deadLetters = MessageDelivery.this.deadLetters;
			if (deadLetters == null && dropped) {
				log(reason, "it is not sent again, as there is no dead-letter topic");
				settle(Verdict.ACK, MessageListener.Outcome.DROP);
			}
			else if (deadLetters == null) {
				giveBack(reason);
			}
			else if (MessageDelivery.this.stopped) {
				settle(new Verdict(STOPPED));
			}
			else {
				deadLetters.publish(this.settlement, this.message, reason,
						(failure) -> published(shown(deadLetters.topic()), reason, failure));
				if (MessageDelivery.this.stopped) {
					stopAttempts();
				}
			}
		}

		private void published(String topic, String reason, @Nullable Throwable failure) {
			if (failure == null) {
				log(reason, "it went to the dead-letter topic '" + topic + "'");
				settle(Verdict.ACK, MessageListener.Outcome.DEAD_LETTER);
			}
			else if (failure instanceof HandlerStoppedException) {
				settle(new Verdict(STOPPED));
			}
			else {
				log(reason, "it goes back to the component, as publishing it to the dead-letter topic '" + topic
						+ "' failed with " + failure.getClass().getName());
				settle(new Verdict(reason + ", and the dead-letter topic did not take it"));
			}
		}

		private void giveBack(String reason) {
			if (reason.equals(ASKED)) {
				logger.debug("A message of topic '{}' (id '{}') goes back to the component as its handler asked",
						shown(this.message.topic()), shown(this.message.id()));
			}
			else {
				log(reason, "it goes back to the component");
			}
			settle(new Verdict(reason));
		}

		private void settle(Verdict verdict) {
			settle(verdict, MessageListener.Outcome.RETRY);
		}

		/**
		 * End the delivery. Called once.
		 */
		void settle(Verdict verdict, MessageListener.Outcome outcome) {
			this.settlement.settle(MessageDelivery.this.answers.apply(this.message.id(), verdict));
		}

		private void log(String reason, String consequence) {
			MessageDelivery.this.failures.log(
					"A message of topic '" + shown(this.message.topic()) + "' (id '" + shown(this.message.id())
							+ "') was not handled in " + this.attempts + " of "
							+ MessageDelivery.this.request.attempts() + " attempts: " + reason + "; " + consequence,
					this.failure, this.message.data());
		}

	}

	/**
	 * The delivery of a message of which a listener hears.
	 */
	private final class ObservedDelivery extends Delivery {

		private final MessageListener.Handling handling;

		ObservedDelivery(Message message, Settlement<? super A> settlement, MessageListener.Handling handling) {
			super(message, settlement);
			this.handling = handling;
		}

		@Override
		public CompletionStage<MessageOutcome> call() {
			return ObservedHandling.within(this.handling, super::call);
		}

		@Override
		void settle(Verdict verdict, MessageListener.Outcome outcome) {
			this.handling.ended(outcome, this.failure);
			super.settle(verdict, outcome);
		}

	}

}
