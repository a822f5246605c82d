package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import dev.pluggable.transport.PeerCredentials;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import org.jspecify.annotations.Nullable;

/**
 * One life of an endpoint: one connection to one process. A new connection is a new
 * generation, always, so that no call can reach a process that was not initialised.
 * Fields that are not volatile belong to the host's thread.
 */
final class Generation {

	private final EndpointTarget target;

	private final Context.CancellableContext internalCalls = Context.ROOT.withCancellation();

	private @Nullable ManagedChannel channel;

	private volatile long number;

	private @Nullable Set<String> services;

	private volatile @Nullable PeerCredentials peer;

	private volatile @Nullable String refusal;

	private volatile boolean lost;

	Generation(EndpointTarget target) {
		this.target = target;
	}

	/**
	 * Its number among those of the endpoint.
	 * @return 1 for the first, 0 as long as its services are not known
	 */
	long number() {
		return this.number;
	}

	EndpointTarget target() {
		return this.target;
	}

	boolean isOf(EndpointTarget target) {
		return this.target.identity().equals(target.identity());
	}

	void open(ManagedChannel channel) {
		this.channel = channel;
	}

	ManagedChannel channel() {
		ManagedChannel channel = this.channel;
		if (channel == null) {
			throw new IllegalStateException("The connection was not opened");
		}
		return channel;
	}

	/**
	 * Channel for calls that are not the application's.
	 * @param component name of the component they are about, {@code null} for none
	 * @param timeout how long all calls on the channel may take together
	 * @param executor runs their callbacks
	 */
	Channel internalChannel(@Nullable String component, Duration timeout, Executor executor) {
		return new InternalChannel(channel(), component, Deadline.after(timeout.toNanos(), TimeUnit.NANOSECONDS),
				executor, this.internalCalls);
	}

	void cancelInternalCalls() {
		this.internalCalls.cancel(null);
	}

	/**
	 * The services found by reflection.
	 * @return full names, {@code null} if the server has no reflection
	 */
	@Nullable Set<String> services() {
		return this.services;
	}

	/**
	 * It is one of the endpoint's lives: the attempts before it that came to nothing are
	 * not counted.
	 */
	void identified(long number, @Nullable Set<String> services) {
		this.number = number;
		this.services = services;
	}

	boolean offers(String service) {
		Set<String> services = this.services;
		return services != null && services.contains(service);
	}

	@Nullable PeerCredentials peer() {
		return this.peer;
	}

	void connected(PeerCredentials peer) {
		this.peer = peer;
	}

	@Nullable String refusal() {
		return this.refusal;
	}

	void refused(String reason) {
		this.refusal = reason;
	}

	boolean lost() {
		return this.lost;
	}

	void markLost() {
		this.lost = true;
	}

	/**
	 * Whether nothing is left of it.
	 */
	boolean ended() {
		return this.channel == null || this.channel.isTerminated();
	}

	/**
	 * Let calls that are under way end, then close the connection.
	 */
	void drain(ScheduledExecutorService executor, long timeoutNanos) {
		ManagedChannel channel = channel().shutdown();
		executor.schedule(channel::shutdownNow, timeoutNanos, TimeUnit.NANOSECONDS);
	}

	void closeNow() {
		cancelInternalCalls();
		if (this.channel != null) {
			this.channel.shutdownNow();
		}
	}

}
