package dev.pluggable.benchmarks.soak;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import dev.pluggable.host.HostSettings;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls, counts their outcomes and verifies their deadlines. Safe for use by many
 * threads.
 */
final class CallMeter {

	/** How much later than its deadline a call may end. */
	static final Duration BEYOND = Duration.ofSeconds(1);

	private static final Duration DEADLINE = HostSettings.defaultComponentSettings().callTimeout();

	private final String target;

	private final Journal journal;

	private final Pauses pauses;

	private final AtomicLong succeeded = new AtomicLong();

	private final AtomicLong notSent = new AtomicLong();

	private final AtomicLong maybeApplied = new AtomicLong();

	private final AtomicLong timedOut = new AtomicLong();

	private final AtomicLong reported = new AtomicLong();

	private final AtomicLong longestNanos = new AtomicLong();

	private volatile @Nullable PluggableException lastFailure;

	private final AtomicLong failuresOfFault = new AtomicLong();

	private volatile long faultBegan = System.nanoTime();

	CallMeter(String target, Journal journal, Pauses pauses) {
		this.target = target;
		this.journal = journal;
		this.pauses = pauses;
	}

	/**
	 * Make a call.
	 * @param what description of the call, for messages
	 * @param call the call
	 * @return the outcome
	 */
	Outcome call(String what, Runnable call) {
		long paused = this.pauses.nanos();
		long begun = System.nanoTime();
		PluggableException failure = null;
		try {
			call.run();
		}
		catch (PluggableException ex) {
			failure = ex;
		}
		long nanos = System.nanoTime() - begun;
		paused = this.pauses.nanos() - paused;
		this.longestNanos.accumulateAndGet(nanos, Math::max);
		// A call that mostly waited for a processor says nothing about the fault.
		if (failure != null && begun - this.faultBegan >= 0 && 2 * paused < nanos) {
			this.lastFailure = failure;
			this.failuresOfFault.incrementAndGet();
		}
		Outcome outcome = outcome(failure);
		if (nanos - paused > DEADLINE.plus(BEYOND).toNanos()) {
			this.journal.violated(Journal.Promise.DEADLINES, this.target,
					what + " took " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms with a deadline of "
							+ DEADLINE.toMillis() + " ms, and then " + outcome);
		}
		return outcome;
	}

	private Outcome outcome(@Nullable PluggableException ex) {
		if (ex == null) {
			this.succeeded.incrementAndGet();
			return Outcome.SUCCEEDED;
		}
		if (ex instanceof ComponentUnavailableException unavailable && !unavailable.mayHaveBeenApplied()) {
			this.notSent.incrementAndGet();
			return Outcome.NOT_SENT;
		}
		if (ex instanceof ComponentUnavailableException) {
			this.maybeApplied.incrementAndGet();
		}
		else if (ex instanceof ComponentTimeoutException) {
			this.timedOut.incrementAndGet();
		}
		else {
			this.reported.incrementAndGet();
		}
		return Outcome.UNCERTAIN;
	}

	long succeeded() {
		return this.succeeded.get();
	}

	long notSent() {
		return this.notSent.get();
	}

	long maybeApplied() {
		return this.maybeApplied.get();
	}

	long timedOut() {
		return this.timedOut.get();
	}

	long reported() {
		return this.reported.get();
	}

	/**
	 * Note the begin of a fault. A call that began before belongs to an earlier fault.
	 */
	void faultBegins() {
		this.faultBegan = System.nanoTime();
		this.failuresOfFault.set(0);
	}

	/**
	 * Return how many calls failed since the fault began.
	 */
	long failuresOfFault() {
		return this.failuresOfFault.get();
	}

	long longestMillis() {
		return TimeUnit.NANOSECONDS.toMillis(this.longestNanos.get());
	}

	@Nullable PluggableException lastFailure() {
		return this.lastFailure;
	}

	/**
	 * Whether a call took effect.
	 */
	enum Outcome {

		SUCCEEDED,

		/** The call failed and certainly had no effect. */
		NOT_SENT,

		/** The call failed and perhaps took effect. */
		UNCERTAIN

	}

}
