package dev.pluggable.stream;

import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * The fate of one message: its outcome, and the slot that it occupies.
 * <p>
 * A message is <i>settled</i> once, with an answer or with a failure; all later attempts
 * to settle it have no effect. A message is <i>held</i> by each thread or asynchronous
 * computation that still works on it. The message is <i>free</i> as soon as it is settled
 * and nothing holds it any more. A handler that does not return in time shows the
 * difference: the timeout settles the message, and the handler's thread holds it until
 * the thread is back.
 * <p>
 * The owner of the message, a subclass, is told of both events: exactly once, and always
 * in this order. The owner decides what an answer means: {@link ReopeningStream}, for
 * example, sends it on the stream from which the message came and on no other.
 * <p>
 * An author of a kind receives a settlement from {@link StreamProtocol#handle}, and
 * passes it to a {@link HandlerRunner} or settles it directly: <pre>{@code
 * public void handle(Order message, Settlement<Receipt> settlement) {
 *     if (message.isEmpty()) {
 *         settlement.settle(Receipt.REFUSED);
 *     }
 *     else {
 *         this.runner.run(settlement, () -> this.handler.apply(message));
 *     }
 * }
 * }</pre>
 * <p>
 * All methods are safe for use by many threads, and none of them blocks.
 *
 * @param <A> the answer
 * @since 0.1.0
 */
public abstract class Settlement<A extends @Nullable Object> {

	private static final int SETTLED = 1 << 30;

	/**
	 * The flag {@link #SETTLED}, plus the number of holds. The owner's handling of the
	 * outcome counts as a hold, so that the message is not free before the owner knows
	 * the outcome.
	 */
	private final AtomicInteger state = new AtomicInteger(1);

	private volatile @Nullable Runnable whenIdle;

	/**
	 * Create the settlement of a message that nothing holds yet.
	 */
	protected Settlement() {
	}

	/**
	 * Settle the message with an answer.
	 * @param answer the answer; a message that gets none has {@code null} as its answer
	 * @return {@code false} if the message was settled before, which makes this call
	 * ineffective
	 */
	public final boolean settle(A answer) {
		return settle(answer, null);
	}

	/**
	 * Settle the message with a failure: it gets no answer.
	 * @param failure the reason why there is no answer
	 * @return {@code false} if the message was settled before, which makes this call
	 * ineffective
	 */
	public final boolean fail(Throwable failure) {
		return settle(null, failure);
	}

	/**
	 * Whether the message is settled.
	 * @return {@code true} from the moment at which its outcome is decided
	 */
	public final boolean isSettled() {
		return (this.state.get() & SETTLED) != 0;
	}

	final boolean settle(@Nullable A answer, @Nullable Throwable failure) {
		int before;
		int after;
		do {
			before = this.state.get();
			if ((before & SETTLED) != 0) {
				return false;
			}
			// Without a hold, both events happen at once.
			after = (before == 1) ? SETTLED : before | SETTLED;
		}
		while (!this.state.compareAndSet(before, after));
		if (after == SETTLED) {
			onSettledAndFree(answer, failure);
			return true;
		}
		try {
			onSettled(answer, failure);
		}
		finally {
			release();
		}
		return true;
	}

	/**
	 * Hold the message for a thread or an asynchronous computation.
	 * @return {@code false} if the message is settled already, so that no work must begin
	 */
	final boolean hold() {
		int before;
		do {
			before = this.state.get();
			if ((before & SETTLED) != 0) {
				return false;
			}
		}
		while (!this.state.compareAndSet(before, before + 1));
		return true;
	}

	/**
	 * End a hold. Each successful call of {@link #hold()} is followed by one call of this
	 * method.
	 */
	final void release() {
		int left = this.state.decrementAndGet();
		if (left == SETTLED) {
			onFree();
		}
		else if (left == 1) {
			runWhenIdle();
		}
	}

	/**
	 * Whether a handler, or more than one, still works on the message.
	 * @return {@code true} if so
	 */
	public final boolean isHeld() {
		int now = this.state.get();
		return ((now & SETTLED) != 0) ? now > SETTLED : now > 1;
	}

	/**
	 * Run an action as soon as nothing holds the message, unless the message is settled
	 * by then: a further attempt begins when the thread of the one before is back. The
	 * action runs on the calling thread if nothing holds the message now, otherwise on
	 * the thread that ends the last hold.
	 * @param action the action, which replaces an earlier one that has not run
	 */
	public final void whenIdle(Runnable action) {
		synchronized (this) {
			this.whenIdle = action;
		}
		if (this.state.get() == 1) {
			runWhenIdle();
		}
	}

	private void runWhenIdle() {
		if (this.whenIdle == null) {
			return;
		}
		Runnable action;
		synchronized (this) {
			action = this.whenIdle;
			this.whenIdle = null;
		}
		if (action != null) {
			action.run();
		}
	}

	/**
	 * Receive the outcome of the message. Called once.
	 * @param answer the answer, {@code null} if the message gets none or has failed
	 * @param failure the reason why there is no answer, {@code null} unless the message
	 * has failed
	 */
	protected abstract void onSettled(@Nullable A answer, @Nullable Throwable failure);

	/**
	 * Take back the slot of the message: no thread and no asynchronous computation works
	 * on it any more. Called once, after {@link #onSettled}.
	 */
	protected abstract void onFree();

	/**
	 * Receive the outcome of a message that nothing holds, like most messages at that
	 * moment. Called instead of the two other methods; an owner overrides this method if
	 * it can do both in one step.
	 * @param answer the answer, {@code null} if the message gets none or has failed
	 * @param failure the reason why there is no answer, {@code null} unless the message
	 * has failed
	 */
	protected void onSettledAndFree(@Nullable A answer, @Nullable Throwable failure) {
		try {
			onSettled(answer, failure);
		}
		finally {
			onFree();
		}
	}

}
