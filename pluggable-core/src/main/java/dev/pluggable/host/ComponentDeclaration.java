package dev.pluggable.host;

import java.util.Map;

import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import org.jspecify.annotations.Nullable;

/**
 * A component that the application wants to have, whether it is there yet or not.
 *
 * @param name its name: begins with a letter or digit and holds letters, digits,
 * {@code '.'}, {@code '_'} and {@code '-'}
 * @param type its type
 * @param required whether the application cannot do its work without it
 * @param metadata what the component gets for its initialisation; may hold secrets
 * @param settings limits of its calls
 * @param origin where it is declared, for messages; {@code null} if not known
 * @since 0.1.0
 */
public record ComponentDeclaration(String name, ComponentType type, boolean required, Map<String, String> metadata,
		ComponentSettings settings, @Nullable String origin) {

	public ComponentDeclaration {
		metadata = Map.copyOf(metadata);
	}

	/**
	 * A declaration of which nobody knows where it is.
	 * @param name its name
	 * @param type its type
	 * @param required whether the application cannot do its work without it
	 * @param metadata what the component gets for its initialisation
	 * @param settings limits of its calls
	 */
	public ComponentDeclaration(String name, ComponentType type, boolean required, Map<String, String> metadata,
			ComponentSettings settings) {
		this(name, type, required, metadata, settings, null);
	}

	@Override
	public String toString() {
		return this.type + " '" + this.name + "'";
	}

}
