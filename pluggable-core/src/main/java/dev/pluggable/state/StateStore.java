package dev.pluggable.state;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;

/**
 * Stores values by their keys. An application injects this interface, and the author of a
 * component implements it. The {@link #features() features} name the abilities that not
 * all stores have. Safe for use by many threads.
 * <p>
 * Values are arrays, which are not copied where that is possible: neither side may change
 * an array that it has passed to the other side. All methods throw a
 * {@link PluggableException} if the store cannot carry out the operation.
 *
 * @see StateFeatures
 * @since 0.1.0
 */
public interface StateStore {

	/**
	 * Read a key.
	 * @param request the key and options
	 * @return the stored item, empty if the key does not exist
	 */
	Optional<StateItem> get(GetRequest request);

	/**
	 * Read a key without options.
	 * @param key the key, not empty
	 * @return the stored item, empty if the key does not exist
	 */
	default Optional<StateItem> get(String key) {
		return get(GetRequest.of(key));
	}

	/**
	 * Write a key.
	 * @param request the key, the value and options
	 * @throws EtagMismatchException if the stored value has another etag than the
	 * request, or if the key exists although the first write wins and the request has no
	 * etag
	 * @throws EtagInvalidException if the etag has a form that the store does not use
	 */
	void set(SetRequest request);

	/**
	 * Write a key without options.
	 * @param key the key, not empty
	 * @param value the value, not copied
	 */
	default void set(String key, byte[] value) {
		set(SetRequest.of(key, value));
	}

	/**
	 * Delete a key. The key need not exist, unless the request has an etag.
	 * @param request the key and options
	 * @throws EtagMismatchException if the stored value has another etag than the
	 * request, or if the key exists although the first write wins and the request has no
	 * etag
	 * @throws EtagInvalidException if the etag has a form that the store does not use
	 */
	void delete(DeleteRequest request);

	/**
	 * Delete a key without options.
	 * @param key the key, not empty
	 */
	default void delete(String key) {
		delete(DeleteRequest.of(key));
	}

	/**
	 * The features of the store.
	 * @return names, exactly as the store spells them
	 */
	Set<String> features();

	/**
	 * Read several keys without options.
	 * @param keys the keys, none of them empty
	 * @return one result for each key, in the order of the keys
	 */
	default List<BulkGetResult> bulkGet(Collection<String> keys) {
		return bulkGet(keys.stream().map(GetRequest::of).toList());
	}

	/**
	 * Read several keys. The store decides about the parallelism.
	 * @param requests the keys and options
	 * @return one result for each request, in the order of the requests
	 */
	default List<BulkGetResult> bulkGet(List<GetRequest> requests) {
		return bulkGet(requests, 0);
	}

	/**
	 * Read several keys. Unless overridden, this method reads one key after the other,
	 * and a failure becomes the error of its key.
	 * @param requests the keys and options
	 * @param parallelism maximum number of keys that are read at the same time; 0 if the
	 * store decides
	 * @return one result for each request, in the order of the requests
	 */
	default List<BulkGetResult> bulkGet(List<GetRequest> requests, int parallelism) {
		List<BulkGetResult> results = new ArrayList<>(requests.size());
		for (GetRequest request : requests) {
			String key = request.key();
			try {
				results.add(get(request).map(BulkGetResult::of).orElseGet(() -> BulkGetResult.absent(key)));
			}
			catch (PluggableException ex) {
				String message = ex.getMessage();
				results.add(BulkGetResult.failed(key,
						(message == null || message.isEmpty()) ? ex.getClass().getSimpleName() : message));
			}
			catch (RuntimeException ex) {
				// Its message can hold a value.
				results.add(BulkGetResult.failed(key, ex.getClass().getName()));
			}
		}
		return results;
	}

	/**
	 * Write several keys. The store decides about the parallelism.
	 * @param requests the keys, the values and options
	 * @see #bulkSet(List, int)
	 */
	default void bulkSet(List<SetRequest> requests) {
		bulkSet(requests, 0);
	}

