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
import java.util.logging.Level;
import java.util.logging.Logger;

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
 * A component in a process of its own that does as little as there is to do, so that what
 * is measured is the way to it: generated services on gRPC's event loops, nothing of the
 * product's own server. It serves the same on a Unix socket and on TCP, and raw
 * ping-pong.
 */
final class BareComponent extends StateStoreGrpc.StateStoreImplBase {

	private static final int LARGEST_MESSAGE = 64 * 1024 * 1024;

	private static final StateProto.Etag ETAG = StateProto.Etag.newBuilder().setValue("1").build();

	/** Argument for a component that is fast from its first call on. */
	static final String WARM = "warm";

	private static final int WARM_UP_CONNECTIONS = 3;

	private static final int WARM_UP_CALLS = 20;

	private static final int WARM_UP_SECONDS = 30;

	/** Streams that callers have cancelled are no news here. */
	private static final Logger grpcLogger = Logger.getLogger("io.grpc.netty");

	private final Map<String, ByteString> values = new ConcurrentHashMap<>();

	/**
	 * Serve until the standard input ends, which it does with the parent process. Each
	 * line on it is answered with the milliseconds that the compilers of this process
	 * have taken so far.
	 * @param arguments the socket of the component, the socket of the ping-pong, and
	 * {@value #WARM} if it is to have done all that once before it listens, so that the
	 * time it takes to begin is not taken for that of its callers
	 */
	public static void main(String[] arguments) throws IOException {
		grpcLogger.setLevel(Level.OFF);
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
				System.out.println(Warmth.compilerMillis());
			}
			unix.shutdownNow();
			tcp.shutdownNow();
		}
	}

	/**
	 * Do all that a host asks for, on another socket: connections, reflection, Init,
	 * calls.
	 */
	static void warmUp(BareServers servers) throws IOException {
		try (WorkFolder folder = new WorkFolder()) {
			Path socket = folder.resolve("warm.sock");
			Server server = start(servers.unix(socket), new BareComponent().bindService());
			try (BareChannels channels = new BareChannels()) {
				for (int i = 0; i < WARM_UP_CONNECTIONS; i++) {
					Channel channel = channels.unix(socket);
					listServices(channel);
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

	private static void listServices(Channel channel) {
		CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
		ServerReflectionGrpc.newStub(channel).serverReflectionInfo(new StreamObserver<>() {

			@Override
			public void onNext(ServerReflectionResponse response) {
				answer.complete(response);
			}

			@Override
			public void onError(Throwable failure) {
				answer.completeExceptionally(failure);
			}

			@Override
			public void onCompleted() {
				answer.completeExceptionally(new IOException("No answer"));
			}

		}).onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
		answer.orTimeout(WARM_UP_SECONDS, TimeUnit.SECONDS).join();
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
		answer(observer, CommonProto.PingResponse.getDefaultInstance());
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
