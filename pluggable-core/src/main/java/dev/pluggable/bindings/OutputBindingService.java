package dev.pluggable.bindings;

import dev.pluggable.ComponentInstances;
import dev.pluggable.kind.GrpcBytes;
import dev.pluggable.kind.ServiceCalls;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.OutputBindingGrpc;
import io.grpc.stub.StreamObserver;

/**
 * Offers implementations of {@link OutputBinding} to other processes.
 */
final class OutputBindingService extends OutputBindingGrpc.OutputBindingImplBase {

	private final ServiceCalls<OutputBinding> calls;

	OutputBindingService(ComponentInstances<OutputBinding> instances) {
		this.calls = new ServiceCalls<>("output binding", instances, ServiceCalls.ErrorTranslator.NONE);
	}

	@Override
	public void init(BindingsProto.OutputBindingInitRequest request,
			StreamObserver<BindingsProto.OutputBindingInitResponse> observer) {
		this.calls.initialize(request.getMetadata().getPropertiesMap(),
				BindingsProto.OutputBindingInitResponse.getDefaultInstance(), observer);
	}

	@Override
	public void listOperations(BindingsProto.ListOperationsRequest request,
			StreamObserver<BindingsProto.ListOperationsResponse> observer) {
		this.calls.answer("ListOperations", observer,
				(binding) -> BindingsProto.ListOperationsResponse.newBuilder()
					.addAllOperations(binding.operations())
					.build());
	}

	@Override
	public void invoke(BindingsProto.InvokeRequest request, StreamObserver<BindingsProto.InvokeResponse> observer) {
		this.calls.answer("Invoke", observer, (binding) -> {
			InvokeResponse response = binding.invoke(ServiceCalls.valid(() -> new InvokeRequest(request.getOperation(),
					GrpcBytes.unwrap(request.getData()), request.getMetadataMap())));
			BindingsProto.InvokeResponse.Builder builder = BindingsProto.InvokeResponse.newBuilder()
				.setData(GrpcBytes.wrap(response.data()))
				.putAllMetadata(response.metadata());
			if (response.contentType() != null) {
				builder.setContentType(response.contentType());
			}
			return builder.build();
		});
	}

	@Override
	public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> observer) {
		this.calls.answer("Ping", observer, (binding) -> {
			binding.ping();
			return CommonProto.PingResponse.getDefaultInstance();
		});
	}

}
