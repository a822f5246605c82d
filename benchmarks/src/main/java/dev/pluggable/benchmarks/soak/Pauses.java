package dev.pluggable.benchmarks.soak;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Measures how much time the machine did not give to this process: the time in which the
 * process did not run, and the share of the time that a busy thread has to wait for a
 * processor. Time limits do not include these pauses, because the components and the host
 * need a processor, too.
 */
final class Pauses implements AutoCloseable {

	private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	/** Smaller delays are usual. */
	private static final long USUAL_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

	/** How often a thread is busy to find out its share. */
	private static final int STEPS_PER_SAMPLE = 40;

	/**
	 * Processor time of a sample: longer than a thread may run while others wait.
	 */
	private static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(6);

	private static final long WAIT_STEP_MILLIS = 20;

	private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

	private final AtomicLong nanos = new AtomicLong();

	private final Thread thread = new Thread(this::run, "soak-pauses");

	private volatile boolean closed;

	Pauses() {
		this.thread.start();
	}

	private void run() {
		double share = 1;
		try {
			while (!this.closed) {
				share = sample();
				for (int i = 0; i < STEPS_PER_SAMPLE && !this.closed; i++) {
					long before = System.nanoTime();
					TimeUnit.NANOSECONDS.sleep(STEP_NANOS);
					long step = System.nanoTime() - before;
					long late = step - STEP_NANOS;
					this.nanos.addAndGet((late > USUAL_NANOS) ? late : (long) ((1 - share) * step));
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Be busy, and count the time without a processor.
	 * @return the share of the time with a processor
	 */
	private double sample() {
		long began = System.nanoTime();
		long processor = this.threads.getCurrentThreadCpuTime();
		long used = 0;
		while (used < SAMPLE_NANOS) {
			used = this.threads.getCurrentThreadCpuTime() - processor;
		}
		long all = System.nanoTime() - began;
		this.nanos.addAndGet(Math.max(0, all - used));
		return Math.min(1, (double) used / all);
	}

	/**
	 * Return the sum of all pauses so far.
	 */
	long nanos() {
		return this.nanos.get();
	}

	/**
	 * Wait until a condition holds.
	 * @param millis the longest wait without pauses
	 * @param condition the condition
	 * @return whether the condition holds in time
	 */
	boolean await(long millis, BooleanSupplier condition) throws InterruptedException {
		long began = System.nanoTime() - nanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - nanos() - began > TimeUnit.MILLISECONDS.toNanos(millis)) {
				return false;
			}
			TimeUnit.MILLISECONDS.sleep(WAIT_STEP_MILLIS);
		}
		return true;
	}

	@Override
	public void close() throws InterruptedException {
		this.closed = true;
		this.thread.join();
	}

}
