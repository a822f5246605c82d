package dev.pluggable.plugin;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a plugin at one moment.
 *
 * @param name its name, which is also that of its endpoint
 * @param state the state
 * @param reason why it is not ready, or what is wrong although it is; {@code null} if all
 * is well
 * @param since when the state was entered
 * @param pid id of its process, {@code null} if there is none
 * @param launches number of processes so far, this one included
 * @param restarts how often a process was started again after a crash
 * @param startedAt when the process was started, {@code null} if there is none
 * @param protocol how it says where it can be reached
 * @param protocolVersion version of the application's protocol that both speak,
 * {@code null} if it is not known
 * @param tls whether the connections are encrypted and both sides proven
 * @param checksumVerified whether the file of the program was checked before it was run
 * @param lastExitCode exit code of the last process that ended, {@code 128} plus the
 * signal if it was killed; {@code null} before the first
 * @param lastOutput last lines that the plugin wrote to standard error, secrets masked
 * @param served what the application serves to the process
 * @param dialed what the process serves to the application besides its main connection
 * @param answering whether there is a process in use that answers health checks
 * @param required whether the application cannot do its work without it
 * @since 0.1.0
 */
public record PluginStatus(String name, PluginState state, @Nullable String reason, Instant since, @Nullable Long pid,
		int launches, int restarts, @Nullable Instant startedAt, PluginProtocol protocol,
		@Nullable Integer protocolVersion, boolean tls, boolean checksumVerified, @Nullable Integer lastExitCode,
		List<String> lastOutput, List<BrokeredConnection> served, List<BrokeredConnection> dialed, boolean answering,
		boolean required) {

	public PluginStatus {
		lastOutput = List.copyOf(lastOutput);
		served = List.copyOf(served);
		dialed = List.copyOf(dialed);
	}

}
