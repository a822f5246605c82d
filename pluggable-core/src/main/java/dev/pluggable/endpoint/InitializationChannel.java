package dev.pluggable.endpoint;

import java.util.concurrent.Executor;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Leads to one generation before, or regardless of whether, calls of the application may
 * go there: for reflection, initialisation and probes. All calls share one deadline, and
 * their callbacks run on the host's thread.
 */
final class InitializationChannel extends Channel {

	private final Channel generation;

	private final @Nullable String component;

	private final Deadline deadline;

	private final Executor executor;

	InitializationChannel(Channel generation, @Nullable String component, Deadline deadline, Executor executor) {
		this.generation = generation;
		this.component = component;
		this.deadline = deadline;
		this.executor = executor;
	}

	@Override
	public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		ClientCall<Q, R> call = this.generation.newCall(method,
				options.withDeadline(this.deadline).withExecutor(this.executor));
		return (this.component != null) ? InstanceHeader.add(call, this.component) : call;
	}

	@Override
	public String authority() {
		return this.generation.authority();
	}

}
