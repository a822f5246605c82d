package dev.pluggable.benchmarks;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Whether the just-in-time compilers still make the measured code faster, and slower
 * meanwhile, since they take the processors for that.
 */
final class Warmth {

	/** Time in which compilers are looked at. */
	private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	/** Part of one processor that is as good as nothing. */
	private static final double LITTLE = 0.06;

	/** Windows in a row. */
	private static final int ENOUGH = 2;

	private final CompilerClock clock;

	/**
	 * How warm processes are.
	 * @param clock milliseconds that all their compilers have taken so far
	 */
	Warmth(CompilerClock clock) {
		this.clock = clock;
	}

	static Warmth ofThisProcess() {
		return new Warmth(Warmth::compilerMillis);
	}

	/**
	 * Milliseconds that the compilers of this process have taken so far.
	 */
	static long compilerMillis() {
		@Nullable CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
		return (compilers != null) ? compilers.getTotalCompilationTime() : 0;
	}

	/**
	 * Run something over and over until the compilers do next to nothing any more.
	 * @param longest how long at most
	 * @param run what runs, at least once
	 */
	void await(Duration longest, Callable<?> run) throws Exception {
		long end = System.nanoTime() + longest.toNanos();
		int quiet = 0;
		do {
			long compiled = this.clock.millis();
			long begun = System.nanoTime();
			do {
				run.call();
			}
			while (System.nanoTime() < Math.min(begun + WINDOW_NANOS, end));
			double share = (this.clock.millis() - compiled) * 1e6 / (System.nanoTime() - begun);
			quiet = (share < LITTLE) ? quiet + 1 : 0;
		}
		while (quiet < ENOUGH && System.nanoTime() < end);
	}

	/**
	 * Milliseconds that compilers have taken so far.
	 */
	@FunctionalInterface
	interface CompilerClock {

		long millis() throws Exception;

	}

}
