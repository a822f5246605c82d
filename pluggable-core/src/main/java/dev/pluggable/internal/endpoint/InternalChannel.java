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

	private final CallOptions prepared;

	private final Context context;

	/**
	 * Create a channel.
	 * @param generation the channel of the generation
	 * @param component name of the component that the calls are for, {@code null} for
	 * none
	 * @param deadline the deadline of all calls
	 * @param prepared the other options of all calls, as {@link #options} makes them
	 * @param context the context of all calls
	 */
	InternalChannel(Channel generation, @Nullable String component, Deadline deadline, CallOptions prepared,
			Context context) {
		this.generation = generation;
		this.component = component;
		this.deadline = deadline;
		this.prepared = prepared;
		this.context = context;
	}

	/**
	 * Prepare the options that many calls have in common: each option that a call adds is
	 * another copy of all options.
	 * @param endpoint name of the endpoint
	 * @param executor runs the callbacks
	 */
	static CallOptions options(String endpoint, Executor executor) {
		return CallOptions.DEFAULT.withExecutor(executor)
			.withOption(ComponentChannelCustomizer.HOST_CALL, true)
			.withOption(ComponentChannelCustomizer.ENDPOINT, endpoint);
	}

	@Override
	public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		CallOptions limited = (options == CallOptions.DEFAULT) ? this.prepared.withDeadline(this.deadline)
				: limited(options);
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

	private CallOptions limited(CallOptions options) {
		Deadline own = options.getDeadline();
		return options.withDeadline((own != null) ? own.minimum(this.deadline) : this.deadline)
			.withExecutor(this.prepared.getExecutor())
			.withOption(ComponentChannelCustomizer.HOST_CALL, true);
	}

	@Override
	public String authority() {
		return this.generation.authority();
	}

}
