package dev.pluggable;

import dev.pluggable.internal.support.Checks;

/**
 * Who an application is to its components, as Dapr's {@code appID} and {@code namespace}.
 *
 * @param id identifier that all instances of the application share; empty if it has none
 * @param namespace where it runs, such as the namespace in Kubernetes; empty if unknown
 * @since 0.1.0
 */
public record ApplicationIdentity(String id, String namespace) {

	/**
	 * An application that says nothing about itself.
	 */
	public static final ApplicationIdentity UNKNOWN = new ApplicationIdentity("", "");

	/**
	 * Create an identity.
	 * @throws IllegalArgumentException if a part is null
	 */
	public ApplicationIdentity {
		Checks.notNull(id, "id");
		Checks.notNull(namespace, "namespace");
	}

}
