package dev.pluggable.spring.host;

import java.util.List;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.host.ComponentDeclaration;

/**
 * Declares components besides those that properties declare. Properties of a component of
 * the same name win, one by one. Beans of this type are created while bean definitions
 * are being registered. A source that a static bean method declares is asked before
 * conditions of later auto-configurations are evaluated, any other source when all bean
 * definitions are known.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ComponentDeclarationSource {

	/**
	 * Return the components. Called several times during the start, and must return equal
	 * declarations each time.
	 * @param defaults limits of components that do not set their own
	 * @param application identity of the application towards its components
	 * @return the declarations, each with its own name
	 */
	List<ComponentDeclaration> declarations(ComponentSettings defaults, ApplicationIdentity application);

}
