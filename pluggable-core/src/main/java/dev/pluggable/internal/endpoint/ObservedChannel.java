package dev.pluggable.internal.endpoint;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.observation.CallListener;
import dev.pluggable.observation.CallResult;
import dev.pluggable.observation.ObservedCall;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/**
 * Tells a listener of each call on a channel. A client chooses once between this channel
 * and the one behind it, so that calls of which nobody hears cost nothing more.
 */
public final class ObservedChannel extends Channel {

	private final Channel delegate;

	private final ComponentClient client;

	private final String endpoint;

	private final CallListener listener;

	private ObservedChannel(Channel delegate, ComponentClient client, String endpoint, CallListener listener) {
		this.delegate = delegate;
		this.client = client;
		this.endpoint = endpoint;
		this.listener = listener;
	}

	/**
	 * Choose the channel of a client.
	 * @param channel the channel that makes the calls
	 * @param client the client
	 * @param observed tells who listens, usually the client
	 * @return the channel itself if nobody listens
	 */
	public static Channel of(Channel channel, ComponentClient client, ObservedClient observed) {
		CallListener listener = observed.callListener();
		return (listener != null) ? new ObservedChannel(channel, client, observed.endpoint(), listener) : channel;
	}

	@Override
	public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		try {
			return new Call<>(this.delegate.newCall(method, options), method);
		}
		catch (ComponentUnavailableException ex) {
			Status status = Status.UNAVAILABLE.withCause(ex);
			started(method, new Metadata()).ended(CallResult.of(status, false), status);
			throw ex;
		}
	}

	private CallListener.End started(MethodDescriptor<?, ?> method, Metadata headers) {
		return this.listener
			.started(new ObservedCall(this.client.component(), this.client.kind(), this.endpoint, method), headers);
	}

	@Override
	public String authority() {
		return this.delegate.authority();
	}

	/**
	 * A call of which the listener hears.
	 */
	private final class Call<Q, R> extends SimpleForwardingClientCall<Q, R> {

		private final MethodDescriptor<Q, R> method;

		Call(ClientCall<Q, R> call, MethodDescriptor<Q, R> method) {
			super(call);
			this.method = method;
		}

		@Override
		public void start(Listener<R> listener, Metadata headers) {
			CallListener.End end = started(this.method, headers);
			boolean waits = delegate() instanceof WaitingCall;
			try {
				super.start(new EndListener<>(listener, end, waits), headers);
			}
			catch (RuntimeException | Error ex) {
				Status status = Status.fromThrowable(ex);
				end.ended(CallResult.of(status, waits), status);
				throw ex;
			}
		}

	}

	/**
	 * Tells the listener of the end before the caller hears of it.
	 */
	private static final class EndListener<R> extends SimpleForwardingClientCallListener<R> {

		private final CallListener.End end;

		private final boolean waited;

		EndListener(ClientCall.Listener<R> listener, CallListener.End end, boolean waited) {
			super(listener);
			this.end = end;
			this.waited = waited;
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			this.end.ended(CallResult.of(status, this.waited), status);
			super.onClose(status, trailers);
		}

	}

}
