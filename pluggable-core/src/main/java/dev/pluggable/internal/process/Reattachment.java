package dev.pluggable.internal.process;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.internal.transport.ConnectionListener;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.ReattachSettings;
import dev.pluggable.transport.PeerCredentials;
import io.grpc.ManagedChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attaches to a process that somebody else has started.
 */
final class Reattachment {

	private static final Logger logger = LoggerFactory.getLogger(Reattachment.class);

	private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(5);

	private final LaunchContext context;

	private final PluginSettings settings;

	private final ReattachSettings reattach;

	Reattachment(LaunchContext context, PluginSettings settings, ReattachSettings reattach) {
		this.context = context;
		this.settings = settings;
		this.reattach = reattach;
	}

	/**
	 * Attach to the process.
	 * @throws PluginException if the process does not exist or does not listen
	 */
	PluginLaunch attach() {
		SocketAddress address = PluginHandshake.address(this.settings, SecretMask.NONE, this.reattach.network(),
				this.reattach.address());
		ProcessHandle handle = ProcessHandle.of(this.reattach.pid())
			.filter(ProcessHandle::isAlive)
			.orElseThrow(() -> LaunchFailures.lasting(this.settings,
					"cannot be attached to: there is no process " + this.reattach.pid()
							+ ". Start the process, and set 'reattach' to the address that the process prints"));
		if (handle.pid() == ProcessHandle.current().pid() && !this.reattach.test()) {
			throw failure("process " + this.reattach.pid() + " is the application itself, and the end of the plugin "
					+ "would end the application. Set 'reattach.test' to true");
		}
		if (!isReachable(address)) {
			throw failure("nobody listens on '" + this.reattach.address() + "'. Is this the address of process "
					+ this.reattach.pid() + "?");
		}
		boolean recognised = isPeer(address, handle);
		if (!recognised && !this.reattach.test()) {
			logger.warn("The system does not tell which process listens on '{}'. Process {} stays alive when plugin "
					+ "'{}' stops", this.reattach.address(), handle.pid(), this.settings.name());
		}
		OwnedProcess owned = (recognised && !this.reattach.test()) ? OwnedProcess.peer(handle, this.reattach.pid())
				: null;
		PluginProcess process = PluginProcess.attached(this.settings.name(), handle, owned, this.context.executor());
		Path directory = this.context.directories().create(this.settings.name());
		process.ended().thenRunAsync(() -> this.context.directories().delete(directory), this.context.executor());
		return new PluginLaunch(process, directory, address, this.reattach.protocolVersion(), null, false);
	}

	private boolean isReachable(SocketAddress address) {
		if (address instanceof UnixDomainSocketAddress unix) {
			return AddressWait.isSocket(unix.getPath()) && this.context.transport().isListening(unix.getPath());
		}
		try (Socket socket = new Socket()) {
			socket.connect((InetSocketAddress) address, (int) DIAL_TIMEOUT.toMillis());
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Whether a process is the peer of a connection to the address.
	 * @return {@code false} if the system does not tell the peer
	 * @throws PluginException if another process is the peer
	 */
	private boolean isPeer(SocketAddress address, ProcessHandle handle) {
		// A socket outlives the process that began to listen, if a child has inherited
		// it.
		// The system still names that process as the peer, whose id another process may
		// have now.
		ListeningSockets sockets = ListeningSockets.at(address);
		if (sockets.allHeldBy(handle.pid())) {
			return handle.isAlive();
		}
		OptionalLong holder = (sockets.isKnown() && !sockets.anyHeldBy(handle.pid())) ? sockets.holder()
				: OptionalLong.empty();
		if (holder.isPresent()) {
			throw mismatch(holder.getAsLong());
		}
		Long peer = (address instanceof UnixDomainSocketAddress unix) ? peer(unix.getPath()) : null;
		if (peer != null && peer != handle.pid()) {
			throw mismatch(peer);
		}
		return peer != null && handle.isAlive();
	}

	/**
	 * Ask the kernel for the process at the other end of a new connection.
	 * @return id of the process, {@code null} if the transport does not know it
	 */
	private @Nullable Long peer(Path socket) {
		CompletableFuture<@Nullable Long> peer = new CompletableFuture<>();
		ManagedChannel channel = this.context.transport()
			.connect(UnixDomainSocketAddress.of(socket), null, PeerPolicy.allowing(Set.of()), new ConnectionListener() {

				@Override
				public void connected(PeerCredentials credentials) {
					peer.complete(credentials.pid());
				}

				@Override
				public void refused(String reason) {
					peer.complete(null);
				}

				@Override
				public void closed() {
					peer.complete(null);
				}

			}, (builder) -> {
			});
		try {
			channel.getState(true);
			return peer.completeOnTimeout(null, DIAL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).join();
		}
		finally {
			channel.shutdownNow();
		}
	}

	private LaunchException mismatch(long peer) {
		return LaunchFailures.lasting(this.settings,
				"cannot be attached to: process " + peer + " listens on '" + this.reattach.address()
						+ "', and 'reattach.pid' is " + this.reattach.pid()
						+ ". Set both to what the plugin has printed");
	}

	private LaunchException failure(String reason) {
		return LaunchFailures.of(this.settings, "cannot be attached to: " + reason);
	}

}
