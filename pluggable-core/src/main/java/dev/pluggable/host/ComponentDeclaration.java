package dev.pluggable.host;

import java.util.List;
import java.util.Map;

import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import org.jspecify.annotations.Nullable;

/**
 * A component that the application uses. The component exists in the registry of a host
 * from the creation of the host on, whether its process runs or not. Immutable.
 *
 * @param name name of the component: begins with a letter or digit and contains letters,
 * digits, {@code '.'}, {@code '_'} and {@code '-'}; not {@code discovery}. The host
 * checks the name
 * @param type type of the component, such as {@code state.redis}
 * @param required whether the application needs the component for its work
 * @param metadata settings that the component gets when it is initialised; may contain
 * secrets
 * @param settings limits of the calls
 * @param secrets further metadata, by key, whose values come from secret stores; the
 * component waits until the stores are ready
 * @param services full names of gRPC services that a server must offer for this
 * component, besides those of its kind; their health is the health of the component
 * @param origin place of the declaration, for messages; {@code null} if it is not known
 * @since 0.1.0
 */
public record ComponentDeclaration(String name, ComponentType type, boolean required, Map<String, String> metadata,
		ComponentSettings settings, Map<String, SecretReference> secrets, List<String> services,
		@Nullable String origin) {

	public ComponentDeclaration {
		metadata = Map.copyOf(metadata);
		secrets = Map.copyOf(secrets);
		services = List.copyOf(services);
	}

	/**
	 * Declare a component without secrets, further services and origin.
	 * @param name name of the component
	 * @param type type of the component
	 * @param required whether the application needs the component for its work
	 * @param metadata settings that the component gets when it is initialised; may
	 * contain secrets
	 * @param settings limits of the calls
	 */
	public ComponentDeclaration(String name, ComponentType type, boolean required, Map<String, String> metadata,
			ComponentSettings settings) {
		this(name, type, required, metadata, settings, Map.of(), List.of(), null);
	}

	/**
	 * Replace the secrets.
	 * @param secrets references to secrets, by key of the metadata
	 * @return a new declaration
	 */
	public ComponentDeclaration withSecrets(Map<String, SecretReference> secrets) {
		return new ComponentDeclaration(this.name, this.type, this.required, this.metadata, this.settings, secrets,
				this.services, this.origin);
	}

	/**
	 * Replace the services.
	 * @param services full names of gRPC services that a server must offer for this
	 * component
	 * @return a new declaration
	 */
	public ComponentDeclaration withServices(List<String> services) {
		return new ComponentDeclaration(this.name, this.type, this.required, this.metadata, this.settings, this.secrets,
				services, this.origin);
	}

	/**
	 * Replace the origin.
	 * @param origin place of the declaration, for messages; {@code null} if it is not
	 * known
	 * @return a new declaration
	 */
	public ComponentDeclaration withOrigin(@Nullable String origin) {
		return new ComponentDeclaration(this.name, this.type, this.required, this.metadata, this.settings, this.secrets,
				this.services, origin);
	}

	@Override
	public String toString() {
		return this.type + " '" + this.name + "'";
	}

}
