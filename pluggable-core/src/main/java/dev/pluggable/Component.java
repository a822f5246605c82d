package dev.pluggable;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A named, initialised instance of a kind, on an endpoint or built in. The object lives
 * as long as the application, even if the process behind it ends. Safe for use by many
 * threads.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
public interface Component<T> {

	/**
	 * The name, which is unique among the components of the kind.
	 * @return the name, which the component receives as {@code x-component-instance}
	 */
	String name();

	/**
	 * The kind of the component.
	 * @return the kind
	 */
	ComponentKind<T> kind();

	/**
	 * The type, which names the kind and its implementation.
	 * @return the type
	 */
	ComponentType type();

	/**
	 * The object that the application calls. It stays the same, and its calls reach the
	 * current generation of the endpoint.
	 * @return the instance
	 */
	T instance();

	/**
	 * The status of the component.
	 * @return a consistent snapshot
	 */
	ComponentStatus status();

	/**
	 * Name of the endpoint that serves the component.
	 * @return the name, {@code null} for a built-in component
	 */
	@Nullable String endpoint();

	/**
	 * Access to the component by the services of its endpoint, also by those that its
	 * kind does not know.
	 * @return the client, {@code null} for a built-in component
	 */
	default @Nullable ComponentClient client() {
		return null;
	}

	/**
	 * How the contract that the process of the component describes differs from the one
	 * that the application was compiled with: methods and fields that are missing or have
	 * another type. Calls that need them will fail. What the component has in addition is
	 * no difference. A server without reflection is not compared.
	 * @return the differences, each in one line; empty if there are none, before the
	 * first comparison, and for a built-in component
	 */
	default List<String> contractProblems() {
		return List.of();
	}

	/**
	 * Whether the application declares the component.
	 * @return {@code false} if the component was discovered
	 */
	boolean declared();

	/**
	 * Whether the application needs the component: its start waits for the component,
	 * which also counts for readiness.
	 * @return {@code true} if required
	 */
	boolean required();

	/**
	 * The identifier, which is unique among the components of all kinds.
	 * @return {@code <name>} for the only component of a declaration, otherwise
	 * {@code <name>.<kind>}
	 * @see ComponentKind#typePrefix()
	 */
	default String id() {
		boolean alone = kind().typePrefix().equals(kind().name());
		return (declared() && alone) ? name() : name() + "." + kind().name();
	}

}
