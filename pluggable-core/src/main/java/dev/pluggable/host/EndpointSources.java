package dev.pluggable.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.discovery.SocketDiscovery;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.endpoint.EndpointSource;
import dev.pluggable.internal.endpoint.MetadataSecrets;
import dev.pluggable.internal.files.PathTrust;
import dev.pluggable.internal.host.HostEndpoints;
import dev.pluggable.internal.supervisor.PluginSupervisor;
import org.jspecify.annotations.Nullable;

/**
 * The sources that come with the product. A new source is listed here, and nowhere else.
 *
 * @param folders finds sockets in folders
 * @param plugins launches plugins
 */
record EndpointSources(SocketDiscovery folders, PluginSupervisor plugins) {

	/**
	 * Create the sources. None of them starts anything.
	 * @param settings settings of the host
	 * @param context the things that all endpoints share
	 * @param endpoints the endpoints that the sources claim
	 * @param hostServices services that the application offers to plugins
	 * @param secrets reads secrets from the secret stores of the host
	 * @return the sources
	 */
	static EndpointSources create(HostSettings settings, EndpointContext context, HostEndpoints endpoints,
			HostServiceRegistry hostServices, Function<Map<String, SecretReference>, MetadataSecrets> secrets) {
		PluginSupervisor plugins = new PluginSupervisor(settings.plugins(), context, endpoints.claims("plugin"),
				hostServices, settings.pluginDirectory(), settings.allowUntrustedFolders(), (plugin) -> {
					Map<String, SecretReference> references = settings.pluginSecrets().getOrDefault(plugin, Map.of());
					return references.isEmpty() ? null : secrets.apply(references);
				});
		SocketDiscovery folders = new SocketDiscovery(settings.socketFolders(), PathTrust.with(settings.allowedUids()),
				settings.allowUntrustedFolders(), endpoints.claims("socket"));
		return new EndpointSources(folders, plugins);
	}

	/**
	 * All sources, in the order in which they claim endpoints.
	 * @return the sources
	 */
	List<EndpointSource> all() {
		return List.of(this.plugins, this.folders);
	}

	/**
	 * Check the path of the folder in which plugins get their private directories.
	 * @return the reason why the path is too long, {@code null} if it is fine
	 */
	static @Nullable String checkPluginDirectory(Path directory) {
		return PluginSupervisor.checkDirectory(directory);
	}

}
