package dev.pluggable.spring.host;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.pluggable.Component;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.host.ComponentHost;

/**
 * Thrown when required components are not ready within {@code pluggable.startup-timeout}.
 *
 * @since 0.1.0
 */
public class RequiredComponentsUnavailableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient List<Component<?>> components;

	private final Duration waited;

	private final transient List<FolderStatus> folders;

	private final transient Map<String, String> suggestions;

	RequiredComponentsUnavailableException(List<Component<?>> components, Duration waited, ComponentHost host) {
		super("Required components are not ready after " + waited.toMillis() + " ms: "
				+ components.stream()
					.map((component) -> component.id() + " (" + component.status().reason() + ")")
					.toList());
		this.components = List.copyOf(components);
		this.waited = waited;
		this.folders = List.copyOf(host.folders());
		AvailableTypes available = new AvailableTypes(host);
		this.suggestions = new HashMap<>();
		components.forEach((component) -> available.suggestion(component)
			.ifPresent((type) -> this.suggestions.put(component.name(), type)));
	}

	/**
	 * Return the components that are not ready.
	 * @return the components
	 */
	public List<Component<?>> getComponents() {
		return this.components;
	}

	/**
	 * Return a type with a similar name that exists, for a component whose type does not
	 * exist.
	 * @param component the component
	 * @return the type, empty if there is none
	 */
	public Optional<String> getSuggestion(Component<?> component) {
		return Optional.ofNullable(this.suggestions.get(component.name()));
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
