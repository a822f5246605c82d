package dev.pluggable.sample.median;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

import dev.pluggable.sample.proto.median.v1.DataSource;
import dev.pluggable.sample.proto.median.v1.MedianProto.ObserveReply;
import dev.pluggable.sample.proto.median.v1.MedianProto.ObserveRequest;

/**
 * A source of prices that invents a new price, in cents, for each call.
 */
final class PriceFeed implements DataSource {

	private static final int STEP = 100;

	private final AtomicLong price = new AtomicLong(250_000);

	@Override
	public ObserveReply observe(ObserveRequest request) {
		long value = this.price.addAndGet(ThreadLocalRandom.current().nextInt(-STEP, STEP + 1));
		return ObserveReply.newBuilder().setValue(value).build();
	}

}
