package dev.pluggable.internal.process;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.ReattachSettings;

/**
 * Attaches to a process that somebody else has started.
 */
final class Reattachment {

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
		SocketAddress address = PluginHandshake.address(this.settings, this.reattach.network(),
				this.reattach.address());
		ProcessHandle handle = ProcessHandle.of(this.reattach.pid())
			.filter(ProcessHandle::isAlive)
			.orElseThrow(() -> failure("there is no process " + this.reattach.pid()
					+ ". Start the process, and set 'reattach' to the address that the process prints"));
		if (handle.pid() == ProcessHandle.current().pid() && !this.reattach.test()) {
			throw failure("process " + this.reattach.pid() + " is the application itself, and the end of the plugin "
					+ "would end the application. Set 'reattach.test' to true");
		}
		if (!isReachable(address)) {
			throw failure("nobody listens on '" + this.reattach.address() + "'. Is this the address of process "
					+ this.reattach.pid() + "?");
		}
		PluginProcess process = PluginProcess.attached(this.settings.name(), handle, !this.reattach.test(),
				this.context.executor());
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

	private PluginException failure(String reason) {
		return LaunchFailures.of(this.settings, "cannot be attached to: " + reason);
	}

}
