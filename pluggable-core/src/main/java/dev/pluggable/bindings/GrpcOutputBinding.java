package dev.pluggable.bindings;

import java.util.Set;
import java.util.TreeSet;

import dev.pluggable.ComponentClient;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.kind.GrpcBytes;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.OutputBindingGrpc;

/**
 * The proxy of an output binding in another process.
 */
final class GrpcOutputBinding implements OutputBinding {

	private final ComponentClient client;

	private final ComponentCalls calls;

	GrpcOutputBinding(ComponentClient client) {
		this.client = client;
		this.calls = new ComponentCalls(client, ComponentCalls.FailureTranslator.NONE);
	}

	@Override
	public InvokeResponse invoke(InvokeRequest request) {
		Set<String> operations = operations();
		if (!operations.contains(request.operation())) {
			throw new UnsupportedOperationByComponentException(this.client.component(), this.client.kind(), "Invoke",
					"there is no operation '" + request.operation() + "'; the component has "
							+ new TreeSet<>(operations));
		}
		BindingsProto.InvokeResponse response = this.calls.unary(OutputBindingGrpc.getInvokeMethod(),
				BindingsProto.InvokeRequest.newBuilder()
					.setOperation(request.operation())
					.setData(GrpcBytes.wrap(request.data()))
					.putAllMetadata(request.metadata())
					.build());
		String contentType = response.getContentType();
		return new InvokeResponse(GrpcBytes.unwrap(response.getData()), contentType.isEmpty() ? null : contentType,
				response.getMetadataMap());
	}

	@Override
	public Set<String> operations() {
		return this.client.features();
	}

	@Override
	public void ping() {
		this.calls.unary(OutputBindingGrpc.getPingMethod(), CommonProto.PingRequest.getDefaultInstance());
	}

}
