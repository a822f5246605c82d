package dev.pluggable.benchmarks;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.google.common.util.concurrent.MoreExecutors;
import dev.pluggable.ComponentState;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import io.grpc.Channel;
import io.grpc.ManagedChannel;

/**
 * A JVM that has just started and connects to all sockets of a folder. It prints the
 * milliseconds from the first channel to the last answer. For each line on its standard
 * input, it prints the processor time of its Java threads and of the whole process, in
 * nanoseconds.
 */
final class ManyEndpoints {

	/** Connects by a host. */
	static final String HOST = "host";

	/** Connects by channels, and makes one call on each. */
	static final String CHANNELS = "channels";

	/** Connects by channels, and makes the calls of a host on each, one by one. */
	static final String CALLS = "calls";

	private static final long PATIENCE_SECONDS = 120;

	private ManyEndpoints() {
	}

	/**
	 * Connect, and stay until the standard input ends.
	 * @param arguments {@link #HOST}, {@link #CHANNELS} or {@link #CALLS}, the folder,
	 * and the number of its sockets
	 */
	public static void main(String[] arguments) throws Exception {
		Path folder = Path.of(arguments[1]);
		CountDownLatch all = new CountDownLatch(Integer.parseInt(arguments[2]));
		long begun = System.nanoTime();
		try (AutoCloseable connected = arguments[0].equals(HOST) ? host(folder, all)
				: channels(folder, all, arguments[0].equals(CALLS))) {
			if (!all.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
				throw new IllegalStateException(all.getCount() + " sockets have not answered");
			}
			System.out.println(ServerProcess.LISTENING + (System.nanoTime() - begun) / 1e6);
			BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
			while (input.readLine() != null) {
				System.out.println(Allocation.threadNanos() + " " + Allocation.processorNanos());
			}
		}
	}

	private static AutoCloseable host(Path folder, CountDownLatch all) {
		ComponentHost host = new ComponentHost(HostSettings.defaults().withSocketFolders(Set.of(folder)));
		host.registry().onEvent((event) -> {
			if (event.status().state() == ComponentState.READY && event.component().endpoint() != null) {
				all.countDown();
			}
		});
		host.start();
		return host;
	}

	private static AutoCloseable channels(Path folder, CountDownLatch all, boolean calls) {
		BareChannels channels = new BareChannels();
		for (int i = (int) all.getCount() - 1; i >= 0; i--) {
			ManagedChannel channel = channels.unix(folder.resolve(ManySockets.name(i)));
			if (calls) {
				// A server with an older version of reflection refuses the call, which is
				// one call for the floor all the same.
				BareComponent.listServices(channel).whenComplete((listed, failure) -> initialize(channel, all));
			}
			else {
				StateStoreGrpc.newFutureStub(channel)
					.init(StateProto.InitRequest.getDefaultInstance())
					.addListener(all::countDown, MoreExecutors.directExecutor());
			}
		}
		return channels;
	}

	/**
	 * Make the calls of a host after the one for the services, each when the one before
	 * was answered. The component is ready before the first Ping, which begins at once.
	 */
	private static void initialize(Channel channel, CountDownLatch all) {
		StateStoreGrpc.StateStoreFutureStub stub = StateStoreGrpc.newFutureStub(channel);
		stub.init(StateProto.InitRequest.getDefaultInstance())
			.addListener(() -> stub.features(CommonProto.FeaturesRequest.getDefaultInstance()).addListener(() -> {
				all.countDown();
				stub.ping(CommonProto.PingRequest.getDefaultInstance());
			}, MoreExecutors.directExecutor()), MoreExecutors.directExecutor());
	}

}
