package dev.pluggable.spring.autoconfigure.server;

import java.time.Duration;

import dev.pluggable.transport.TransportType;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Properties of an application that serves beans to other processes.
 *
 * @param name Name of the socket, without .sock, of the beans that do not name their own.
 * With a value, each bean that implements a kind of component is served.
 * @param folder Folder of the sockets. Without a value the folder is taken from the
 * environment variables DAPR_COMPONENTS_SOCKETS_FOLDER, DAPR_COMPONENT_SOCKETS_FOLDER,
 * DAPR_COMPONENT_SOCKET_FOLDER and LAYOTTO_COMPONENTS_SOCKETS_FOLDER, else it is
 * /tmp/dapr-components-sockets.
 * @param permissions Who may connect, as the permissions of the sockets.
 * @param autoStartup Whether to serve as soon as the application has started.
 * @param shutdownTimeout How long calls may take to end when the application ends.
 * @param maxInboundMessageSize Largest request that is accepted.
 * @param threads How many calls are worked on at once on each socket.
 * @param transport Transport to use. The default takes the best that works on the
 * machine.
 * @since 0.1.0
 */
@ConfigurationProperties("pluggable.server")
public record PluggableServerProperties(@Nullable String name, @Nullable String folder,
		@DefaultValue("rw-------") String permissions, @DefaultValue("true") boolean autoStartup,
		@DefaultValue("10s") Duration shutdownTimeout, @DefaultValue("4MB") DataSize maxInboundMessageSize,
		@DefaultValue("64") int threads, @DefaultValue("auto") TransportType transport) {
}
