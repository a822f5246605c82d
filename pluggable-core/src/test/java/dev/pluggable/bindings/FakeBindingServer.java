package dev.pluggable.bindings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

import com.google.protobuf.ByteString;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.InputBindingGrpc;
import dev.pluggable.proto.components.v1.OutputBindingGrpc;
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
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * A binding in bare gRPC on a real socket of this process. A test can make it fail.
 */
public final class FakeBindingServer implements AutoCloseable {

	private static final Context.Key<String> INSTANCE = Context.key("binding-instance");

	private static final Metadata.Key<String> HEADER = Metadata.Key.of("x-component-instance",
			Metadata.ASCII_STRING_MARSHALLER);

	private final Path socket;

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final List<BindableService> services = new ArrayList<>();

	/** Side, instance name and metadata of each Init, in order. */
	public final List<String> inits = new CopyOnWriteArrayList<>();

	/** Requests of Invoke, in order. */
	public final List<BindingsProto.InvokeRequest> invocations = new CopyOnWriteArrayList<>();

	/** The streams that were opened, in order. */
	public final BlockingQueue<EventStream> streams = new LinkedBlockingQueue<>();

	/** The answer to ListOperations. */
	public volatile List<String> operations = List.of("create", "get");

	/** The answer to Invoke. */
	public volatile Function<BindingsProto.InvokeRequest, BindingsProto.InvokeResponse> answer = (
			request) -> BindingsProto.InvokeResponse.newBuilder().setData(request.getData()).build();

	/** The answer to Ping. */
	public volatile Supplier<Status> pingStatus = () -> Status.OK;

	/** The status with which Read ends at once, unless it is OK. */
	public volatile Supplier<Status> readStatus = () -> Status.OK;

	private Server server;

	public FakeBindingServer(Path socket) {
		this.socket = socket;
	}

	/**
	 * Serve input, output or both, and reflection.
	 */
	public FakeBindingServer serving(BindingSide... sides) {
		unreflected(sides);
		this.services.add(ProtoReflectionServiceV1.newInstance());
		return this;
	}

	/**
	 * Serve input, output or both without reflection.
	 */
	public FakeBindingServer unreflected(BindingSide... sides) {
		for (BindingSide side : sides) {
			this.services.add((side == BindingSide.INPUT) ? new Input() : new Output());
		}
		return this;
	}

