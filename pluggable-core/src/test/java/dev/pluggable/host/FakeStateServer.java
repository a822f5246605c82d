package dev.pluggable.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import com.google.protobuf.ByteString;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.transport.Transport;
import dev.pluggable.transport.TransportType;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.stub.StreamObserver;

/**
 * A state store in this process, but on a real socket, whose behaviour a test can spoil.
 */
public final class FakeStateServer extends StateStoreGrpc.StateStoreImplBase implements AutoCloseable {

	private static final Context.Key<String> INSTANCE = Context.key("instance");

	private static final Metadata.Key<String> HEADER = Metadata.Key.of("x-component-instance",
			Metadata.ASCII_STRING_MARSHALLER);

	private final Path socket;

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final Map<String, ByteString> values = new ConcurrentHashMap<>();

	/** Instance name and metadata of each Init, in order. */
	public final List<String> inits = new CopyOnWriteArrayList<>();

	/** Instance name of each Get, in order. */
	public final List<String> gets = new CopyOnWriteArrayList<>();

	/** Authority of each call, in order. */
	public final List<String> authorities = new CopyOnWriteArrayList<>();

	/** What Init answers; {@code null} never answers. */
	public volatile Supplier<Status> initStatus = () -> Status.OK;

	/** What Ping answers; {@code null} never answers. */
	public volatile Supplier<Status> pingStatus = () -> Status.OK;

	/** What Get answers. */
	public volatile Supplier<Status> getStatus = () -> Status.OK;

	/** When set, Get answers only after it was counted down. */
	public volatile CountDownLatch getGate = new CountDownLatch(0);

	/** Counted down when a Get arrives. */
	public volatile CountDownLatch getArrived = new CountDownLatch(1);

	private List<BindableService> extra = List.of(ProtoReflectionServiceV1.newInstance());

	private Server server;

	public FakeStateServer(Path socket) {
		this.socket = socket;
	}

	/**
	 * Serve these services instead of reflection v1.
	 */
	public FakeStateServer with(BindableService... services) {
		this.extra = List.of(services);
		return this;
	}

	public FakeStateServer start() {
		try {
			Files.deleteIfExists(this.socket);
			NettyServerBuilder builder = this.transport.server(this.socket)
				.addService(this)
				.intercept(new InstanceInterceptor());
			this.extra.forEach(builder::addService);
			this.server = builder.build().start();
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public Map<String, ByteString> values() {
		return this.values;
	}

	/**
	 * End at once, as a killed process does, but without its stale socket.
	 */
	@Override
	public void close() {
		if (this.server != null) {
			this.server.shutdownNow();
			try {
				this.server.awaitTermination(5, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
		this.transport.close();
	}

	@Override
	public void init(StateProto.InitRequest request, StreamObserver<StateProto.InitResponse> response) {
		this.inits.add(INSTANCE.get() + request.getMetadata().getPropertiesMap());
		Supplier<Status> outcome = this.initStatus;
		if (outcome != null) {
			answer(outcome.get(), response, StateProto.InitResponse.getDefaultInstance());
		}
	}

	@Override
	public void features(CommonProto.FeaturesRequest request, StreamObserver<CommonProto.FeaturesResponse> response) {
		answer(Status.OK, response, CommonProto.FeaturesResponse.newBuilder().addFeatures("ETAG").build());
	}

	@Override
	public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> response) {
		Supplier<Status> outcome = this.pingStatus;
		if (outcome != null) {
			answer(outcome.get(), response, CommonProto.PingResponse.getDefaultInstance());
		}
	}

	@Override
	public void get(StateProto.GetRequest request, StreamObserver<StateProto.GetResponse> response) {
		this.gets.add(INSTANCE.get());
		CountDownLatch gate = this.getGate;
		this.getArrived.countDown();
		try {
			gate.await(30, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		answer(this.getStatus.get(), response,
				StateProto.GetResponse.newBuilder()
					.setData(this.values.getOrDefault(request.getKey(), ByteString.EMPTY))
					.setEtag(StateProto.Etag.newBuilder().setValue("1"))
					.build());
	}

	@Override
	public void set(StateProto.SetRequest request, StreamObserver<StateProto.SetResponse> response) {
		this.values.put(request.getKey(), request.getValue());
		answer(Status.OK, response, StateProto.SetResponse.getDefaultInstance());
	}

	private static <R> void answer(Status status, StreamObserver<R> observer, R response) {
		if (status.isOk()) {
			observer.onNext(response);
			observer.onCompleted();
		}
		else {
			observer.onError(status.asRuntimeException());
		}
	}

	/**
	 * Hands the header to the service, and keeps the authority.
	 */
	private final class InstanceInterceptor implements ServerInterceptor {

		@Override
		public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
				ServerCallHandler<Q, R> next) {
			FakeStateServer.this.authorities.add(String.valueOf(call.getAuthority()));
			Context context = Context.current().withValue(INSTANCE, String.valueOf(headers.get(HEADER)));
			return Contexts.interceptCall(context, call, headers, next);
		}

	}

}
