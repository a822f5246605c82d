package dev.pluggable.state;

/**
 * What a change does when another one came first ({@code StateOptions.concurrency}).
 *
 * @since 0.1.0
 */
public enum Concurrency {

	/**
	 * The component decides; commonly like {@link #LAST_WRITE}.
	 */
	UNSPECIFIED,

	/**
	 * The first change wins: a write without an etag fails if the key exists.
	 */
	FIRST_WRITE,

	/**
	 * The last change wins. An etag, if given, must match all the same.
	 */
	LAST_WRITE

}
