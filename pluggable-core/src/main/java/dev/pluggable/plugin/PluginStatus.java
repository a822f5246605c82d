package dev.pluggable.plugin;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Status of a plugin at one moment. Immutable.
 *
 * @param name name of the plugin and of its endpoint
 * @param state the state
 * @param reason reason of the state, or a problem of a plugin that is ready; {@code null}
 * if there is neither
 * @param since time when the plugin entered the state
 * @param pid id of the process, {@code null} without a process
 * @param launches number of launches so far
 * @param restarts number of automatic restarts after a crash
 * @param startedAt start of the process, {@code null} without a process
 * @param protocol the way in which a process tells its address
 * @param protocolVersion negotiated version of the application's protocol, {@code null}
 * if it is unknown
 * @param tls whether connections use AutoMTLS
 * @param checksumVerified whether the checksum of the program was verified
 * @param guard the means by which the process and its descendants end with the
 * application, {@code null} without a process that the application has started
 * @param lastExitCode exit code of the last process that ended: 128 plus the number of
 * the signal if a signal killed the process; {@code null} before the first exit
 * @param lastOutput last lines that the process wrote to standard error, without secrets
 * @param served connections that the application serves to the process
 * @param dialed connections that the process serves to the application, in addition to
 * the main one
 * @param answering whether the plugin is ready and its process answers health checks
 * @param required whether the application cannot work without the plugin
 * @since 0.1.0
 */
public record PluginStatus(String name, PluginState state, @Nullable String reason, Instant since, @Nullable Long pid,
		int launches, int restarts, @Nullable Instant startedAt, PluginProtocol protocol,
		@Nullable Integer protocolVersion, boolean tls, boolean checksumVerified, @Nullable PluginGuard guard,
		@Nullable Integer lastExitCode, List<String> lastOutput, List<BrokeredConnection> served,
		List<BrokeredConnection> dialed, boolean answering, boolean required) {

	/**
	 * Create a status from copies of the lists.
	 */
	public PluginStatus {
		lastOutput = List.copyOf(lastOutput);
		served = List.copyOf(served);
		dialed = List.copyOf(dialed);
	}

}
