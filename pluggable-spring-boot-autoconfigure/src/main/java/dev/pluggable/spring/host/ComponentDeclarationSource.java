package dev.pluggable.spring.host;

import java.util.List;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.host.ComponentDeclaration;

/**
 * Declares components besides those that properties declare. What properties say about a
 * component of the same name wins, one property at a time. Beans of this type are made
 * while bean definitions are still being collected, and should depend on little.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ComponentDeclarationSource {

	/**
	 * The components. Asked once, when the host is made.
	 * @param defaults limits of components that do not set their own
	 * @param application who the application is to its components
	 * @return the declarations, each with its own name
	 */
	List<ComponentDeclaration> declarations(ComponentSettings defaults, ApplicationIdentity application);

}