	/**
	 * Write several keys. This is not a transaction: the requests are independent of each
	 * other, and a request that fails does not keep the others from being carried out.
	 * The exception names the keys that failed and has the class of the first failure.
	 * Unless overridden, this method writes one key after the other. The author of a
	 * component who overrides it can use {@link BulkChanges}.
	 * @param requests the keys, the values and options
	 * @param parallelism maximum number of keys that are written at the same time; 0 if
	 * the store decides
	 * @throws EtagMismatchException if a stored value has another etag than its request
	 * @throws EtagInvalidException if an etag has a form that the store does not use
	 */
	default void bulkSet(List<SetRequest> requests, int parallelism) {
		BulkChanges.each(requests, this::set);
	}

	/**
	 * Delete several keys. The store decides about the parallelism.
	 * @param requests the keys and options
	 * @see #bulkDelete(List, int)
	 */
	default void bulkDelete(List<DeleteRequest> requests) {
		bulkDelete(requests, 0);
	}

	/**
	 * Delete several keys. This is not a transaction: the requests are independent of
	 * each other, and a request that fails does not keep the others from being carried
	 * out. The exception names the keys that failed and has the class of the first
	 * failure. Unless overridden, this method deletes one key after the other. The author
	 * of a component who overrides it can use {@link BulkChanges}.
	 * @param requests the keys and options
	 * @param parallelism maximum number of keys that are deleted at the same time; 0 if
	 * the store decides
	 * @throws BulkDeleteException if the store deleted fewer keys than it expected
	 * @throws EtagMismatchException if a stored value has another etag than its request
	 * @throws EtagInvalidException if an etag has a form that the store does not use
	 */
	default void bulkDelete(List<DeleteRequest> requests, int parallelism) {
		BulkChanges.each(requests, this::delete);
	}

	/**
	 * Carry out all changes in their order, or none of them. A key to delete need not
	 * exist, unless the change has an etag.
	 * @param request the changes; without any, nothing happens
	 * @throws UnsupportedOperationByComponentException if the store does not have the
	 * feature {@link StateFeatures#TRANSACTIONAL}
	 * @throws dev.pluggable.InvalidRequestException if there are more changes than
	 * {@link #maxTransactionSize()}
	 * @throws EtagMismatchException if a stored value has another etag than its change,
	 * and the store reports this failure as such
	 * @throws EtagInvalidException if an etag has a form that the store does not use, and
	 * the store reports this failure as such
	 */
	default void transact(TransactionRequest request) {
		throw new UnsupportedOperationByComponentException(
				"The state store has no transactions (feature " + StateFeatures.TRANSACTIONAL + ")");
	}

	/**
	 * Carry out all changes in their order, or none of them.
	 * @param operations the changes
	 * @see #transact(TransactionRequest)
	 */
	default void transact(StateOperation... operations) {
		transact(TransactionRequest.of(operations));
	}

	/**
	 * Carry out all changes in their order, or none of them.
	 * @param operations the changes
	 * @see #transact(TransactionRequest)
	 */
	default void transact(List<? extends StateOperation> operations) {
		transact(TransactionRequest.of(operations));
	}

	/**
	 * The maximum number of changes in a transaction.
	 * @return the number; 0 if there is no limit
	 */
	default int maxTransactionSize() {
		return 0;
	}

	/**
	 * Find values by their contents.
	 * @param request the query
	 * @return the result, or the first page of it
	 * @throws UnsupportedOperationByComponentException if the store does not have the
	 * feature {@link StateFeatures#QUERY_API}
	 */
	default QueryResult query(QueryRequest request) {
		throw new UnsupportedOperationByComponentException(
				"The state store has no queries (feature " + StateFeatures.QUERY_API + ")");
	}

	/**
	 * Check the health of the store. Unless overridden, the store is always healthy.
	 */
	default void ping() {
	}

}
