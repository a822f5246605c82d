package dev.pluggable.sample.median;

import java.util.function.Consumer;

import dev.pluggable.contract.ContractObject;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;

/**
 * Reports each step of the flow that the application can see: a call to a plugin when the
 * call is sent and when it is answered, a call that the application passes on, and a call
 * of a plugin when the call arrives. The step continues after the report.
 */
final class Steps implements ClientInterceptor, ServerInterceptor {

	private static final String PACKAGE = "sample.median.v1.";

	private final Consumer<String> listener;

	Steps(Consumer<String> listener) {
		this.listener = listener;
	}

	ServerServiceDefinition of(ServerServiceDefinition service) {
		return ServerInterceptors.intercept(service, this);
	}

	/**
	 * Report when an object is ready.
	 */
	void of(String name, ContractObject object) {
		object.client().onGeneration((generation) -> tell(name + " ready"));
	}

	private void tell(MethodDescriptor<?, ?> method, String what) {
		if (method.getFullMethodName().startsWith(PACKAGE)) {
			tell(method.getBareMethodName() + " " + what);
		}
	}

	private void tell(String step) {
		this.listener.accept(step);
	}

	@Override
	public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
		return new SimpleForwardingClientCall<>(next.newCall(method, options)) {

			@Override
			public void start(Listener<R> listener, Metadata headers) {
				super.start(new SimpleForwardingClientCallListener<>(listener) {

					@Override
					public void onMessage(R message) {
						tell(method, "answered");
						super.onMessage(message);
					}

				}, headers);
			}

			@Override
			public void halfClose() {
				super.halfClose();
				tell(method, "sent");
			}

		};
	}

	@Override
	public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
			ServerCallHandler<Q, R> next) {
		return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {

			@Override
			public void onHalfClose() {
				tell(call.getMethodDescriptor(), "asked");
				super.onHalfClose();
			}

		};
	}

}
