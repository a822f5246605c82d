package dev.pluggable.state;

/**
 * The rule for two changes of one key ({@code StateOptions.concurrency}).
 *
 * @since 0.1.0
 */
public enum Concurrency {

	/**
	 * The component decides; most components decide for {@link #LAST_WRITE}.
	 */
	UNSPECIFIED,

	/**
	 * The first change wins: a write without an etag fails if the key exists.
	 */
	FIRST_WRITE,

	/**
	 * The last change wins. An etag must match nevertheless.
	 */
	LAST_WRITE

}
