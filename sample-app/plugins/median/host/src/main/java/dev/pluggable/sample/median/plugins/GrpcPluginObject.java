package dev.pluggable.sample.median.plugins;

import com.google.protobuf.Empty;
import dev.pluggable.ComponentClient;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.remote.RemoteObject;
import dev.pluggable.remote.RemoteObjectStatus;
import dev.pluggable.sample.proto.median.v1.ServiceGrpc;
import io.grpc.MethodDescriptor;

/**
 * Base of the proxies of all objects that a plugin creates.
 */
abstract class GrpcPluginObject implements PluginObject {

	private final RemoteObject object;

	private final ComponentCalls calls;

	GrpcPluginObject(ComponentClient parent, String name, RemoteObject.Creator creator) {
		this.object = RemoteObject.create(parent, name, creator);
		this.calls = new ComponentCalls(this.object, (failure) -> null);
	}

	final <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
		return this.calls.unary(method, request);
	}

	@Override
	public final ComponentClient client() {
		return this.object;
	}

	@Override
	public final RemoteObjectStatus status() {
		return this.object.status();
	}

	@Override
	public final void close() {
		this.object.close(ServiceGrpc.getCloseMethod(), Empty.getDefaultInstance());
	}

	@Override
	public final String toString() {
		return this.object.toString();
	}

}
