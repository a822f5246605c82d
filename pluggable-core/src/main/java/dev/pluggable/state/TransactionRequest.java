package dev.pluggable.state;

import java.util.List;
import java.util.Map;

/**
 * A request to carry out all of several changes, or none of them. Immutable.
 *
 * @param operations the changes in their order; a key may occur more than once
 * @param metadata hints for the transaction
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
	 * Create a request without metadata.
	 * @param operations the changes in their order
	 * @return the request
	 */
	public static TransactionRequest of(StateOperation... operations) {
		return of(List.of(operations));
	}

	/**
	 * Create a request without metadata.
	 * @param operations the changes in their order
	 * @return the request
	 */
	public static TransactionRequest of(List<? extends StateOperation> operations) {
		return new TransactionRequest(List.copyOf(operations), Map.of());
	}

	/**
	 * Create the same request with other metadata.
	 * @param metadata hints that replace the present ones
	 * @return a new request
	 */
	public TransactionRequest withMetadata(Map<String, String> metadata) {
		return new TransactionRequest(this.operations, metadata);
	}

}
