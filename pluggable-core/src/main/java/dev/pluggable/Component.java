package dev.pluggable;

import org.jspecify.annotations.Nullable;

/**
 * A named, initialised instance of a kind: on an endpoint, or built in. The object lives
 * as long as the application, whatever happens to the process behind it. Safe for use by
 * many threads.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
public interface Component<T> {

	/**
	 * Name, unique among the components of its kind.
	 * @return the name, also sent to the component as {@code x-component-instance}
	 */
	String name();

	/**
	 * What kind of component this is.
	 * @return the kind
	 */
	ComponentKind<T> kind();

	/**
	 * Which implementation of the kind this is.
	 * @return the type
	 */
	ComponentType type();

	/**
	 * The object to call: stable, re-pointed at each new generation of the endpoint.
	 * @return the instance
	 */
	T instance();

	/**
	 * What is known of the component now.
	 * @return a consistent snapshot
	 */
	ComponentStatus status();

	/**
	 * Name of the endpoint that serves the component.
	 * @return the name, {@code null} for a built-in component
	 */
	@Nullable String endpoint();

	/**
	 * Whether the application declared the component, rather than it being found.
	 * @return {@code true} if declared
	 */
	boolean declared();

	/**
	 * Whether the application cannot do its work without the component.
	 * @return {@code true} if required
	 */
	boolean required();

	/**
	 * Identifier that is unique among the components of all kinds.
	 * @return {@code <name>} of a declared component, unless there can be another from
	 * the same declaration; {@code <name>.<kind>} of any other
	 * @see ComponentKind#typePrefix()
	 */
	default String id() {
		boolean alone = kind().typePrefix().equals(kind().name());
		return (declared() && alone) ? name() : name() + "." + kind().name();
	}

}
