package dev.pluggable.state;

/**
 * The moment at which all readers see a change ({@code StateOptions.consistency}), or the
 * freshness of a value that is read ({@code GetRequest.consistency}).
 *
 * @since 0.1.0
 */
public enum Consistency {

	/**
	 * The component decides.
	 */
	UNSPECIFIED,

	/**
	 * Readers see a change some time after it.
	 */
	EVENTUAL,

	/**
	 * Readers see a change as soon as it has ended.
	 */
	STRONG

}
