package dev.pluggable;

import java.util.Map;

/**
 * What a component is initialised with, and for whom.
 *
 * @param name name of the component
 * @param type its type
 * @param metadata its settings, with secrets filled in
 * @param application the application that it is initialised for
 * @since 0.1.0
 */
public record ComponentContext(String name, ComponentType type, Map<String, String> metadata,
		ApplicationIdentity application) {

	public ComponentContext {
		metadata = Map.copyOf(metadata);
	}

	/**
	 * The same context with other metadata.
	 * @param metadata the metadata
	 * @return a new context
	 */
	public ComponentContext withMetadata(Map<String, String> metadata) {
		return new ComponentContext(this.name, this.type, metadata, this.application);
	}

	/**
	 * The context without the values of its metadata, which can be secrets.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "ComponentContext[name=" + this.name + ", type=" + this.type + ", metadata=" + this.metadata.keySet()
				+ ", application=" + this.application + "]";
	}

}
