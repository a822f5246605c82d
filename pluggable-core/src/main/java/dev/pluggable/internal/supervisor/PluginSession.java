package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.internal.broker.BrokerCustomizers;
import dev.pluggable.internal.broker.GrpcBroker;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.process.PluginLaunch;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.internal.transport.ConnectionListener;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.transport.PeerCredentials;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * The control connection of a process: broker, output, pings and shutdown. Components use
 * another connection, which drains on its own. Safe for use by many threads.
 */
final class PluginSession implements AutoCloseable {

	private final PluginSettings settings;

	private final PluginLaunch launch;

	private final EndpointContext context;

	private final @Nullable SslContext tls;

	private final Runnable lost;

	/**
	 * The connection that lives as long as the process.
	 */
	private final ManagedChannel control;

	private final @Nullable GrpcBroker broker;

	/**
	 * The connection for pings and the shutdown: the control connection, until that one
	 * takes no new calls.
	 */
	private ManagedChannel questions;

	private boolean asked;

	private boolean closed;

	private PluginSession(PluginSettings settings, PluginLaunch launch, @Nullable SslContext client,
			@Nullable SslContext server, EndpointContext context, HostServiceRegistry hostServices, PluginLog log,
			SecretMask secrets, AtomicInteger lastNumber, Runnable lost) {
		this.settings = settings;
		this.launch = launch;
		this.context = context;
		this.tls = client;
		this.lost = lost;
		boolean goPlugin = settings.protocol() == PluginProtocol.GO_PLUGIN;
		this.control = connect(new Listener(goPlugin));
		this.questions = this.control;
		if (goPlugin) {
			this.asked = true;
			this.broker = new GrpcBroker(settings.name(), this.control, context.transport(), launch.directory(), client,
					server, context.peers(), context.thread().scheduler(), context.handlers(),
					settings.maxInboundMessageSize(), new BrokerCustomizers(context.customizer(), hostServices),
					secrets, lastNumber);
			GrpcStdio.read(this.control, log);
		}
		else {
			this.broker = null;
		}
	}

	/**
	 * Connect to a process.
	 * @param secrets hides the secrets that the process knows
	 * @param lastNumber counts the brokered connections of the plugin
	 * @param lost called when the control connection of a go-plugin has ended
	 */
	static PluginSession open(PluginSettings settings, PluginLaunch launch, @Nullable SslContext client,
			@Nullable SslContext server, EndpointContext context, HostServiceRegistry hostServices, PluginLog log,
			SecretMask secrets, AtomicInteger lastNumber, Runnable lost) {
		return new PluginSession(settings, launch, client, server, context, hostServices, log, secrets, lastNumber,
				lost);
	}

	private ManagedChannel connect(ConnectionListener listener) {
		return this.context.transport()
			.connect(this.launch.address(), this.tls, this.context.peers(), listener, (builder) -> {
			});
	}

	/**
	 * Broker of the process.
	 * @return the broker, {@code null} for a protocol without a broker
	 */
	@Nullable GrpcBroker broker() {
		return this.broker;
	}

	/**
	 * Ask the process for a sign of life.
	 * @return completes with whether the process answered in time; never fails
	 */
	CompletionStage<Boolean> ping(Duration timeout) {
		String service = (this.settings.protocol() == PluginProtocol.GO_PLUGIN) ? GrpcPing.GO_PLUGIN : GrpcPing.SERVER;
		return GrpcPing.ask(questions(), service, timeout)
			.thenApply((ping) -> ping.outcome() == GrpcPing.Outcome.ANSWERED);
	}

	/**
	 * A connection that takes new calls. A server may refuse new calls on an old
	 * connection without ending the process. Calls in flight on the old connection, such
	 * as the stream of the broker, go on.
	 */
	private synchronized ManagedChannel questions() {
		if (this.asked && !this.closed && !takesCalls(this.questions)) {
			if (this.broker == null || this.questions != this.control) {
				this.questions.shutdownNow();
			}
			this.questions = connect(new Listener(false));
		}
		this.asked = true;
		return this.questions;
	}

	private static boolean takesCalls(ManagedChannel channel) {
		ConnectivityState state = channel.getState(false);
		return state == ConnectivityState.READY || state == ConnectivityState.CONNECTING;
	}

	/**
	 * Ask the process to end, by a call or, if the process does not know the call, by a
	 * signal.
	 * @param timeout the longest wait for an answer
	 */
	void shutdown(Duration timeout) {
		if (this.broker == null) {
			this.launch.process().terminate();
			return;
		}
		this.broker.close();
		GrpcController.shutdown(questions(), timeout).thenAccept((known) -> {
			if (!known) {
				this.launch.process().terminate();
			}
		});
	}

	@Override
	public void close() {
		ManagedChannel questions;
		synchronized (this) {
			this.closed = true;
			questions = this.questions;
		}
		if (this.broker != null) {
			this.broker.close();
		}
		questions.shutdownNow();
		this.control.shutdownNow();
	}

	private synchronized boolean isClosed() {
		return this.closed;
	}

	/**
	 * Observes a connection on its event loop.
	 */
	private final class Listener implements ConnectionListener {

		private final boolean needed;

		/**
		 * Create a listener.
		 * @param needed whether the process cannot be used without the connection
		 */
		Listener(boolean needed) {
			this.needed = needed;
		}

		@Override
		public void connected(PeerCredentials peer) {
			// The first call tells.
		}

		@Override
		public void refused(String reason) {
			// The endpoint is refused as well and reports the reason.
		}

		@Override
		public void retired() {
			// The process finishes its calls and ends, or its pings fail.
		}

		@Override
		public void closed() {
			if (this.needed && !isClosed()) {
				PluginSession.this.lost.run();
			}
		}

	}

}
