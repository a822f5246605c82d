package dev.pluggable.internal.endpoint;

import dev.pluggable.ComponentClient;
import dev.pluggable.internal.support.RepeatableCall;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call to a component. The call adds the header of the component. A call that no
 * component has processed, because its connection just ended, is made again on the
 * current route, within its deadline. The caller does not notice.
 *
 * @param <Q> request
 * @param <R> response
 */
final class EndpointCall<Q, R> extends RepeatableCall<Q, R> {

	private final EndpointChannel channel;

	private final Route first;

	private final MethodDescriptor<Q, R> method;

	private final CallOptions options;

	/**
	 * Create a call.
	 * @param channel the channel of the component
	 * @param route the route of the first attempt
	 * @param method the method
	 * @param options the options with the deadline
	 * @param repeatable whether the call may be made again on another route
	 */
	EndpointCall(EndpointChannel channel, Route route, MethodDescriptor<Q, R> method, CallOptions options,
			boolean repeatable) {
		super(channel.newCall(route, method, options), repeatable);
		this.channel = channel;
		this.first = route;
		this.method = method;
		this.options = options;
	}

	@Override
	protected void addHeaders(Metadata headers) {
		headers.put(InstanceHeader.KEY, this.channel.component());
	}

	@Override
	protected Attempt firstAttempt() {
		return new RouteAttempt(this.first);
	}

	/**
	 * An attempt on one route.
	 */
	private final class RouteAttempt extends Attempt {

		/**
		 * The route, {@code null} until the attempt passes the gate.
		 */
		private volatile @Nullable Route route;

		RouteAttempt(@Nullable Route route) {
			this.route = route;
		}

		@Override
		protected ClientCall<Q, R> newCall() {
			EndpointCall<Q, R> call = EndpointCall.this;
			long nanos = call.options.getOption(ComponentClient.NO_WAIT) ? 0 : call.channel.waitNanos();
			return call.channel.newWaitingCall(nanos, call.method, call.options, (route) -> {
				this.route = route;
				return call.channel.newCall(route, call.method, call.options);
			});
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			EndpointCall<Q, R> call = EndpointCall.this;
			Route route = this.route;
			if (status.isOk()) {
				call.channel.succeeded();
			}
			else if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
				call.channel.timedOut();
			}
			else if (route != null && status.getCause() instanceof RequestNotSentException) {
				call.channel.refused(route);
				if (repeat(new RouteAttempt(null))) {
					return;
				}
			}
			listener().onClose(status, trailers);
		}

	}

}
