package dev.pluggable.internal.broker;

import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Function;

import dev.pluggable.internal.transport.ConnectionListener;
import dev.pluggable.internal.transport.ForwardingChannel;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.transport.PeerCredentials;
import io.grpc.ManagedChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of the host to something that a plugin serves. A connection that has ended
 * does not connect again.
 */
final class DialedConnection extends ForwardingChannel implements ConnectionListener, RenewableConnection {

	private static final Logger logger = LoggerFactory.getLogger(DialedConnection.class);

	private final String plugin;

	private final BrokeredConnection description;

	private final ManagedChannel delegate;

	private final Consumer<DialedConnection> closing;

	private volatile boolean ended;

	private volatile Runnable renewalListener = () -> {
	};

	/**
	 * Create a channel, which connects with its first call.
	 * @param plugin name of the plugin, for messages
	 * @param number the number of the connection
	 * @param name the purpose of the connection
	 * @param connector makes the channel, which reports to the given listener
	 * @param closing called when the channel is shut down, possibly more than once
	 */
	DialedConnection(String plugin, int number, String name, Function<ConnectionListener, ManagedChannel> connector,
			Consumer<DialedConnection> closing) {
		this.plugin = plugin;
		this.description = new BrokeredConnection(number, name, Instant.now());
		this.closing = closing;
		this.delegate = connector.apply(this);
	}

	BrokeredConnection describe() {
		return this.description;
	}

	/**
	 * Return whether the connection has ended. Its owner may not have noticed yet.
	 */
	boolean ended() {
		return this.ended;
	}

	@Override
	public void connected(PeerCredentials peer) {
	}

	@Override
	public void refused(String reason) {
		logger.warn("Connection {} of plugin '{}' is refused: {}", Integer.toUnsignedString(this.description.id()),
				this.plugin, reason);
	}

	@Override
	public void onRenewed(Runnable listener) {
		this.renewalListener = listener;
	}

	@Override
	public void renewed() {
		this.renewalListener.run();
	}

	@Override
	public void closed() {
		this.ended = true;
	}

	@Override
	protected ManagedChannel delegate() {
		return this.delegate;
	}

	@Override
	public ManagedChannel shutdown() {
		this.delegate.shutdown();
		if (this.delegate.isTerminated()) {
			this.closing.accept(this);
		}
		return this;
	}

	@Override
	public ManagedChannel shutdownNow() {
		this.delegate.shutdownNow();
		this.closing.accept(this);
		return this;
	}

}
