package dev.pluggable.benchmarks.soak;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.pluggable.bindings.BindingEvent;
import dev.pluggable.bindings.InputBindingKind;
import dev.pluggable.bindings.Reading;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;

/**
 * Verifies that a schedule goes on and that values expire in time, whatever the time of
 * day is.
 */
final class TimeWatch implements AutoCloseable {

	/** Name of the cron binding, which runs each second. */
	static final String TICKS = "ticks";

	/** Name of the store in memory. */
	static final String MEMORY = "memory";

	private static final String KEY = "key";

	private static final Duration TTL = Duration.ofSeconds(2);

	/** Later than its time to live, a value must be gone. */
	private static final Duration BEYOND = Duration.ofSeconds(1);

	private static final Duration LONGEST_GAP = Duration.ofSeconds(4);

	private static final long STEP_MILLIS = 100;

	private final StateStore store;

	private final Journal journal;

	private final Pauses pauses;

	private final Reading reading;

	private final AtomicLong runs = new AtomicLong();

	private final AtomicLong lastRun = new AtomicLong();

	private final long begun = System.nanoTime();

	private final Thread thread = new Thread(this::run, "soak-time");

	private volatile boolean closed;

	private long expired;

	private long longestGap;

	TimeWatch(ComponentHost host, Journal journal, Pauses pauses) {
		this.store = host.registry().find(StateStoreKind.INSTANCE, MEMORY).orElseThrow().instance();
		this.journal = journal;
		this.pauses = pauses;
		this.lastRun.set(now());
		this.reading = host.registry().find(InputBindingKind.INSTANCE, TICKS).orElseThrow().instance().read(this::tick);
		this.thread.setUncaughtExceptionHandler((failed, ex) -> journal.violated(Journal.Promise.PROGRAM, Fault.CLOCK,
				failed.getName() + " ended with " + ex));
		this.thread.start();
	}

	private byte[] tick(BindingEvent event) {
		this.runs.incrementAndGet();
		this.lastRun.set(now());
		return new byte[0];
	}

	private void run() {
		try {
			while (!this.closed) {
				long set = System.nanoTime();
				this.store.set(SetRequest.of(KEY, "value").withTtl(TTL));
				long latest = now() + TTL.plus(BEYOND).toNanos();
				while (this.store.get(KEY).isPresent() && !this.closed) {
					if (now() - latest > 0) {
						violated("a value did not expire");
						this.store.delete(KEY);
					}
					verifyGap();
					TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
				}
				long age = System.nanoTime() - set;
				if (!this.closed && age < TTL.toNanos()) {
					violated("a value expired after " + TimeUnit.NANOSECONDS.toMillis(age) + " ms");
				}
				this.expired++;
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void verifyGap() {
		long last = this.lastRun.get();
		long gap = now() - last;
		this.longestGap = Math.max(this.longestGap, gap);
		if (gap > LONGEST_GAP.toNanos() && this.lastRun.compareAndSet(last, now())) {
			violated("the schedule did not run for " + TimeUnit.NANOSECONDS.toMillis(gap) + " ms");
		}
	}

	/**
	 * Return a time that does not include pauses.
	 */
	private long now() {
		return System.nanoTime() - this.pauses.nanos();
	}

	private void violated(String what) {
		this.journal.violated(Journal.Promise.TIME, Fault.CLOCK, what);
	}

	long expired() {
		return this.expired;
	}

	long runs() {
		return this.runs.get();
	}

	long longestGapMillis() {
		return TimeUnit.NANOSECONDS.toMillis(this.longestGap);
	}

	/**
	 * End, and verify the number of runs.
	 * @param changes how often the time of day has changed; each change may bring one run
	 */
	void end(int changes) throws InterruptedException {
		close();
		long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - this.begun);
		if (runs() > seconds + changes + 2) {
			violated("the schedule ran " + runs() + " times in " + seconds + " s with " + changes + " changes");
		}
	}

	@Override
	public void close() throws InterruptedException {
		this.closed = true;
		this.thread.join();
		this.reading.close();
	}

}
