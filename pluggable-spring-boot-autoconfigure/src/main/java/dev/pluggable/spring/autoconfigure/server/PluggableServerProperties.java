package dev.pluggable.spring.autoconfigure.server;

import java.time.Duration;
import java.util.Map;

import dev.pluggable.transport.TransportType;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Configuration properties for an application that serves beans to other processes.
 *
 * @param name Name, without .sock, of the socket for beans that do not name a socket. If
 * set, the application serves each bean that implements a kind of component.
 * @param folder Folder in which the application creates sockets. If not set, the first of
 * the environment variables DAPR_COMPONENTS_SOCKETS_FOLDER,
 * DAPR_COMPONENT_SOCKETS_FOLDER, DAPR_COMPONENT_SOCKET_FOLDER and
 * LAYOTTO_COMPONENTS_SOCKETS_FOLDER names the folder. If no variable is set either, the
 * folder is /tmp/dapr-components-sockets.
 * @param permissions File permissions of the sockets, which decide which users may
 * connect.
 * @param autoStartup Whether to serve components as soon as the application has started.
 * @param shutdownTimeout Time to wait for running calls when the application stops.
 * @param maxInboundMessageSize Maximum size of a request.
 * @param threads Number of calls that each socket handles at the same time.
 * @param instances Component instances, by the name of the component that hosts send.
 * @param transport Transport to use for Unix domain sockets. The value auto selects the
 * best transport that works on the machine.
 * @param maxConnections Number of clients that each socket serves at the same time.
 * Further connections are closed.
 * @param idleTimeout Time after which a connection without a call ends. A client connects
 * again for its next call.
 * @since 0.1.0
 */
@ConfigurationProperties("pluggable.server")
public record PluggableServerProperties(@Nullable String name, @Nullable String folder,
		@DefaultValue("rw-------") String permissions, @DefaultValue("true") boolean autoStartup,
		@DefaultValue("10s") Duration shutdownTimeout, @DefaultValue("4MB") DataSize maxInboundMessageSize,
		@DefaultValue("64") int threads, @DefaultValue Map<String, Instance> instances,
		@DefaultValue("auto") TransportType transport, @DefaultValue("1000") int maxConnections,
		@DefaultValue("10m") Duration idleTimeout) {

	/**
	 * A component instance.
	 *
	 * @param metadata Metadata of the instance if a host calls the instance without Init.
	 * Some hosts, such as Dapr, do not repeat Init after a restart of this application. A
	 * host that sends no component names, such as Layotto, receives the only instance.
	 */
	@ConfigurationPropertiesSource
	public record Instance(@DefaultValue Map<String, String> metadata) {

		@Override
		public String toString() {
			// Metadata may hold secrets.
			return "Instance[metadata=" + this.metadata.keySet() + "]";
		}

	}

}
