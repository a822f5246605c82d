package dev.pluggable.endpoint;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;

import dev.pluggable.ProbeResult;
import dev.pluggable.transport.PeerCredentials;
import org.jspecify.annotations.Nullable;

/**
 * The status of an endpoint at one moment. Immutable.
 *
 * @param name name of the endpoint
 * @param socket path of the socket; {@code null} while there is none, and for TCP
 * @param address the path of the socket, or host and port; {@code null} while there is
 * neither
 * @param state the state
 * @param reason the reason for the state; {@code null} while the endpoint is ready or
 * makes its first connection
 * @param since the time at which the endpoint entered the state
 * @param generation number of the current or last generation, 0 before the first
 * @param peer the process at the other end, {@code null} without a connection
 * @param reconnects the number of generations after the first
 * @param lastError the last failure, also after a recovery; {@code null} if there was
 * none
 * @param services full names of the gRPC services of the current or last generation;
 * empty before the first generation and for a server without reflection
 * @param probe outcome of the last health probe
 * @since 0.1.0
 */
public record EndpointStatus(String name, @Nullable Path socket, @Nullable String address, EndpointState state,
		@Nullable String reason, Instant since, long generation, @Nullable PeerCredentials peer, long reconnects,
		@Nullable String lastError, Set<String> services, ProbeResult probe) {
}
