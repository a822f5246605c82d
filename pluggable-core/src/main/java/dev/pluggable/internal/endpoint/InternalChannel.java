package dev.pluggable.internal.endpoint;

import java.util.concurrent.Executor;

import dev.pluggable.endpoint.ComponentChannelCustomizer;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Carries the calls of the host itself to one generation: reflection, {@code Init} and
 * probes. These calls also pass while calls of the application cannot. All calls share
 * one deadline, end with the generation, and run their callbacks by one executor.
 */
final class InternalChannel extends Channel {

	private final Channel generation;

	private final @Nullable String component;

	private final Deadline deadline;

	private final Executor executor;

	private final Context context;

	InternalChannel(Channel generation, @Nullable String component, Deadline deadline, Executor executor,
			Context context) {
		this.generation = generation;
		this.component = component;
		this.deadline = deadline;
		this.executor = executor;
		this.context = context;
	}

	@Override
	public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		Deadline own = options.getDeadline();
		CallOptions limited = options.withDeadline((own != null) ? own.minimum(this.deadline) : this.deadline)
			.withExecutor(this.executor)
			.withOption(ComponentChannelCustomizer.HOST_CALL, true);
		Context previous = this.context.attach();
		ClientCall<Q, R> call;
		try {
			call = this.generation.newCall(method, limited);
		}
		finally {
			this.context.detach(previous);
		}
		return (this.component != null) ? InstanceHeader.add(call, this.component) : call;
	}

	@Override
	public String authority() {
		return this.generation.authority();
	}

}
