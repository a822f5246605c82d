package dev.pluggable.state;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The in-memory store, called through the proxy, a connection and the service.
 */
class GrpcStateStoreBehaviourTests extends StateStoreBehaviour {

	private static Server server;

	private static ManagedChannel channel;

	private static StateStore store;

	@BeforeAll
	static void start() throws IOException {
		InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
		server = NettyServerBuilder.forAddress(address)
			.addServices(StateStoreKind.INSTANCE.serve(new TestInstances(new InMemoryStateStore())))
			.build()
			.start();
		channel = NettyChannelBuilder
			.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
			.usePlaintext()
			.build();
		store = StateStoreKind.INSTANCE.createProxy(new TestClient(channel, StateFeatures.ETAG,
				StateFeatures.TRANSACTIONAL, StateFeatures.QUERY_API, StateFeatures.TTL));
	}

	@AfterAll
	static void stop() throws InterruptedException {
		channel.shutdownNow();
		server.shutdownNow();
		channel.awaitTermination(10, TimeUnit.SECONDS);
		server.awaitTermination(10, TimeUnit.SECONDS);
	}

	@Override
	protected StateStore store() {
		return store;
	}

	@Test
	void whenKeyIsLongThenEtagMismatchStillArrives() {
		String key = "\u20ac".repeat(5000);
		store.set(key, new byte[0]);
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store.set(SetRequest.of(key, "x").withConcurrency(Concurrency.FIRST_WRITE)));
	}

}
