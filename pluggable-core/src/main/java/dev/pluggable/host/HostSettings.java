package dev.pluggable.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.transport.TransportType;

/**
 * Settings of a host. Begin with {@link #defaults()} and change single settings.
 * Immutable.
 *
 * @param socketFolders folders that the host watches for sockets, in order of precedence
 * @param declarations components that the application declares
 * @param undeclared limits of components that the host discovers without a declaration
 * @param publishUndeclared whether the host publishes components without a declaration
 * @param publishUnknownServices whether the host also publishes each service that no kind
 * has as a {@link dev.pluggable.grpc.DynamicService}
 * @param reconcileInterval how often the host looks for endpoints without a hint, longer
 * than zero
 * @param goneAfter how long the socket of a discovered component may be missing before
 * the component leaves the registry, not negative
 * @param endpoints time limits of connections and probes
 * @param transport the transport that connects sockets
 * @param allowedUids numeric ids of the users whose processes may serve components, in
 * addition to the user of this process and root
 * @param allowUntrustedFolders whether the host uses socket folders and a plugin
 * directory that other users can change, and warns; otherwise the host refuses them
 * @param maxInboundMetadataSize largest metadata of a call that the host accepts, in
 * bytes; the text and the details of an error are metadata
 * @param application identity of the application, for its components
 * @param plugins processes that the application launches; their names differ in more than
 * upper and lower case
 * @param pluginSecrets further variables of the plugins, whose values come from secret
 * stores: references by the names of the variables, by the names of the plugins
 * @param pluginDirectory folder in which each of these processes gets a private
 * directory; the path must be short, because the directories contain sockets
 * @since 0.1.0
 */
