package dev.pluggable.benchmarks.soak;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures how long this process did not run because the machine was busy or the garbage
 * was collected. Time limits do not include these pauses.
 */
final class Pauses implements AutoCloseable {

	private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	/** Smaller delays are usual. */
	private static final long USUAL_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

	private final AtomicLong nanos = new AtomicLong();

	private final Thread thread = new Thread(this::run, "soak-pauses");

	private volatile boolean closed;

	Pauses() {
		this.thread.start();
	}

	private void run() {
		long before = System.nanoTime();
		while (!this.closed) {
			try {
				TimeUnit.NANOSECONDS.sleep(STEP_NANOS);
			}
			catch (InterruptedException ex) {
				return;
			}
			long now = System.nanoTime();
			long late = now - before - STEP_NANOS;
			if (late > USUAL_NANOS) {
				this.nanos.addAndGet(late);
			}
			before = now;
		}
	}

	/**
	 * Return the sum of all pauses so far.
	 */
	long nanos() {
		return this.nanos.get();
	}

	@Override
	public void close() throws InterruptedException {
		this.closed = true;
		this.thread.join();
	}

}
