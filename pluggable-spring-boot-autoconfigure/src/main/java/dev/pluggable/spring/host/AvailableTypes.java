package dev.pluggable.spring.host;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import dev.pluggable.Component;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.discovery.SocketFile;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginStatus;

/**
 * The sockets, plugins and built-in implementations that a component can have. This class
 * suggests a name for a component whose implementation does not exist.
 */
final class AvailableTypes {

	private static final int MAX_NAMES = 20;

	private final ComponentHost host;

	private final List<FolderStatus> folders;

	private final List<String> plugins;

	AvailableTypes(ComponentHost host) {
		this.host = host;
		this.folders = host.folders();
		this.plugins = host.plugins().statuses().stream().map(PluginStatus::name).toList();
	}

	/**
	 * Suggest a type with a similar name.
	 * @param component a component whose endpoint may not exist
	 * @return the type, empty if the endpoint exists or no name is similar
	 */
	Optional<String> suggestion(Component<?> component) {
		Set<String> names = new LinkedHashSet<>(this.plugins);
		this.folders.forEach((folder) -> folder.sockets().stream().map(SocketFile::name).forEach(names::add));
		names.addAll(this.host.builtIns(component.kind()));
		return SimilarNames.find(component.type().implementation(), names)
			.map((name) -> component.kind().typePrefix() + "." + name);
	}

	@Override
	public String toString() {
		List<String> sentences = new ArrayList<>();
		for (FolderStatus folder : this.folders) {
			sentences.add(switch (folder.state()) {
				case MISSING -> "The socket folder " + folder.folder() + " does not exist";
				case UNREADABLE -> "The socket folder " + folder.folder() + " cannot be read: " + folder.reason();
				case REFUSED -> "The socket folder " + folder.folder() + " is not used: " + folder.reason();
				case READABLE -> "The sockets in " + folder.folder() + " are "
						+ names(folder.sockets().stream().map(SocketFile::name).toList());
			});
		}
		if (!this.plugins.isEmpty()) {
			sentences.add("The plugins are " + names(this.plugins));
		}
		return String.join(". ", sentences);
	}

	private static String names(List<String> names) {
		if (names.size() <= MAX_NAMES) {
			return new TreeSet<>(names).toString();
		}
		return names.stream().sorted().limit(MAX_NAMES).toList() + " and " + (names.size() - MAX_NAMES) + " more";
	}

}