public record HostSettings(Set<Path> socketFolders, List<ComponentDeclaration> declarations,
		ComponentSettings undeclared, boolean publishUndeclared, boolean publishUnknownServices,
		Duration reconcileInterval, Duration goneAfter, EndpointSettings endpoints, TransportType transport,
		Set<Long> allowedUids, boolean allowUntrustedFolders, int maxInboundMetadataSize,
		ApplicationIdentity application, List<PluginSettings> plugins,
		Map<String, Map<String, SecretReference>> pluginSecrets, Path pluginDirectory) {

	/**
	 * Default of the plugin directory: the system's folder for temporary files.
	 */
	public static final Path DEFAULT_PLUGIN_DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

	/**
	 * Default of the largest accepted metadata of a call, in bytes.
	 */
	public static final int DEFAULT_MAX_INBOUND_METADATA_SIZE = Transport.DEFAULT_MAX_INBOUND_METADATA_SIZE;

	/**
	 * Create settings.
	 * @throws IllegalArgumentException if a time is out of range, or two plugins have the
	 * same name
	 */
	public HostSettings {
		if (reconcileInterval.isZero() || reconcileInterval.isNegative() || goneAfter.isNegative()) {
			throw new IllegalArgumentException(
					"'reconcileInterval' must be positive and 'goneAfter' must not be negative");
		}
		socketFolders = Collections.unmodifiableSet(new LinkedHashSet<>(socketFolders));
		declarations = List.copyOf(declarations);
		allowedUids = Set.copyOf(allowedUids);
		plugins = List.copyOf(plugins);
		pluginSecrets = Map.copyOf(pluginSecrets);
		Set<String> names = new HashSet<>();
		for (PluginSettings plugin : plugins) {
			if (!names.add(plugin.name().toLowerCase(Locale.ROOT))) {
				throw new IllegalArgumentException("Two plugins have the name '" + plugin.name() + "'");
			}
		}
	}

	/**
	 * Default limits of a component: 5 s for a call, 5 s for {@code Init}, an outage
	 * grace of 2 s and no other wait for an unavailable component, 4 MiB for a message.
	 * @return the limits
	 */
	public static ComponentSettings defaultComponentSettings() {
		return new ComponentSettings(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ZERO, 4 * 1024 * 1024);
	}

	/**
	 * Default settings: no folders, no declarations and no plugins; discovered components
	 * are published with {@link #defaultComponentSettings()}; the host looks for
	 * endpoints every second, and components are gone after 30 s; 5 s to connect, a probe
	 * every 10 s that lasts for 1 s at most, 10 min to drain.
	 * @return the settings
	 */
	public static HostSettings defaults() {
		return new HostSettings(Set.of(), List.of(), defaultComponentSettings(), true, true, Duration.ofSeconds(1),
				Duration.ofSeconds(30),
				new EndpointSettings(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(1),
						Duration.ofMinutes(10)),
				TransportType.AUTO, Set.of(), false, DEFAULT_MAX_INBOUND_METADATA_SIZE, ApplicationIdentity.UNKNOWN,
				List.of(), Map.of(), DEFAULT_PLUGIN_DIRECTORY);
	}

	/**
	 * Replace the folders.
	 * @param folders the folders, in order of precedence
	 * @return new settings
	 */
	public HostSettings withSocketFolders(Set<Path> folders) {
		return new HostSettings(folders, this.declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, this.goneAfter, this.endpoints, this.transport,
				this.allowedUids, this.allowUntrustedFolders, this.maxInboundMetadataSize, this.application,
				this.plugins, this.pluginSecrets, this.pluginDirectory);
	}

	/**
	 * Replace the declarations.
	 * @param declarations the declarations
	 * @return new settings
	 */
	public HostSettings withDeclarations(List<ComponentDeclaration> declarations) {
		return new HostSettings(this.socketFolders, declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, this.goneAfter, this.endpoints, this.transport,
				this.allowedUids, this.allowUntrustedFolders, this.maxInboundMetadataSize, this.application,
				this.plugins, this.pluginSecrets, this.pluginDirectory);
	}

	/**
	 * Replace whether the host publishes services that no kind has.
	 * @param publishUnknownServices whether each becomes a component
	 * @return new settings
	 */
	public HostSettings withPublishUnknownServices(boolean publishUnknownServices) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				publishUnknownServices, this.reconcileInterval, this.goneAfter, this.endpoints, this.transport,
				this.allowedUids, this.allowUntrustedFolders, this.maxInboundMetadataSize, this.application,
				this.plugins, this.pluginSecrets, this.pluginDirectory);
	}

	/**
	 * Replace the time after which a missing component is gone.
	 * @param goneAfter the time
	 * @return new settings
	 */
	public HostSettings withGoneAfter(Duration goneAfter) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, goneAfter, this.endpoints, this.transport,
				this.allowedUids, this.allowUntrustedFolders, this.maxInboundMetadataSize, this.application,
				this.plugins, this.pluginSecrets, this.pluginDirectory);
	}

	/**
	 * Replace the time limits of endpoints.
	 * @param endpoints the times
	 * @return new settings
	 */
	public HostSettings withEndpoints(EndpointSettings endpoints) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, this.goneAfter, endpoints, this.transport,
				this.allowedUids, this.allowUntrustedFolders, this.maxInboundMetadataSize, this.application,
				this.plugins, this.pluginSecrets, this.pluginDirectory);
	}

	/**
	 * Replace the transport.
	 * @param transport the transport
	 * @return new settings
	 */
	public HostSettings withTransport(TransportType transport) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, this.goneAfter, this.endpoints, transport,
				this.allowedUids, this.allowUntrustedFolders, this.maxInboundMetadataSize, this.application,
				this.plugins, this.pluginSecrets, this.pluginDirectory);
	}

	/**
	 * Replace whether the host uses folders that other users can change.
	 * @param allowUntrustedFolders whether the host uses such folders and warns
	 * @return new settings
	 */
	public HostSettings withAllowUntrustedFolders(boolean allowUntrustedFolders) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, this.goneAfter, this.endpoints, this.transport,
				this.allowedUids, allowUntrustedFolders, this.maxInboundMetadataSize, this.application, this.plugins,
				this.pluginSecrets, this.pluginDirectory);
	}

	/**
	 * Replace the size of the largest accepted metadata.
	 * @param maxInboundMetadataSize the size in bytes
	 * @return new settings
	 */
	public HostSettings withMaxInboundMetadataSize(int maxInboundMetadataSize) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, this.goneAfter, this.endpoints, this.transport,
				this.allowedUids, this.allowUntrustedFolders, maxInboundMetadataSize, this.application, this.plugins,
				this.pluginSecrets, this.pluginDirectory);
	}

	/**
	 * Replace the plugins.
	 * @param plugins processes that the application launches
	 * @return new settings
	 */
	public HostSettings withPlugins(List<PluginSettings> plugins) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, this.goneAfter, this.endpoints, this.transport,
				this.allowedUids, this.allowUntrustedFolders, this.maxInboundMetadataSize, this.application, plugins,
				this.pluginSecrets, this.pluginDirectory);
	}

	/**
	 * Replace the variables of plugins whose values come from secret stores.
	 * @param pluginSecrets references by the names of the variables, by the names of the
	 * plugins
	 * @return new settings
	 */
	public HostSettings withPluginSecrets(Map<String, Map<String, SecretReference>> pluginSecrets) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, this.goneAfter, this.endpoints, this.transport,
				this.allowedUids, this.allowUntrustedFolders, this.maxInboundMetadataSize, this.application,
				this.plugins, pluginSecrets, this.pluginDirectory);
	}

	/**
	 * Replace the plugin directory.
	 * @param pluginDirectory the folder
	 * @return new settings
	 */
	public HostSettings withPluginDirectory(Path pluginDirectory) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, this.goneAfter, this.endpoints, this.transport,
				this.allowedUids, this.allowUntrustedFolders, this.maxInboundMetadataSize, this.application,
				this.plugins, this.pluginSecrets, pluginDirectory);
	}

	/**
	 * Replace the identity of the application.
	 * @param application identity of the application, for its components
	 * @return new settings
	 */
	public HostSettings withApplication(ApplicationIdentity application) {
		return new HostSettings(this.socketFolders, this.declarations, this.undeclared, this.publishUndeclared,
				this.publishUnknownServices, this.reconcileInterval, this.goneAfter, this.endpoints, this.transport,
				this.allowedUids, this.allowUntrustedFolders, this.maxInboundMetadataSize, application, this.plugins,
				this.pluginSecrets, this.pluginDirectory);
	}

}
