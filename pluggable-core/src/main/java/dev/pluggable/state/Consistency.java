package dev.pluggable.state;

/**
 * When a change is visible to all readers ({@code StateOptions.consistency}), or how
 * fresh a value must be that is read ({@code GetRequest.consistency}).
 *
 * @since 0.1.0
 */
public enum Consistency {

	/**
	 * The component decides.
	 */
	UNSPECIFIED,

	/**
	 * Some time after the change.
	 */
	EVENTUAL,

	/**
	 * From the end of the change on.
	 */
	STRONG

}
