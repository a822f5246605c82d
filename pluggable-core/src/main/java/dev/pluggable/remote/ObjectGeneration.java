package dev.pluggable.remote;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ComponentGeneration;
import dev.pluggable.internal.support.EndlessCalls;
import dev.pluggable.internal.support.HostThread;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * One life of a remote object: one connection, and the connections that the host serves
 * for it. Safe for use by many threads.
 */
final class ObjectGeneration {

	/**
	 * The time for which a retired generation stays open for late calls. A late call
	 * chose this generation just before another one took over, and has not started yet.
	 */
	static final Duration LATE_CALLS = Duration.ofMillis(100);

	private final RemoteObject owner;

	private final @Nullable ObjectGeneration parent;

	private final Attributes attributes;

	private final ManagedChannel connection;

	private final ServedConnections served;

	private final Duration callTimeout;

	private final EndlessCalls endlessCalls = new EndlessCalls();

	private final Channel channel = new GenerationChannel();

	/**
	 * The number of users: calls on this generation, and generations that it has created.
	 */
	private final AtomicInteger users = new AtomicInteger();

	private final AtomicBoolean closed = new AtomicBoolean();

	private volatile View view = new View(0);

	private volatile boolean retired;

	/**
	 * Whether the last user closes this generation.
	 */
	private volatile boolean settled;

	private volatile HostThread.@Nullable Timer settling;

	private volatile HostThread.@Nullable Timer end;

	/**
	 * Create a generation.
	 * @param owner the object
	 * @param parent the generation that has created this one, {@code null} if the plugin
	 * itself has. The parent stays open at least as long as this generation, because this
	 * generation may need connections that the host serves for the parent
	 * @param attributes the attributes of the process
	 * @param connection the connection
	 * @param served the connections that the host serves
	 */
	ObjectGeneration(RemoteObject owner, @Nullable ObjectGeneration parent, Attributes attributes,
			ManagedChannel connection, ServedConnections served) {
		this.owner = owner;
		this.parent = parent;
		this.attributes = attributes;
		this.connection = connection;
		this.served = served;
		this.callTimeout = owner.callTimeout();
		if (parent != null) {
			parent.hold();
		}
	}

	/**
	 * Give this generation its number, or another number after its connection was
	 * renewed.
	 */
	void numbered(long number) {
		this.view = new View(number);
	}

	/**
	 * Return what listeners see of this generation under its current number.
	 */
	View view() {
		return this.view;
	}

	ManagedChannel connection() {
		return this.connection;
	}

	/**
	 * Make a call on the connection. If this generation is replaced, a call without a
	 * deadline has the call timeout to end.
	 */
	<Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		return this.endlessCalls.newCall(this.connection, method, options, this.callTimeout);
	}

	/**
	 * Return whether calls can be made. A generation never becomes usable again.
	 */
	boolean usable() {
		return !this.retired && this.connection.getState(false) == ConnectivityState.READY;
	}

	/**
	 * Count a user: a call, or a generation that this one has created.
	 */
	void hold() {
		this.users.incrementAndGet();
	}

	/**
	 * Forget a user. The last user of a retired generation closes it.
	 */
	void release() {
		if (this.users.decrementAndGet() == 0 && this.settled) {
			close();
		}
	}

	/**
	 * Take no more calls. Close when the last user has ended, at the latest after the
	 * drain timeout of the object. Belongs to the host's thread.
	 */
	void retire(HostThread thread) {
		thread.assertCurrent();
		if (this.retired) {
			return;
		}
		this.retired = true;
		String what = "closing an earlier generation of " + this.owner;
		HostThread.Timer end = thread.schedule(what, this.owner.drainTimeout(), this::close);
		this.settling = thread.schedule(what, LATE_CALLS, () -> settle(thread));
		this.end = end;
		if (!end.pending()) {
			// The host has closed, so the timer never runs.
			close();
		}
		else if (this.closed.get()) {
			cancelTimers();
		}
	}

	private void settle(HostThread thread) {
		this.settled = true;
		this.endlessCalls.replaced(thread);
		if (this.users.get() == 0) {
			close();
		}
	}

	/**
	 * Close the connection, then the connections served for it, once.
	 */
	void close() {
		if (this.closed.compareAndSet(false, true)) {
			this.retired = true;
			cancelTimers();
			this.connection.shutdownNow();
			this.served.close();
			if (this.parent != null) {
				this.parent.release();
			}
		}
	}

	private void cancelTimers() {
		cancel(this.settling);
		cancel(this.end);
	}

	private static void cancel(HostThread.@Nullable Timer timer) {
		if (timer != null) {
			timer.cancel();
		}
	}

	/**
	 * This generation under one number.
	 */
	final class View implements ComponentGeneration {

		private final long number;

		private View(long number) {
			this.number = number;
		}

		ObjectGeneration generation() {
			return ObjectGeneration.this;
		}

		@Override
		public long number() {
			return this.number;
		}

		@Override
		public Channel channel() {
			return ObjectGeneration.this.channel;
		}

		@Override
		public Attributes attributes() {
			return ObjectGeneration.this.attributes;
		}

		@Override
		public boolean continues(ComponentGeneration earlier) {
			return earlier instanceof View other && other.generation() == generation();
		}

		@Override
		public boolean current() {
			return ObjectGeneration.this.view == this && ObjectGeneration.this.owner.isOn(ObjectGeneration.this)
					&& usable();
		}

	}

	/**
	 * A channel to this generation, even if another one is current.
	 */
	private final class GenerationChannel extends Channel {

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
