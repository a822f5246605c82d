package dev.pluggable.remote;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ComponentGeneration;
import dev.pluggable.plugin.BrokeredServer;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * One life of a remote object: one connection, and what was served for it.
 */
final class ObjectGeneration implements ComponentGeneration {

	/**
	 * How long calls under way may go on after another incarnation has taken over.
	 */
	private static final Duration DRAIN = Duration.ofSeconds(5);

	/**
	 * For calls that have found this incarnation just before another took over, and have
	 * not begun yet.
	 */
	private static final Duration LATE_CALLS = Duration.ofMillis(100);

	private final RemoteObject owner;

	private final @Nullable ObjectGeneration parent;

	private final Attributes attributes;

	private final ManagedChannel connection;

	private final List<BrokeredServer> served;

	private final Channel channel = new IncarnationChannel();

	private final AtomicInteger users = new AtomicInteger();

	private final AtomicBoolean closed = new AtomicBoolean();

	private volatile long number;

	private volatile boolean retired;

	private volatile boolean settled;

	private volatile @Nullable ScheduledFuture<?> settling;

	private volatile @Nullable ScheduledFuture<?> end;

	/**
	 * An incarnation.
	 * @param owner whose
	 * @param parent what has created it, {@code null} if that was the plugin itself. What
	 * was served for the parent may be needed here, so it stays at least as long
	 * @param attributes those of the process
	 * @param connection the connection
	 * @param served what was served for it
	 */
	ObjectGeneration(RemoteObject owner, @Nullable ObjectGeneration parent, Attributes attributes,
			ManagedChannel connection, List<BrokeredServer> served) {
		this.owner = owner;
		this.parent = parent;
		this.attributes = attributes;
		this.connection = connection;
		this.served = List.copyOf(served);
		if (parent != null) {
			parent.hold();
		}
	}

	void numbered(long number) {
		this.number = number;
	}

	@Override
	public long number() {
		return this.number;
	}

	@Override
	public Channel channel() {
		return this.channel;
	}

	@Override
	public Attributes attributes() {
		return this.attributes;
	}

	@Override
	public boolean current() {
		return this.owner.isOn(this) && usable();
	}

	ManagedChannel connection() {
		return this.connection;
	}

	/**
	 * Whether calls can be made; once they cannot, they never can again.
	 */
	boolean usable() {
		return !this.retired && this.connection.getState(false) == ConnectivityState.READY;
	}

	/**
	 * A call begins, or something that this has created.
	 */
	void hold() {
		this.users.incrementAndGet();
	}

	/**
	 * It has ended.
	 */
	void release() {
		if (this.users.decrementAndGet() == 0 && this.settled) {
			close();
		}
	}

	/**
	 * Take no more calls, and close when those under way have ended, here and in what
	 * this has created, or after a while.
	 */
	void retire(ScheduledExecutorService scheduler) {
		if (this.retired) {
			return;
		}
		this.retired = true;
		try {
			this.settling = scheduler.schedule(this::settle, LATE_CALLS.toNanos(), TimeUnit.NANOSECONDS);
			this.end = scheduler.schedule(this::close, DRAIN.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			close();
		}
		if (this.closed.get()) {
			cancelEnd();
		}
	}

	private void settle() {
		this.settled = true;
		if (this.users.get() == 0) {
			close();
		}
	}

	/**
	 * Close the connection, then what was served for it, once.
	 */
	void close() {
		if (this.closed.compareAndSet(false, true)) {
			cancelEnd();
			this.connection.shutdownNow();
			this.served.forEach(BrokeredServer::close);
			if (this.parent != null) {
				this.parent.release();
			}
		}
	}

	private void cancelEnd() {
		cancel(this.settling);
		cancel(this.end);
	}

	private static void cancel(@Nullable ScheduledFuture<?> task) {
		if (task != null) {
			task.cancel(false);
		}
	}

	/**
	 * Leads to this incarnation for ever.
	 */
	private final class IncarnationChannel extends Channel {

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			return ObjectGeneration.this.owner.newCall(ObjectGeneration.this, method, options, false);
		}

		@Override
		public String authority() {
			return ObjectGeneration.this.owner.component();
		}

	}

}
