package dev.pluggable.internal.transport;

import java.util.concurrent.TimeUnit;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;

/**
 * A channel that leaves its calls and its end to another channel. As safe for use by many
 * threads as the other channel.
 */
public abstract class ForwardingChannel extends ManagedChannel {

	/**
	 * Return the other channel.
	 * @return the channel, the same one always
	 */
	protected abstract ManagedChannel delegate();

	@Override
	public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		return delegate().newCall(method, options);
	}

	@Override
	public String authority() {
		return delegate().authority();
	}

	@Override
	public ConnectivityState getState(boolean requestConnection) {
		return delegate().getState(requestConnection);
	}

	@Override
	public void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
		delegate().notifyWhenStateChanged(source, callback);
	}

	@Override
	public ManagedChannel shutdown() {
		delegate().shutdown();
		return this;
	}

	@Override
	public ManagedChannel shutdownNow() {
		delegate().shutdownNow();
		return this;
	}

	@Override
	public boolean isShutdown() {
		return delegate().isShutdown();
	}

	@Override
	public boolean isTerminated() {
		return delegate().isTerminated();
	}

	@Override
	public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
		return delegate().awaitTermination(timeout, unit);
	}

}
