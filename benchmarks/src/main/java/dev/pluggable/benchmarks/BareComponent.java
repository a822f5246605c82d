package dev.pluggable.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import com.google.protobuf.ByteString;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import io.grpc.Channel;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;

/**
 * A component in its own process that does as little as possible, so that the benchmarks
 * measure the way to the component: generated services on gRPC's event loops, without the
 * product's server. The component serves the same services on a Unix socket and on TCP,
 * and raw ping-pong on another Unix socket.
 */
final class BareComponent extends StateStoreGrpc.StateStoreImplBase {

	private static final int LARGEST_MESSAGE = 64 * 1024 * 1024;

	private static final StateProto.Etag ETAG = StateProto.Etag.newBuilder().setValue("1").build();

	/** Argument for a component that warms up before it listens. */
	static final String WARM = "warm";

	private static final int WARM_UP_CONNECTIONS = 3;

	private static final int WARM_UP_CALLS = 20;

	private static final int WARM_UP_SECONDS = 30;

	private final Map<String, ByteString> values = new ConcurrentHashMap<>();

	private final LongAdder pings = new LongAdder();

	/**
	 * Serve until the standard input ends, which happens at the latest when the parent
	 * process ends. The answer to each line of the input is the compilation time of this
	 * process in milliseconds.
	 * @param arguments the socket of the component, the socket of the ping-pong, and
	 * optionally {@value #WARM}: the component then warms up before it listens, so that
	 * its own first steps do not count as time of its callers
	 */
	public static void main(String[] arguments) throws IOException {
		BareComponent state = new BareComponent();
		BarePubSub pubSub = new BarePubSub();
		try (BareServers servers = new BareServers();
				PingPong.Listener pingPong = PingPong.listen(Path.of(arguments[1]))) {
			Server tcp = start(NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
					InsecureServerCredentials.create()), state.bindService(), pubSub.bindService());
			if (arguments.length > 2 && arguments[2].equals(WARM)) {
				warmUp(servers);
			}
			Files.deleteIfExists(Path.of(arguments[0]));
			Server unix = start(servers.unix(Path.of(arguments[0])), state.bindService(), pubSub.bindService());
			System.out.println(ServerProcess.LISTENING + tcp.getPort() + " " + System.nanoTime());
			BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
			while (input.readLine() != null) {
				System.out.println(Warmup.compilerMillis());
			}
			unix.shutdownNow();
			tcp.shutdownNow();
		}
	}

	/**
	 * Do everything that a host requests, on another socket: connections, reflection,
	 * Init, calls.
	 */
	static void warmUp(BareServers servers) throws IOException {
		try (WorkFolder folder = new WorkFolder()) {
			Path socket = folder.resolve("warm.sock");
			Server server = start(servers.unix(socket), new BareComponent().bindService());
			try (BareChannels channels = new BareChannels()) {
				for (int i = 0; i < WARM_UP_CONNECTIONS; i++) {
					Channel channel = channels.unix(socket);
					listServices(channel).orTimeout(WARM_UP_SECONDS, TimeUnit.SECONDS).join();
					StateStoreGrpc.StateStoreBlockingStub stub = StateStoreGrpc.newBlockingStub(channel);
					stub.init(StateProto.InitRequest.getDefaultInstance());
					stub.features(CommonProto.FeaturesRequest.getDefaultInstance());
					stub.ping(CommonProto.PingRequest.getDefaultInstance());
					StateCalls calls = StateCalls.byHand(channel, "warm");
					for (int j = 0; j < WARM_UP_CALLS; j++) {
						calls.set("key", new byte[1]);
						calls.get("key");
					}
				}
			}
			finally {
				server.shutdownNow();
			}
		}
	}

	/**
	 * Ask a server for its services, as a host does.
	 * @return completes when the server has answered
	 */
	static CompletableFuture<Void> listServices(Channel channel) {
		CompletableFuture<Void> listed = new CompletableFuture<>();
		StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(channel)
			.serverReflectionInfo(new StreamObserver<>() {

				@Override
				public void onNext(ServerReflectionResponse response) {
					// The list is not needed.
				}

				@Override
				public void onError(Throwable failure) {
					listed.completeExceptionally(failure);
				}

				@Override
				public void onCompleted() {
					listed.complete(null);
				}

			});
		requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
		requests.onCompleted();
		return listed;
	}

	private static Server start(NettyServerBuilder builder, ServerServiceDefinition... services) throws IOException {
		for (ServerServiceDefinition service : services) {
			builder.addService(service);
		}
		return builder.addService(ProtoReflectionServiceV1.newInstance())
			.maxInboundMessageSize(LARGEST_MESSAGE)
			.directExecutor()
			.build()
			.start();
	}

	@Override
	public void init(StateProto.InitRequest request, StreamObserver<StateProto.InitResponse> observer) {
		answer(observer, StateProto.InitResponse.getDefaultInstance());
	}

	@Override
	public void features(CommonProto.FeaturesRequest request, StreamObserver<CommonProto.FeaturesResponse> observer) {
		answer(observer, CommonProto.FeaturesResponse.getDefaultInstance());
	}

	@Override
	public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> observer) {
		this.pings.increment();
		answer(observer, CommonProto.PingResponse.getDefaultInstance());
	}

	/**
	 * Return the number of calls of Ping so far.
	 */
	long pings() {
		return this.pings.sum();
	}

	@Override
	public void get(StateProto.GetRequest request, StreamObserver<StateProto.GetResponse> observer) {
		ByteString value = this.values.get(request.getKey());
		answer(observer, (value == null) ? StateProto.GetResponse.getDefaultInstance()
				: StateProto.GetResponse.newBuilder().setData(value).setEtag(ETAG).build());
	}

	@Override
	public void set(StateProto.SetRequest request, StreamObserver<StateProto.SetResponse> observer) {
		this.values.put(request.getKey(), request.getValue());
		answer(observer, StateProto.SetResponse.getDefaultInstance());
	}

	@Override
	public void bulkGet(StateProto.BulkGetRequest request, StreamObserver<StateProto.BulkGetResponse> observer) {
		StateProto.BulkGetResponse.Builder response = StateProto.BulkGetResponse.newBuilder();
		for (StateProto.GetRequest item : request.getItemsList()) {
			StateProto.BulkStateItem.Builder found = response.addItemsBuilder().setKey(item.getKey());
			ByteString value = this.values.get(item.getKey());
			if (value != null) {
				found.setData(value).setEtag(ETAG);
			}
		}
		answer(observer, response.build());
	}

	@Override
	public void bulkSet(StateProto.BulkSetRequest request, StreamObserver<StateProto.BulkSetResponse> observer) {
		request.getItemsList().forEach((item) -> this.values.put(item.getKey(), item.getValue()));
		answer(observer, StateProto.BulkSetResponse.getDefaultInstance());
	}

	static <R> void answer(StreamObserver<R> observer, R response) {
		observer.onNext(response);
		observer.onCompleted();
	}

}
