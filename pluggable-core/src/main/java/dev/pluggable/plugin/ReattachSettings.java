package dev.pluggable.plugin;

/**
 * A process that somebody else has started, such as a debugger. The application compares
 * the id of the process with the process that listens at the address, and refuses another
 * process. If the system does not tell who listens, the process stays alive when the
 * plugin stops. Immutable.
 *
 * @param network {@code unix} or {@code tcp}
 * @param address path of the socket, or host and port
 * @param pid id of the process
 * @param protocolVersion version of the application's protocol that the process speaks
 * @param test whether the process stays alive when the plugin stops
 * @since 0.1.0
 */
public record ReattachSettings(String network, String address, long pid, int protocolVersion, boolean test) {
}
