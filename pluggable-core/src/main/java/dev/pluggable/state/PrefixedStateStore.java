package dev.pluggable.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Adds a prefix to the keys of a store, which callers do not see.
 */
final class PrefixedStateStore implements StateStore {

	private final StateStore store;

	private final KeyPrefix prefix;

	PrefixedStateStore(StateStore store, KeyPrefix prefix) {
		this.store = store;
		this.prefix = prefix;
	}

	@Override
	public Optional<StateItem> get(GetRequest request) {
		return this.store.get(prefixed(request)).map((item) -> renamed(item, request.key()));
	}

	@Override
	public void set(SetRequest request) {
		this.store.set(prefixed(request));
	}

	@Override
	public void delete(DeleteRequest request) {
		this.store.delete(prefixed(request));
	}

	@Override
	public Set<String> features() {
		return this.store.features();
	}

	@Override
	public List<BulkGetResult> bulkGet(List<GetRequest> requests, int parallelism) {
		List<BulkGetResult> results = this.store.bulkGet(requests.stream().map(this::prefixed).toList(), parallelism);
		List<BulkGetResult> renamed = new ArrayList<>(results.size());
		for (BulkGetResult result : results) {
			String key = this.prefix.remove(result.key());
			StateItem item = result.item();
			renamed.add(new BulkGetResult(key, (item != null) ? renamed(item, key) : null,
					renamed(result.error(), result.key(), key)));
		}
		return renamed;
	}

	@Override
	public void bulkSet(List<SetRequest> requests, int parallelism) {
		this.store.bulkSet(requests.stream().map(this::prefixed).toList(), parallelism);
	}

	@Override
	public void bulkDelete(List<DeleteRequest> requests, int parallelism) {
		this.store.bulkDelete(requests.stream().map(this::prefixed).toList(), parallelism);
	}

	@Override
	public void transact(TransactionRequest request) {
		List<StateOperation> operations = new ArrayList<>(request.operations().size());
		for (StateOperation operation : request.operations()) {
			operations.add((operation instanceof SetRequest set) ? prefixed(set) : prefixed((DeleteRequest) operation));
		}
		this.store.transact(new TransactionRequest(operations, request.metadata()));
	}

	@Override
	public int maxTransactionSize() {
		return this.store.maxTransactionSize();
	}

	/**
	 * Run a query. As in Dapr, it also finds values with other prefixes; their keys keep
	 * the prefix, so that they differ from the keys of this store.
	 */
	@Override
	public QueryResult query(QueryRequest request) {
		QueryResult result = this.store.query(request);
		List<QueryResult.Item> items = new ArrayList<>(result.items().size());
		for (QueryResult.Item found : result.items()) {
			String key = this.prefix.remove(found.key());
			StateItem item = found.item();
			items.add(new QueryResult.Item(key, (item != null) ? renamed(item, key) : null,
					renamed(found.error(), found.key(), key)));
		}
		return new QueryResult(items, result.token(), result.metadata());
	}

	@Override
	public void ping() {
		this.store.ping();
	}

	private GetRequest prefixed(GetRequest request) {
		return new GetRequest(this.prefix.add(request.key()), request.consistency(), request.metadata());
	}

	private SetRequest prefixed(SetRequest request) {
		return new SetRequest(this.prefix.add(request.key()), request.value(), request.etag(), request.concurrency(),
				request.consistency(), request.ttl(), request.contentType(), request.metadata());
	}

	private DeleteRequest prefixed(DeleteRequest request) {
		return new DeleteRequest(this.prefix.add(request.key()), request.etag(), request.concurrency(),
				request.consistency(), request.metadata());
	}

	private static StateItem renamed(StateItem item, String key) {
		return new StateItem(key, item.value(), item.etag(), item.contentType(), item.metadata());
	}

	private static @Nullable String renamed(@Nullable String error, String from, String to) {
		return (error != null) ? error.replace(from, to) : null;
	}

	@Override
	public String toString() {
		return this.store + " with the key prefix '" + this.prefix.text() + "'";
	}

}
