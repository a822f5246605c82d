package dev.pluggable;

/**
 * A change of a component. Immutable.
 *
 * @param change the change
 * @param component the component
 * @param status status of the component after the change
 * @since 0.1.0
 */
public record ComponentEvent(Change change, Component<?> component, ComponentStatus status) {

	/**
	 * The kinds of changes.
	 */
	public enum Change {

		/**
		 * The component was declared or discovered, or its socket has returned.
		 */
		ADDED,

		/**
		 * The state of the component or the reason for the state has changed.
		 */
		CHANGED,

		/**
		 * The socket of the component was removed.
		 */
		REMOVED

	}

}
