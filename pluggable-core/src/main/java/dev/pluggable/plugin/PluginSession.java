package dev.pluggable.plugin;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.endpoint.EndpointContext;
import dev.pluggable.transport.ConnectionListener;
import dev.pluggable.transport.PeerCredentials;
import io.grpc.ManagedChannel;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * The connection over which a process is controlled: broker, output, pings, shutdown. It
 * is not that of its components, which can be drained on its own. Safe for use by many
 * threads.
 */
final class PluginSession implements AutoCloseable {

	private final PluginSettings settings;

	private final PluginLaunch launch;

	private final EndpointContext context;

	private final @Nullable SslContext tls;

	private final Runnable lost;

	private final @Nullable GrpcBroker broker;

	private ManagedChannel channel;

	private boolean connectionEnded;

	private boolean closed;

	private PluginSession(PluginSettings settings, PluginLaunch launch, @Nullable SslContext client,
			@Nullable SslContext server, EndpointContext context, PluginLog log, Runnable lost) {
		this.settings = settings;
		this.launch = launch;
		this.context = context;
		this.tls = client;
		this.lost = lost;
		this.channel = connect();
		if (settings.protocol() == PluginProtocol.GO_PLUGIN) {
			this.broker = new GrpcBroker(settings.name(), this.channel, context.transport(), launch.directory(), client,
					server, context.peers(), context.executor(), context.handlers(),
					GrpcBroker.DEFAULT_MAX_MESSAGE_SIZE);
			GrpcStdio.read(this.channel, log);
		}
		else {
			this.broker = null;
		}
	}

	/**
	 * Connect to a process.
	 * @param lost called once the connection has ended, if the protocol needs it
	 */
	static PluginSession open(PluginSettings settings, PluginLaunch launch, @Nullable SslContext client,
			@Nullable SslContext server, EndpointContext context, PluginLog log, Runnable lost) {
		return new PluginSession(settings, launch, client, server, context, log, lost);
	}

	private ManagedChannel connect() {
		return this.context.transport()
			.connect(this.launch.address(), this.tls, this.context.peers(), new Listener(), (builder) -> {
			});
	}

	/**
	 * The way to and from the process besides its components.
	 * @return the broker, {@code null} for a protocol without one
	 */
	@Nullable GrpcBroker broker() {
		return this.broker;
	}

	/**
	 * Ask whether it is alive.
	 * @return completes with whether it answered in time, whatever it said; never fails
	 */
	CompletionStage<Boolean> ping(Duration timeout) {
		String service = (this.settings.protocol() == PluginProtocol.GO_PLUGIN) ? GrpcPing.GO_PLUGIN : GrpcPing.SERVER;
		return GrpcPing.ask(channel(), service, timeout)
			.thenApply((ping) -> ping.outcome() == GrpcPing.Outcome.ANSWERED);
	}

	/**
	 * The connection, which is made again where its end does not mean that of the
	 * process: a server may close connections that have become old.
	 */
	private synchronized ManagedChannel channel() {
		if (this.connectionEnded && this.broker == null && !this.closed) {
			this.connectionEnded = false;
			this.channel.shutdownNow();
			this.channel = connect();
		}
		return this.channel;
	}

	/**
	 * Ask the process to end.
	 * @return completes when it has been asked; never fails
	 */
	CompletionStage<Void> shutdown(Duration timeout) {
		if (this.broker == null) {
			this.launch.process().terminate();
			return CompletableFuture.completedFuture(null);
		}
		this.broker.close();
		return GrpcController.shutdown(channel(), timeout);
	}

	@Override
	public synchronized void close() {
		this.closed = true;
		if (this.broker != null) {
			this.broker.close();
		}
		this.channel.shutdownNow();
	}

	private synchronized void ended() {
		this.connectionEnded = true;
		if (this.broker != null && !this.closed) {
			this.lost.run();
		}
	}

	/**
	 * Hears of the connection on its event loop.
	 */
	private final class Listener implements ConnectionListener {

		@Override
		public void connected(PeerCredentials peer) {
			// Its first call tells.
		}

		@Override
		public void refused(String reason) {
			// The endpoint is refused as well, and tells.
		}

		@Override
		public void closed() {
			ended();
		}

	}

}
