package dev.pluggable.server;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Copies the instance name of a call from the headers, and the connection from the
 * attributes, to the context of the call.
 */
final class InstanceName implements ServerInterceptor {

	private static final Metadata.Key<String> HEADER = Metadata.Key.of("x-component-instance",
			Metadata.ASCII_STRING_MARSHALLER);

	private static final Metadata.Key<String> USER_AGENT = Metadata.Key.of("user-agent",
			Metadata.ASCII_STRING_MARSHALLER);

	private static final Context.Key<String> CURRENT = Context.keyWithDefault("x-component-instance", "");

	/**
	 * Instance name of the current call.
	 * @return the name, empty if the caller sent none
	 */
	static String current() {
		return CURRENT.get();
	}

	/**
	 * Describe an instance in a message.
	 */
	static String describe(String kind, String name) {
		return kind + " component " + (name.isEmpty() ? "without a name" : "'" + name + "'");
	}

	@Override
	public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
			ServerCallHandler<Q, R> next) {
		Context context = Context.current();
		HostConnection connection = call.getAttributes().get(HostConnection.ATTRIBUTE);
		if (connection != null) {
			if (connection.isNew()) {
				connection.learn(headers.get(USER_AGENT));
			}
			context = connection.in(context);
		}
		String name = headers.get(HEADER);
		if (name != null) {
			context = context.withValue(CURRENT, name);
		}
		return Contexts.interceptCall(context, call, headers, next);
	}

}
