package dev.pluggable;

import java.util.Map;

/**
 * The settings with which a component is initialised. Immutable.
 *
 * @param name name of the component
 * @param type type of the component
 * @param metadata settings of the component, in which the values of secrets are filled in
 * @param application the application that uses the component
 * @since 0.1.0
 */
public record ComponentContext(String name, ComponentType type, Map<String, String> metadata,
		ApplicationIdentity application) {

	/**
	 * Create a context.
	 */
	public ComponentContext {
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Create the same context with other metadata.
	 * @param metadata the metadata
	 * @return a new context
	 */
	public ComponentContext withMetadata(Map<String, String> metadata) {
		return new ComponentContext(this.name, this.type, metadata, this.application);
	}

	/**
	 * The context without the values of the metadata, which can be secrets.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "ComponentContext[name=" + this.name + ", type=" + this.type + ", metadata=" + this.metadata.keySet()
				+ ", application=" + this.application + "]";
	}

}
