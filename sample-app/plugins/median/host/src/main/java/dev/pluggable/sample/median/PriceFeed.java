package dev.pluggable.sample.median;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where prices come from: made up, and another one each time.
 */
class PriceFeed {

	private static final int STEP = 100;

	private final AtomicLong price = new AtomicLong(250_000);

	/**
	 * The price as of now.
	 * @return the price in cents
	 */
	long price() {
		return this.price.addAndGet(ThreadLocalRandom.current().nextInt(-STEP, STEP + 1));
	}

}
