package dev.pluggable;

/**
 * A component arrived, changed its state or left.
 *
 * @param change what happened
 * @param component the component
 * @param status its status after the change
 * @since 0.1.0
 */
public record ComponentEvent(Change change, Component<?> component, ComponentStatus status) {

	/**
	 * What can happen to a component.
	 */
	public enum Change {

		/**
		 * It was declared or found, or has come back.
		 */
		ADDED,

		/**
		 * Its state or the reason of it changed.
		 */
		CHANGED,

		/**
		 * Its socket is gone for good.
		 */
		REMOVED

	}

}
