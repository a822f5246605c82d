package dev.pluggable.sample.median;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A source of prices that invents a new price for each call.
 */
class PriceFeed {

	private static final int STEP = 100;

	private final AtomicLong price = new AtomicLong(250_000);

	/**
	 * The current price.
	 * @return the price in cents
	 */
	long price() {
		return this.price.addAndGet(ThreadLocalRandom.current().nextInt(-STEP, STEP + 1));
	}

}
