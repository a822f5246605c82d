package dev.pluggable.internal.support;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * The calls without a deadline on one generation, such as endless streams. A call with a
 * deadline ends by itself after the generation was replaced. A call without a deadline
 * would keep the replaced process, so the call has its limit to end, and then ends with
 * {@code UNAVAILABLE}. Safe for use by many threads.
 */
public final class EndlessCalls {

	/**
	 * Whether the one who makes the call hears of each generation, and ends the call when
	 * the generation was replaced.
	 */
	public static final CallOptions.Key<Boolean> HANDED_OVER = CallOptions.Key
		.createWithDefault("dev.pluggable.internal.handed-over", Boolean.FALSE);

	/**
	 * The calls that were started and have not ended. The set guards itself and the field
	 * below.
	 */
	private final Set<EndlessCall<?, ?>> calls = new HashSet<>();

	private @Nullable HostThread replaced;

	/**
	 * Make a call.
	 * @param channel the channel of the generation
	 * @param method the method
	 * @param options the options
	 * @param limit the time that the call has after the replacement of the generation, if
	 * the call has no deadline
	 */
	public <Q, R> ClientCall<Q, R> newCall(Channel channel, MethodDescriptor<Q, R> method, CallOptions options,
			Duration limit) {
		ClientCall<Q, R> call = channel.newCall(method, options);
		boolean ends = options.getDeadline() != null || options.getOption(HANDED_OVER)
				|| Context.current().getDeadline() != null;
		return ends ? call : new EndlessCall<>(call, limit);
	}

	/**
	 * Another generation has taken the place of this one.
	 * @param thread ends the calls that do not end in time
	 */
	public void replaced(HostThread thread) {
		List<EndlessCall<?, ?>> calls;
		synchronized (this.calls) {
			this.replaced = thread;
			calls = List.copyOf(this.calls);
		}
		calls.forEach((call) -> call.endSoon(thread));
	}

	/**
	 * A call without a deadline.
	 */
	private final class EndlessCall<Q, R> extends SimpleForwardingClientCall<Q, R> {

		private final Duration limit;

		private volatile boolean ended;

		EndlessCall(ClientCall<Q, R> call, Duration limit) {
			super(call);
			this.limit = limit;
		}

		@Override
		public void start(Listener<R> listener, Metadata headers) {
			HostThread replaced;
			synchronized (EndlessCalls.this.calls) {
				EndlessCalls.this.calls.add(this);
				replaced = EndlessCalls.this.replaced;
			}
			super.start(new SimpleForwardingClientCallListener<>(listener) {

				@Override
				public void onClose(Status status, Metadata trailers) {
					synchronized (EndlessCalls.this.calls) {
						EndlessCalls.this.calls.remove(EndlessCall.this);
					}
					super.onClose(replace(status), trailers);
				}

			}, headers);
			if (replaced != null) {
				endSoon(replaced);
			}
		}

		private Status replace(Status status) {
			return (this.ended && status.getCode() == Status.Code.CANCELLED)
					? Status.UNAVAILABLE.withDescription(status.getDescription()) : status;
		}

		void endSoon(HostThread thread) {
			thread.schedule("ending a call without a deadline", this.limit, this::endNow);
		}

		private void endNow() {
			synchronized (EndlessCalls.this.calls) {
				if (!EndlessCalls.this.calls.contains(this)) {
					return;
				}
				this.ended = true;
			}
			cancel("The connection of this call was replaced, and the call, which has no deadline, did not end within "
					+ LogText.duration(this.limit) + " (call-timeout)", null);
		}

	}

}
