package dev.pluggable.endpoint;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;

import dev.pluggable.ProbeResult;
import dev.pluggable.transport.PeerCredentials;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an endpoint at one moment.
 *
 * @param name its name
 * @param socket path of the socket, {@code null} while there is none
 * @param state the state
 * @param reason why it is not ready, {@code null} if it is
 * @param since when the state was entered
 * @param generation number of the current or last generation, 0 before the first
 * @param peer who is at the other end, {@code null} while not connected
 * @param reconnects how often a connection was made again after the first
 * @param lastError the last failure, kept after recovery; {@code null} if there was none
 * @param services full names of the gRPC services found, empty before the first
 * connection and for a server without reflection
 * @param probe outcome of the last health probe
 * @since 0.1.0
 */
public record EndpointStatus(String name, @Nullable Path socket, EndpointState state, @Nullable String reason,
		Instant since, long generation, @Nullable PeerCredentials peer, long reconnects, @Nullable String lastError,
		Set<String> services, ProbeResult probe) {
}
