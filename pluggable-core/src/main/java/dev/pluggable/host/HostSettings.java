package dev.pluggable.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.transport.TransportType;

/**
 * Settings of a host. Begin with {@link #defaults()} and change what differs.
 *
 * @param socketFolders folders that are watched, in order of precedence
 * @param declarations components that the application wants to have
 * @param undeclared limits of components that are found without a declaration
 * @param publishUndeclared whether components without a declaration are published
 * @param reconcileInterval how often the folders are read without a hint
 * @param goneAfter how long the socket of a discovered component may be away before the
 * component counts as gone
 * @param endpoints how endpoints are kept reachable
 * @param transport how sockets are spoken to
 * @param allowedUids numeric ids of users, besides our own and root, whose processes may
 * be components
 * @param application who the application is to its components
 * @param plugins processes that the application launches
 * @param pluginDirectory where private directories for these processes are made; sockets
 * are in them, so its path must be short
 * @since 0.1.0
 */
public record HostSettings(Set<Path> socketFolders, List<ComponentDeclaration> declarations,
		ComponentSettings undeclared, boolean publishUndeclared, Duration reconcileInterval, Duration goneAfter,
		EndpointSettings endpoints, TransportType transport, Set<Long> allowedUids, ApplicationIdentity application,
		List<PluginSettings> plugins, Path pluginDirectory) {

	/**
	 * The folder for temporary files.
	 */
	public static final Path DEFAULT_PLUGIN_DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

	public HostSettings {
		if (reconcileInterval.isZero() || reconcileInterval.isNegative() || goneAfter.isNegative()) {
			throw new IllegalArgumentException(
					"'reconcileInterval' must be positive and 'goneAfter' must not be negative");
		}
		socketFolders = Collections.unmodifiableSet(new LinkedHashSet<>(socketFolders));
		declarations = List.copyOf(declarations);
		allowedUids = Set.copyOf(allowedUids);
		plugins = List.copyOf(plugins);
	}

	/**
	 * Limits that hold where nothing else is said: 5 s for a call and for {@code Init},
	 * no wait, 4 MiB.
	 * @return the limits
	 */
	public static ComponentSettings defaultComponentSettings() {
		return new ComponentSettings(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ZERO, 4 * 1024 * 1024);
	}

	/**
	 * No folder and no declaration; 1 s between two looks, gone after 30 s, 5 s to
	 * connect, a probe each 10 s with 1 s to answer, 10 s to drain.
	 * @return the settings
	 */
	public static HostSettings defaults() {
		return new HostSettings(Set.of(), List.of(), defaultComponentSettings(), true, Duration.ofSeconds(1),
				Duration.ofSeconds(30),
				new EndpointSettings(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(1),
						Duration.ofSeconds(10)),
				TransportType.AUTO, Set.of(), ApplicationIdentity.UNKNOWN, List.of(), DEFAULT_PLUGIN_DIRECTORY);
	}

	/**
	 * These settings with other folders.
	 * @param folders the folders, in order of precedence
	 * @return new settings
	 */
	public HostSettings withSocketFolders(Set<Path> folders) {
		return new HostSettings(folders, this.declarations, this.undeclared, this.publishUndeclared,
				this.reconcileInterval, this.goneAfter, this.endpoints, this.transport, this.allowedUids,
				this.application, this.plugins, this.pluginDirectory);
	}

	/**
	 * These settings with other declarations.
	 * @param declarations the declarations
	 * @return new settings
	 */
	public HostSettings withDeclarations(List<ComponentDeclaration> declarations) {
		return new HostSettings(this.socketFolders, declarations, this.undeclared, this.publishUndeclared,
				this.reconcileInterval, this.goneAfter, this.endpoints, this.transport, this.allowedUids,
				this.application, this.plugins, this.pluginDirectory);
	}

	/**
	 * These settings with another time after which a component counts as gone.
	 * @param goneAfter the time
	 * @return new settings
	 */
	public HostSettings withGoneAfter(Duration goneAfter) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.reconcileInterval, goneAfter, this.endpoints, this.transport, this.allowedUids, this.application,
				this.plugins, this.pluginDirectory);
	}

	/**
	 * These settings with other times for endpoints.
	 * @param endpoints the times
	 * @return new settings
	 */
	public HostSettings withEndpoints(EndpointSettings endpoints) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.reconcileInterval, this.goneAfter, endpoints, this.transport, this.allowedUids, this.application,
				this.plugins, this.pluginDirectory);
	}

	/**
	 * These settings with another transport.
	 * @param transport the transport
	 * @return new settings
	 */
	public HostSettings withTransport(TransportType transport) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.reconcileInterval, this.goneAfter, this.endpoints, transport, this.allowedUids, this.application,
				this.plugins, this.pluginDirectory);
	}

	/**
	 * These settings with other plugins.
	 * @param plugins processes that the application launches
	 * @return new settings
	 */
	public HostSettings withPlugins(List<PluginSettings> plugins) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.reconcileInterval, this.goneAfter, this.endpoints, this.transport, this.allowedUids,
				this.application, plugins, this.pluginDirectory);
	}

	/**
	 * These settings with another place for the directories of plugins.
	 * @param pluginDirectory the folder
	 * @return new settings
	 */
	public HostSettings withPluginDirectory(Path pluginDirectory) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.reconcileInterval, this.goneAfter, this.endpoints, this.transport, this.allowedUids,
				this.application, this.plugins, pluginDirectory);
	}

	/**
	 * These settings for another application.
	 * @param application who the application is to its components
	 * @return new settings
	 */
	public HostSettings withApplication(ApplicationIdentity application) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.reconcileInterval, this.goneAfter, this.endpoints, this.transport, this.allowedUids, application,
				this.plugins, this.pluginDirectory);
	}

}
