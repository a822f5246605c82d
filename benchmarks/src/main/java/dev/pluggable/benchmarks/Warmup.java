package dev.pluggable.benchmarks;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Runs code until the just-in-time compilers are idle. Compilers at work distort a
 * measurement: they use the processors, and they make the measured code faster.
 */
final class Warmup {

	/** Period over which the work of the compilers is measured. */
	private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	/** Compilers count as idle below this share of one processor. */
	private static final double IDLE_SHARE = 0.06;

	/** Number of consecutive idle windows that end the warm-up. */
	private static final int IDLE_WINDOWS = 2;

	private final CompilerClock clock;

	/**
	 * Create a warm-up of one or more processes.
	 * @param clock the compilation time of all these processes
	 */
	Warmup(CompilerClock clock) {
		this.clock = clock;
	}

	static Warmup ofThisProcess() {
		return new Warmup(Warmup::compilerMillis);
	}

	/**
	 * Return the total compilation time of this process in milliseconds.
	 */
	static long compilerMillis() {
		@Nullable CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
		return (compilers != null) ? compilers.getTotalCompilationTime() : 0;
	}

	/**
	 * Run something repeatedly, at least once, until the compilers are idle.
	 * @param longest the longest time that this may take
	 * @param run the code to run
	 */
	void await(Duration longest, Callable<?> run) throws Exception {
		long end = System.nanoTime() + longest.toNanos();
		int idle = 0;
		do {
			long compiled = this.clock.millis();
			long begun = System.nanoTime();
			do {
				run.call();
			}
			while (System.nanoTime() < Math.min(begun + WINDOW_NANOS, end));
			double share = (this.clock.millis() - compiled) * 1e6 / (System.nanoTime() - begun);
			idle = (share < IDLE_SHARE) ? idle + 1 : 0;
		}
		while (idle < IDLE_WINDOWS && System.nanoTime() < end);
	}

	/**
	 * Tells the total compilation time in milliseconds.
	 */
	@FunctionalInterface
	interface CompilerClock {

		long millis() throws Exception;

	}

}
