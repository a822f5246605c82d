package dev.pluggable.state;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;

/**
 * Stores values by key. An application injects it, and the author of a component
 * implements it; what can be done beyond reading, writing and deleting one key is said by
 * {@link #features()}. Safe for use by many threads.
 * <p>
 * Values are arrays that are handed on without being copied where that is possible:
 * neither side may change an array that it has passed to the other. All methods throw a
 * {@link PluggableException} if the store cannot do what is asked.
 *
 * @see StateFeatures
 * @since 0.1.0
 */
public interface StateStore {

	/**
	 * Read a key.
	 * @param request the key and how to read it
	 * @return what is stored, empty if there is no such key
	 */
	Optional<StateItem> get(GetRequest request);

	/**
	 * Read a key with nothing else specified.
	 * @param key the key, not empty
	 * @return what is stored, empty if there is no such key
	 */
	default Optional<StateItem> get(String key) {
		return get(GetRequest.of(key));
	}

	/**
	 * Write a key.
	 * @param request the key, the value and how to write it
	 * @throws EtagMismatchException if the stored value does not have the etag given, or
	 * if there is a value although the first write is to win and no etag is given
	 * @throws EtagInvalidException if the etag cannot be one of this store's
	 */
	void set(SetRequest request);

	/**
	 * Write a key with nothing else specified.
	 * @param key the key, not empty
	 * @param value the value, not copied
	 */
	default void set(String key, byte[] value) {
		set(SetRequest.of(key, value));
	}

	/**
	 * Delete a key. That there is no such key is no failure, unless an etag is given.
	 * @param request the key and how to delete it
	 * @throws EtagMismatchException if the stored value does not have the etag given
	 * @throws EtagInvalidException if the etag cannot be one of this store's
	 */
	void delete(DeleteRequest request);

	/**
	 * Delete a key with nothing else specified.
	 * @param key the key, not empty
	 */
	default void delete(String key) {
		delete(DeleteRequest.of(key));
	}

	/**
	 * What the store can do beyond reading, writing and deleting.
	 * @return names, exactly as the store spells them
	 */
	Set<String> features();

	/**
	 * Read several keys with nothing else specified.
	 * @param keys the keys, none of them empty
	 * @return one result for each key, in the order of the keys
	 */
	default List<BulkGetResult> bulkGet(Collection<String> keys) {
		return bulkGet(keys.stream().map(GetRequest::of).toList());
	}

	/**
	 * Read several keys, as many at a time as the store likes.
	 * @param requests the keys and how to read them
	 * @return one result for each request, in the order of the requests
	 */
	default List<BulkGetResult> bulkGet(List<GetRequest> requests) {
		return bulkGet(requests, 0);
	}

	/**
	 * Read several keys. If this method is not implemented, they are read one after the
	 * other, and a failure becomes the error of its key.
	 * @param requests the keys and how to read them
	 * @param parallelism how many to read at the same time at most; 0 if the store
	 * decides
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
		}
		return results;
	}

	/**
	 * Write several keys, as many at a time as the store likes.
	 * @param requests the keys, the values and how to write them
	 * @see #bulkSet(List, int)
	 */
	default void bulkSet(List<SetRequest> requests) {
		bulkSet(requests, 0);
	}

	/**
	 * Write several keys. This is no transaction: after a failure, some may be written
	 * and some not. If this method is not implemented, they are written one after the
	 * other up to the first failure.
	 * @param requests the keys, the values and how to write them
	 * @param parallelism how many to write at the same time at most; 0 if the store
	 * decides
	 * @throws EtagMismatchException if a stored value does not have the etag given
	 * @throws EtagInvalidException if an etag cannot be one of this store's
	 */
	default void bulkSet(List<SetRequest> requests, int parallelism) {
		requests.forEach(this::set);
	}

	/**
	 * Delete several keys, as many at a time as the store likes.
	 * @param requests the keys and how to delete them
	 * @see #bulkDelete(List, int)
	 */
	default void bulkDelete(List<DeleteRequest> requests) {
		bulkDelete(requests, 0);
	}

	/**
	 * Delete several keys. This is no transaction: after a failure, some may be deleted
	 * and some not. If this method is not implemented, they are deleted one after the
	 * other up to the first failure.
	 * @param requests the keys and how to delete them
	 * @param parallelism how many to delete at the same time at most; 0 if the store
	 * decides
	 * @throws BulkDeleteException if the store deleted fewer than it expected
	 * @throws EtagMismatchException if a stored value does not have the etag given
	 * @throws EtagInvalidException if an etag cannot be one of this store's
	 */
	default void bulkDelete(List<DeleteRequest> requests, int parallelism) {
		requests.forEach(this::delete);
	}

	/**
	 * Make several changes, in their order, or none of them. That there is nothing to
	 * delete is no failure, unless an etag is given.
	 * @param request the changes; if there are none, nothing is done
	 * @throws UnsupportedOperationByComponentException if the store has not the feature
	 * {@link StateFeatures#TRANSACTIONAL}
	 * @throws dev.pluggable.InvalidRequestException if there are more changes than
	 * {@link #maxTransactionSize()}
	 * @throws EtagMismatchException if a stored value does not have the etag given, as
	 * far as the store tells it from other failures
	 * @throws EtagInvalidException if an etag cannot be one of this store's, as far as
	 * the store tells it from other failures
	 */
	default void transact(TransactionRequest request) {
		throw new UnsupportedOperationByComponentException(
				"The state store has no transactions (feature " + StateFeatures.TRANSACTIONAL + ")");
	}

	/**
	 * Make several changes, in their order, or none of them.
	 * @param operations the changes
	 * @see #transact(TransactionRequest)
	 */
	default void transact(StateOperation... operations) {
		transact(TransactionRequest.of(operations));
	}

	/**
	 * Make several changes, in their order, or none of them.
	 * @param operations the changes
	 * @see #transact(TransactionRequest)
	 */
	default void transact(List<? extends StateOperation> operations) {
		transact(TransactionRequest.of(operations));
	}

	/**
	 * How many changes a transaction may have.
	 * @return the number; 0 if there is no limit
	 */
	default int maxTransactionSize() {
		return 0;
	}

	/**
	 * Look for values by what they contain.
	 * @param request what to look for
	 * @return what was found, or the first part of it
	 * @throws UnsupportedOperationByComponentException if the store has not the feature
	 * {@link StateFeatures#QUERY_API}
	 */
	default QueryResult query(QueryRequest request) {
		throw new UnsupportedOperationByComponentException(
				"The state store has no queries (feature " + StateFeatures.QUERY_API + ")");
	}

	/**
	 * Check that the store is well. If this method is not implemented, it always is.
	 */
	default void ping() {
	}

}
