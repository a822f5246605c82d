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
 * @param secrets the part of its metadata that is read from secret stores, by the keys of
 * the metadata; the component waits for the stores. Immutable
 * @param origin where it is declared, for messages; {@code null} if not known
 * @since 0.1.0
 */
public record ComponentDeclaration(String name, ComponentType type, boolean required, Map<String, String> metadata,
		ComponentSettings settings, Map<String, SecretReference> secrets, @Nullable String origin) {

	public ComponentDeclaration {
		metadata = Map.copyOf(metadata);
		secrets = Map.copyOf(secrets);
	}

	/**
	 * A component that gets nothing from secret stores.
	 * @param name its name
	 * @param type its type
	 * @param required whether the application cannot do its work without it
	 * @param metadata what the component gets for its initialisation; may hold secrets
	 * @param settings limits of its calls
	 */
	public ComponentDeclaration(String name, ComponentType type, boolean required, Map<String, String> metadata,
			ComponentSettings settings) {
		this(name, type, required, metadata, settings, Map.of(), null);
	}

	/**
	 * The same component with other secrets.
	 * @param secrets references by the keys of the metadata
	 * @return a new declaration
	 */
	public ComponentDeclaration withSecrets(Map<String, SecretReference> secrets) {
		return new ComponentDeclaration(this.name, this.type, this.required, this.metadata, this.settings, secrets,
				this.origin);
	}

	/**
	 * The same component with another origin.
	 * @param origin where it is declared, for messages; {@code null} if not known
	 * @return a new declaration
	 */
	public ComponentDeclaration withOrigin(@Nullable String origin) {
		return new ComponentDeclaration(this.name, this.type, this.required, this.metadata, this.settings, this.secrets,
				origin);
	}

	@Override
	public String toString() {
		return this.type + " '" + this.name + "'";
	}

}
