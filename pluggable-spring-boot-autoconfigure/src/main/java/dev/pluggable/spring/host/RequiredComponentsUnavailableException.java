package dev.pluggable.spring.host;

import java.time.Duration;
import java.util.List;

import dev.pluggable.Component;
import dev.pluggable.discovery.FolderStatus;

/**
 * Thrown when required components are not ready within
 * {@code pluggable.discovery.startup-wait}.
 *
 * @since 0.1.0
 */
public class RequiredComponentsUnavailableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient List<Component<?>> components;

	private final Duration waited;

	private final transient List<FolderStatus> folders;

	RequiredComponentsUnavailableException(List<Component<?>> components, Duration waited, List<FolderStatus> folders) {
		super("Required components are not ready after " + waited.toMillis() + " ms: "
				+ components.stream()
					.map((component) -> component.id() + " (" + component.status().reason() + ")")
					.toList());
		this.components = List.copyOf(components);
		this.waited = waited;
		this.folders = List.copyOf(folders);
	}

	/**
	 * Return the components that are not ready.
	 * @return the components
	 */
	public List<Component<?>> getComponents() {
		return this.components;
	}

	/**
	 * Return how long the start waited for the components.
	 * @return the time
	 */
	public Duration getWaited() {
		return this.waited;
	}

	/**
	 * Return the state of the socket folders.
	 * @return one status for each folder
	 */
	public List<FolderStatus> getFolders() {
		return this.folders;
	}

}
