package dev.pluggable.server;

import java.util.List;

import com.google.protobuf.ByteString;
import dev.pluggable.ComponentInstances;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.fixtures.UncalledKind;
import dev.pluggable.proto.components.v1.InputBindingGrpc;
import dev.pluggable.proto.components.v1.BindingsProto.InvokeRequest;
import dev.pluggable.proto.components.v1.BindingsProto.InvokeResponse;
import dev.pluggable.proto.components.v1.OutputBindingGrpc;
import dev.pluggable.proto.components.v1.BindingsProto.OutputBindingInitRequest;
import dev.pluggable.proto.components.v1.BindingsProto.OutputBindingInitResponse;
import dev.pluggable.proto.components.v1.BindingsProto.ReadRequest;
import dev.pluggable.proto.components.v1.BindingsProto.ReadResponse;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;

/**
 * A kind for tests. The kind uses the wire contract of output bindings, so that this
 * package needs no contract of its own and no other kind.
 */
record EchoKind(String name, Services offered) implements UncalledKind<Echo> {

	static final EchoKind INSTANCE = new EchoKind("echo", Services.BOTH);

	static final String SERVICE = OutputBindingGrpc.SERVICE_NAME;

	@Override
	public Class<Echo> type() {
		return Echo.class;
	}

	@Override
	public List<String> services() {
		return List.of(SERVICE);
	}

	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<Echo> instances) {
		ServerServiceDefinition unary = new EchoService(instances).bindService();
		ServerServiceDefinition stream = new StreamService().bindService();
		return switch (this.offered) {
			case UNARY -> List.of(unary);
			case STREAM -> List.of(stream);
			case BOTH -> List.of(unary, stream);
		};
	}

	enum Services {

		UNARY, STREAM, BOTH

	}

	private static final class StreamService extends InputBindingGrpc.InputBindingImplBase {

		@Override
		public StreamObserver<ReadRequest> read(StreamObserver<ReadResponse> responses) {
			responses.onNext(ReadResponse.newBuilder().setMessageId("first").build());
			return new StreamObserver<>() {

				@Override
				public void onNext(ReadRequest request) {
				}

				@Override
				public void onError(Throwable failure) {
				}

				@Override
				public void onCompleted() {
					responses.onCompleted();
				}

			};
		}

	}

	private static final class EchoService extends OutputBindingGrpc.OutputBindingImplBase {

		private final ComponentInstances<Echo> instances;

		EchoService(ComponentInstances<Echo> instances) {
			this.instances = instances;
		}

		@Override
		public void init(OutputBindingInitRequest request, StreamObserver<OutputBindingInitResponse> responses) {
			try {
				this.instances.initialize(request.getMetadata().getPropertiesMap());
				responses.onNext(OutputBindingInitResponse.getDefaultInstance());
				responses.onCompleted();
			}
			catch (Exception ex) {
				responses.onError(status(ex));
			}
		}

		@Override
		public void invoke(InvokeRequest request, StreamObserver<InvokeResponse> responses) {
			try {
				String answer = this.instances.current().say(request.getData().toStringUtf8());
				responses.onNext(InvokeResponse.newBuilder().setData(ByteString.copyFromUtf8(answer)).build());
				responses.onCompleted();
			}
			catch (Exception ex) {
				responses.onError(status(ex));
			}
		}

		private static StatusException status(Exception ex) {
			Status status = (ex instanceof InvalidRequestException) ? Status.INVALID_ARGUMENT
					: (ex instanceof IllegalStateException) ? Status.FAILED_PRECONDITION : Status.INTERNAL;
			return status.withDescription(ex.getMessage()).asException();
		}

	}

}
