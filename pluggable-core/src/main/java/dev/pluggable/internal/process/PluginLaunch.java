package dev.pluggable.internal.process;

import java.net.SocketAddress;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * A process that says where it can be reached.
 *
 * @param process the process
 * @param directory private folder that lives as long as the process
 * @param address where it listens: a Unix domain socket, or a TCP port of this machine
 * @param protocolVersion version of the application's protocol, {@code null} if nobody
 * has said
 * @param certificate the plugin's certificate (DER), {@code null} without AutoMTLS
 * @param checksumVerified whether the file of the program was checked before it was run
 */
public record PluginLaunch(PluginProcess process, Path directory, SocketAddress address,
		@Nullable Integer protocolVersion, byte @Nullable [] certificate, boolean checksumVerified) {
}
