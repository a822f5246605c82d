package dev.pluggable.bindings;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.pluggable.fixtures.Connections;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.InputBindingGrpc;
import dev.pluggable.proto.components.v1.OutputBindingGrpc;
import dev.pluggable.transport.TransportType;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;

/**
 * A host of bindings in bare gRPC.
 */
final class BindingClient implements AutoCloseable {

	private static final Metadata.Key<String> INSTANCE = Metadata.Key.of("x-component-instance",
			Metadata.ASCII_STRING_MARSHALLER);

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final ManagedChannel connection;

	private final Channel channel;

	BindingClient(Path socket) {
		this.connection = Connections.to(socket, this.transport);
		Metadata headers = new Metadata();
		headers.put(INSTANCE, "mail");
		this.channel = ClientInterceptors.intercept(this.connection,
				MetadataUtils.newAttachHeadersInterceptor(headers));
	}

	InputBindingGrpc.InputBindingBlockingStub input() {
		return InputBindingGrpc.newBlockingStub(this.channel).withDeadlineAfter(20, TimeUnit.SECONDS);
	}

	OutputBindingGrpc.OutputBindingBlockingStub output() {
		return OutputBindingGrpc.newBlockingStub(this.channel).withDeadlineAfter(20, TimeUnit.SECONDS);
	}

	void initInput(Map<String, String> metadata) {
		input().init(BindingsProto.InputBindingInitRequest.newBuilder()
			.setMetadata(CommonProto.MetadataRequest.newBuilder().putAllProperties(metadata))
			.build());
	}

	void initOutput(Map<String, String> metadata) {
		output().init(BindingsProto.OutputBindingInitRequest.newBuilder()
			.setMetadata(CommonProto.MetadataRequest.newBuilder().putAllProperties(metadata))
			.build());
	}

	/**
	 * Open a stream.
	 * @param automatic whether it requests messages by itself
	 */
	ReadStream read(boolean automatic) {
		ReadStream stream = new ReadStream(automatic);
		InputBindingGrpc.newStub(this.channel).read(stream);
		return stream;
	}

	@Override
	public void close() {
		this.connection.shutdownNow();
		try {
			this.connection.awaitTermination(5, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.transport.close();
	}

	/**
	 * A stream whose answers come from the test.
	 */
	static final class ReadStream
			implements ClientResponseObserver<BindingsProto.ReadRequest, BindingsProto.ReadResponse> {

		private final boolean automatic;

		private ClientCallStreamObserver<BindingsProto.ReadRequest> call;

		final BlockingQueue<BindingsProto.ReadResponse> events = new LinkedBlockingQueue<>();

		final CompletableFuture<Void> ended = new CompletableFuture<>();

		ReadStream(boolean automatic) {
			this.automatic = automatic;
		}

		@Override
		public void beforeStart(ClientCallStreamObserver<BindingsProto.ReadRequest> call) {
			this.call = call;
			if (!this.automatic) {
				call.disableAutoRequestWithInitial(0);
			}
		}

		BindingsProto.ReadResponse event() throws InterruptedException {
			BindingsProto.ReadResponse event = this.events.poll(20, TimeUnit.SECONDS);
			if (event == null) {
				throw new AssertionError("No event came");
			}
			return event;
		}

		void request(int count) {
			this.call.request(count);
		}

		void answer(String id, String data) {
			this.call.onNext(BindingsProto.ReadRequest.newBuilder()
				.setMessageId(id)
				.setResponseData(ByteString.copyFromUtf8(data))
				.build());
		}

		void fail(String id, String message) {
			this.call.onNext(BindingsProto.ReadRequest.newBuilder()
				.setMessageId(id)
				.setResponseError(BindingsProto.AckResponseError.newBuilder().setMessage(message))
				.build());
		}

		void cancel() {
			this.call.cancel("the test says so", null);
		}

		void complete() {
			this.call.onCompleted();
		}

		@Override
		public void onNext(BindingsProto.ReadResponse event) {
			this.events.add(event);
		}

		@Override
		public void onError(Throwable ex) {
			this.ended.completeExceptionally(ex);
		}

		@Override
		public void onCompleted() {
			this.ended.complete(null);
		}

	}

}
