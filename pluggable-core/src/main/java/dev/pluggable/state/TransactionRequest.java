package dev.pluggable.state;

import java.util.List;
import java.util.Map;

/**
 * Changes that are made together or not at all.
 *
 * @param operations the changes in the order in which they apply; a key may occur more
 * than once; immutable
 * @param metadata hints for the transaction as a whole; immutable
 * @since 0.1.0
 */
public record TransactionRequest(List<StateOperation> operations, Map<String, String> metadata) {

	/**
	 * Create a request.
	 */
	public TransactionRequest {
		operations = List.copyOf(operations);
		metadata = Map.copyOf(metadata);
	}

	/**
	 * A transaction without metadata.
	 * @param operations the changes, in order
	 * @return the request
	 */
	public static TransactionRequest of(StateOperation... operations) {
		return of(List.of(operations));
	}

	/**
	 * A transaction without metadata.
	 * @param operations the changes, in order
	 * @return the request
	 */
	public static TransactionRequest of(List<? extends StateOperation> operations) {
		return new TransactionRequest(List.copyOf(operations), Map.of());
	}

	/**
	 * The same transaction with other metadata.
	 * @param metadata hints that replace those there are
	 * @return a new request
	 */
	public TransactionRequest withMetadata(Map<String, String> metadata) {
		return new TransactionRequest(this.operations, metadata);
	}

}
