package dev.pluggable.benchmarks.soak;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Waits for conditions.
 */
final class Waits {

	private static final long STEP = 20;

	private Waits() {
	}

	/**
	 * Wait until a condition holds.
	 * @param millis the longest wait
	 * @param condition the condition
	 * @return whether the condition holds in time
	 */
	static boolean until(long millis, BooleanSupplier condition) throws InterruptedException {
		long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - deadline > 0) {
				return false;
			}
			TimeUnit.MILLISECONDS.sleep(STEP);
		}
		return true;
	}

}
