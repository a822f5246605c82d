package dev.pluggable.spring.host;

import java.util.List;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.host.ComponentDeclaration;

/**
 * Declares components in addition to the components that properties declare. If
 * properties declare a component of the same name, each property replaces the value of
 * the source. Spring creates beans of this type while it registers bean definitions.
 * Sources that static bean methods declare run before Spring evaluates the conditions of
 * later auto-configurations. All other sources run when all bean definitions are
 * registered.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ComponentDeclarationSource {

	/**
	 * Return the components. The start of the application calls this method several
	 * times, and each call must return equal declarations.
	 * @param defaults limits for components that do not set their own limits
	 * @param application identity that the application reports to its components
	 * @return the declarations, each with a different name
	 */
	List<ComponentDeclaration> declarations(ComponentSettings defaults, ApplicationIdentity application);

}
