package dev.pluggable.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import com.google.common.util.concurrent.MoreExecutors;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;

/**
 * Probes many components by hand: one channel for each, and a Ping with a deadline on one
 * channel after the other. Twice a second, some Pings begin together, because they cost
 * less than single ones. Nobody looks at the answers.
 */
final class BareProbes implements AutoCloseable {

	private static final int TICKS_PER_SECOND = 2;

	private static final long TIMEOUT_SECONDS = 5;

	private final BareChannels channels = new BareChannels();

	private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

	private final List<StateStoreGrpc.StateStoreFutureStub> stubs = new ArrayList<>();

	private final double perTick;

	private double due;

	private int next;

	private BareProbes(double perSecond) {
		this.perTick = perSecond / TICKS_PER_SECOND;
	}

	/**
	 * Connect all channels, and begin to probe.
	 * @param sockets folder of the sockets
	 * @param count number of the sockets
	 * @param perSecond number of probes per second
	 */
	static BareProbes start(Path sockets, int count, double perSecond) throws InterruptedException {
		BareProbes probes = new BareProbes(perSecond);
		CountDownLatch connected = new CountDownLatch(count);
		for (int i = 0; i < count; i++) {
			StateStoreGrpc.StateStoreFutureStub stub = StateStoreGrpc
				.newFutureStub(probes.channels.unix(sockets.resolve(ManySockets.name(i))))
				.withExecutor(MoreExecutors.directExecutor());
			probes.stubs.add(stub);
			stub.init(StateProto.InitRequest.getDefaultInstance())
				.addListener(connected::countDown, MoreExecutors.directExecutor());
		}
		if (!connected.await(1, TimeUnit.MINUTES)) {
			throw new IllegalStateException(connected.getCount() + " channels are not connected");
		}
		probes.timer.scheduleAtFixedRate(probes::tick, 0, TimeUnit.SECONDS.toMillis(1) / TICKS_PER_SECOND,
				TimeUnit.MILLISECONDS);
		return probes;
	}

	private void tick() {
		for (this.due += this.perTick; this.due >= 1; this.due--) {
			this.stubs.get(this.next)
				.withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
				.ping(CommonProto.PingRequest.getDefaultInstance());
			this.next = (this.next + 1) % this.stubs.size();
		}
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
		this.channels.close();
	}

}
