package dev.pluggable.spring.grpc;

import java.util.concurrent.TimeUnit;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;

/**
 * The channel of a component in the form that Spring gRPC needs. The host owns the
 * connection, ends calls in flight and refuses later ones when the application stops, so
 * a shutdown of this channel does nothing.
 */
final class ComponentChannel extends ManagedChannel {

	private final Channel channel;

	private volatile boolean shutdown;

	ComponentChannel(Channel channel) {
		this.channel = channel;
	}

	@Override
	public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		return this.channel.newCall(method, options);
	}

	@Override
	public String authority() {
		return this.channel.authority();
	}

	@Override
	public ManagedChannel shutdown() {
		this.shutdown = true;
		return this;
	}

	@Override
	public ManagedChannel shutdownNow() {
		return shutdown();
	}

	@Override
	public boolean isShutdown() {
		return this.shutdown;
	}

	@Override
	public boolean isTerminated() {
		return this.shutdown;
	}

	@Override
	public boolean awaitTermination(long timeout, TimeUnit unit) {
		return this.shutdown;
	}

}
