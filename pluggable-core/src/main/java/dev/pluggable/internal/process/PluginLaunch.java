package dev.pluggable.internal.process;

import java.net.SocketAddress;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * A process with a known address.
 *
 * @param process the process
 * @param directory run directory of the process
 * @param address address of the process: a Unix domain socket, or a TCP port of this
 * machine
 * @param protocolVersion negotiated version of the application's protocol, {@code null}
 * without a negotiation
 * @param certificate the plugin's certificate (DER), {@code null} without AutoMTLS
 * @param checksumVerified whether the checksum of the program was verified
 */
public record PluginLaunch(PluginProcess process, Path directory, SocketAddress address,
		@Nullable Integer protocolVersion, byte @Nullable [] certificate, boolean checksumVerified) {
}