	public FakeBindingServer start() {
		try {
			Files.deleteIfExists(this.socket);
			NettyServerBuilder builder = this.transport.server(this.socket).intercept(new InstanceInterceptor());
			this.services.forEach(builder::addService);
			this.server = builder.build().start();
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The next stream that is opened.
	 */
	public EventStream stream() throws InterruptedException {
		EventStream stream = this.streams.poll(20, TimeUnit.SECONDS);
		if (stream == null) {
			throw new AssertionError("No stream was opened");
		}
		return stream;
	}

	/**
	 * End at once like a killed process, but without a stale socket.
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

	private static <R> void answer(Status status, StreamObserver<R> observer, R response) {
		if (status.isOk()) {
			observer.onNext(response);
			observer.onCompleted();
		}
		else {
			observer.onError(status.asRuntimeException());
		}
	}

	private void initialized(String side, CommonProto.MetadataRequest metadata) {
		this.inits.add(side + ":" + INSTANCE.get() + metadata.getPropertiesMap());
	}

	/**
	 * The sides of a binding.
	 */
	public enum BindingSide {

		INPUT, OUTPUT

	}

	/**
	 * A stream of events, which the test writes.
	 */
	public static final class EventStream implements StreamObserver<BindingsProto.ReadRequest> {

		private final ServerCallStreamObserver<BindingsProto.ReadResponse> call;

		/** The answers of the host, in order. */
		public final BlockingQueue<BindingsProto.ReadRequest> answers = new LinkedBlockingQueue<>();

		/** Completes when the host ends the stream, and fails if the host cancels it. */
		public final CompletableFuture<Void> ended = new CompletableFuture<>();

		EventStream(ServerCallStreamObserver<BindingsProto.ReadResponse> call) {
			this.call = call;
			call.setOnCancelHandler(() -> this.ended.completeExceptionally(new AssertionError("cancelled")));
		}

		/** Whether the host takes more messages. */
		public boolean isReady() {
			return this.call.isReady();
		}

		public void send(String id, String data) {
			send(BindingsProto.ReadResponse.newBuilder()
				.setMessageId(id)
				.setData(ByteString.copyFromUtf8(data))
				.build());
		}

		public void send(BindingsProto.ReadResponse event) {
			this.call.onNext(event);
		}

		public void fail(Status status) {
			this.call.onError(status.asRuntimeException());
		}

		public void complete() {
			this.call.onCompleted();
		}

		public BindingsProto.ReadRequest answer() throws InterruptedException {
			BindingsProto.ReadRequest answer = this.answers.poll(20, TimeUnit.SECONDS);
			if (answer == null) {
				throw new AssertionError("No answer came");
			}
			return answer;
		}

		@Override
		public void onNext(BindingsProto.ReadRequest answer) {
			this.answers.add(answer);
		}

		@Override
		public void onError(Throwable ex) {
			this.ended.completeExceptionally(ex);
		}

		@Override
		public void onCompleted() {
			this.ended.complete(null);
			this.call.onCompleted();
		}

	}

	private final class Input extends InputBindingGrpc.InputBindingImplBase {

		@Override
		public void init(BindingsProto.InputBindingInitRequest request,
				StreamObserver<BindingsProto.InputBindingInitResponse> observer) {
			initialized("input", request.getMetadata());
			answer(Status.OK, observer, BindingsProto.InputBindingInitResponse.getDefaultInstance());
		}

		@Override
		public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> observer) {
			answer(FakeBindingServer.this.pingStatus.get(), observer, CommonProto.PingResponse.getDefaultInstance());
		}

		@Override
		public StreamObserver<BindingsProto.ReadRequest> read(StreamObserver<BindingsProto.ReadResponse> observer) {
			EventStream stream = new EventStream((ServerCallStreamObserver<BindingsProto.ReadResponse>) observer);
			Status status = FakeBindingServer.this.readStatus.get();
			if (status.isOk()) {
				FakeBindingServer.this.streams.add(stream);
			}
			else {
				observer.onError(status.asRuntimeException());
			}
			return stream;
		}

	}

	private final class Output extends OutputBindingGrpc.OutputBindingImplBase {

		@Override
		public void init(BindingsProto.OutputBindingInitRequest request,
				StreamObserver<BindingsProto.OutputBindingInitResponse> observer) {
			initialized("output", request.getMetadata());
			answer(Status.OK, observer, BindingsProto.OutputBindingInitResponse.getDefaultInstance());
		}

		@Override
		public void listOperations(BindingsProto.ListOperationsRequest request,
				StreamObserver<BindingsProto.ListOperationsResponse> observer) {
			answer(Status.OK, observer,
					BindingsProto.ListOperationsResponse.newBuilder()
						.addAllOperations(FakeBindingServer.this.operations)
						.build());
		}

		@Override
		public void invoke(BindingsProto.InvokeRequest request, StreamObserver<BindingsProto.InvokeResponse> observer) {
			FakeBindingServer.this.invocations.add(request);
			BindingsProto.InvokeResponse response;
			try {
				response = FakeBindingServer.this.answer.apply(request);
			}
			catch (RuntimeException ex) {
				observer.onError(ex);
				return;
			}
			answer(Status.OK, observer, response);
		}

		@Override
		public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> observer) {
			answer(FakeBindingServer.this.pingStatus.get(), observer, CommonProto.PingResponse.getDefaultInstance());
		}

	}

	/**
	 * Passes the header to the services.
	 */
	private static final class InstanceInterceptor implements ServerInterceptor {

		@Override
		public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
				ServerCallHandler<Q, R> next) {
			Context context = Context.current().withValue(INSTANCE, String.valueOf(headers.get(HEADER)));
			return Contexts.interceptCall(context, call, headers, next);
		}

	}

}
