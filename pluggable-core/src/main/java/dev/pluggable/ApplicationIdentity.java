package dev.pluggable;

import dev.pluggable.internal.support.Checks;

/**
 * The identity of an application towards its components, like Dapr's {@code appID} and
 * {@code namespace}. Immutable.
 *
 * @param id identifier that all instances of the application share; empty if the
 * application has none
 * @param namespace namespace in which the application runs, such as one of Kubernetes;
 * empty if there is none
 * @since 0.1.0
 */
public record ApplicationIdentity(String id, String namespace) {

	/**
	 * An application without an id and a namespace.
	 */
	public static final ApplicationIdentity UNKNOWN = new ApplicationIdentity("", "");

	/**
	 * Create an identity.
	 * @throws IllegalArgumentException if an argument is {@code null}
	 */
	public ApplicationIdentity {
		Checks.notNull(id, "id");
		Checks.notNull(namespace, "namespace");
	}

}
