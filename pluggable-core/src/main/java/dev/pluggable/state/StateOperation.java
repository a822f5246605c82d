package dev.pluggable.state;

/**
 * A change of one key, which can be part of a {@link TransactionRequest}.
 *
 * @since 0.1.0
 */
public sealed interface StateOperation permits SetRequest, DeleteRequest {

	/**
	 * The key to change.
	 * @return the key, not empty
	 */
	String key();

}
