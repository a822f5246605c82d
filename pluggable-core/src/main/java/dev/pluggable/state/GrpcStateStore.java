package dev.pluggable.state;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import com.google.protobuf.ByteString;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.internal.support.Checks;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.kind.GrpcBytes;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.QueriableStateStoreGrpc;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.proto.components.v1.TransactionalStateStoreGrpc;
import dev.pluggable.proto.components.v1.TransactionalStoreMultiMaxSizeGrpc;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxy of a state store in another process.
 */
final class GrpcStateStore implements StateStore {

	private static final int MAX_ERROR = 500;

	private static final Logger logger = LoggerFactory.getLogger(GrpcStateStore.class);

	/** The error text of Dapr's Java SDK for an item that was read. */
	private static final String NO_ERROR = "none";

	/** The error text of Dapr's Java SDK for an item that does not exist. */
	private static final String NO_SUCH_KEY = "KeyDoesNotExist";

	private final ComponentClient client;

	private final ComponentCalls calls;

	private volatile @Nullable TransactionLimit transactionLimit;

	GrpcStateStore(ComponentClient client) {
		this.client = client;
		this.calls = new ComponentCalls(client, GrpcStateErrors::toException);
	}

	@Override
	public Optional<StateItem> get(GetRequest request) {
		StateProto.GetResponse response = this.calls.unary(StateStoreGrpc.getGetMethod(), toProto(request));
		return Optional.ofNullable(item(request.key(), response.getData(), response.getEtag(),
				response.getContentType(), response.getMetadataMap()));
	}

	@Override
	public void set(SetRequest request) {
		this.calls.unary(StateStoreGrpc.getSetMethod(), toProto(request));
	}

	@Override
	public void delete(DeleteRequest request) {
		this.calls.unary(StateStoreGrpc.getDeleteMethod(), toProto(request));
	}

	@Override
	public Set<String> features() {
		return this.client.features();
	}

	@Override
	public List<BulkGetResult> bulkGet(List<GetRequest> requests, int parallelism) {
		Checks.notNegative(parallelism, "parallelism");
		if (requests.isEmpty()) {
			return List.of();
		}
		StateProto.BulkGetRequest.Builder bulk = StateProto.BulkGetRequest.newBuilder()
			.setOptions(StateProto.BulkGetRequestOptions.newBuilder().setParallelism(parallelism));
		for (GetRequest request : requests) {
			bulk.addItems(toProto(request));
		}
		StateProto.BulkGetResponse response = this.calls.unary(StateStoreGrpc.getBulkGetMethod(), bulk.build());
		Map<String, StateProto.BulkStateItem> items = new HashMap<>();
		for (StateProto.BulkStateItem item : response.getItemsList()) {
			items.putIfAbsent(item.getKey(), item);
		}
		List<BulkGetResult> results = new ArrayList<>(requests.size());
		for (GetRequest request : requests) {
			results.add(result(request.key(), items.get(request.key())));
		}
		return results;
	}

	private String shown(String error) {
		return LogText.oneLine(this.client.withoutSecrets(error), MAX_ERROR);
	}

	private BulkGetResult result(String key, StateProto.@Nullable BulkStateItem item) {
		if (item == null || item.getError().equalsIgnoreCase(NO_SUCH_KEY)) {
			return BulkGetResult.absent(key);
		}
		if (isError(item.getError())) {
			return BulkGetResult.failed(key, shown(item.getError()));
		}
		return new BulkGetResult(key,
				item(key, item.getData(), item.getEtag(), item.getContentType(), item.getMetadataMap()), null);
	}

	@Override
	public void bulkSet(List<SetRequest> requests, int parallelism) {
		Checks.notNegative(parallelism, "parallelism");
		if (requests.size() == 1) {
			set(requests.get(0));
		}
		else if (!requests.isEmpty()) {
			StateProto.BulkSetRequest.Builder bulk = StateProto.BulkSetRequest.newBuilder()
				.setOptions(StateProto.BulkSetRequestOptions.newBuilder().setParallelism(parallelism));
			for (SetRequest request : requests) {
				bulk.addItems(toProto(request));
			}
			this.calls.unary(StateStoreGrpc.getBulkSetMethod(), bulk.build());
		}
	}

	@Override
	public void bulkDelete(List<DeleteRequest> requests, int parallelism) {
		Checks.notNegative(parallelism, "parallelism");
		if (requests.size() == 1) {
			delete(requests.get(0));
		}
		else if (!requests.isEmpty()) {
			StateProto.BulkDeleteRequest.Builder bulk = StateProto.BulkDeleteRequest.newBuilder()
				.setOptions(StateProto.BulkDeleteRequestOptions.newBuilder().setParallelism(parallelism));
			for (DeleteRequest request : requests) {
				bulk.addItems(toProto(request));
			}
			this.calls.unary(StateStoreGrpc.getBulkDeleteMethod(), bulk.build());
		}
	}

	@Override
	public void transact(TransactionRequest request) {
		require(StateFeatures.TRANSACTIONAL, "Transact");
		int size = request.operations().size();
		if (size == 0) {
			return;
		}
		int limit = knownTransactionLimit();
		if (limit > 0 && size > limit) {
			throw new InvalidRequestException(this.client.component(), this.client.kind(), "Transact",
					size + " operations, but a transaction of the component has at most " + limit);
		}
		StateProto.TransactionalStateRequest.Builder transaction = StateProto.TransactionalStateRequest.newBuilder()
			.putAllMetadata(request.metadata());
		for (StateOperation operation : request.operations()) {
			if (operation instanceof SetRequest set) {
				transaction.addOperationsBuilder().setSet(toProto(set));
			}
			else if (operation instanceof DeleteRequest delete) {
				transaction.addOperationsBuilder().setDelete(toProto(delete));
			}
		}
		this.calls.unary(TransactionalStateStoreGrpc.getTransactMethod(), transaction.build());
	}

	private int knownTransactionLimit() {
		try {
			return maxTransactionSize();
		}
		catch (ComponentTimeoutException ex) {
			// The component would not answer the transaction in time either.
			throw ex;
		}
		catch (PluggableException ex) {
			// The component enforces its limit itself.
			logger.debug("The maximum size of a transaction is not known", ex);
			return 0;
		}
	}

	@Override
	public int maxTransactionSize() {
		long generation = this.client.generation();
		TransactionLimit known = this.transactionLimit;
		if (known != null && known.generation() == generation) {
			return known.size();
		}
		int size = askTransactionLimit();
		this.transactionLimit = new TransactionLimit(generation, size);
		return size;
	}

	private int askTransactionLimit() {
		try {
			long size = this.calls
				.unary(TransactionalStoreMultiMaxSizeGrpc.getMultiMaxSizeMethod(),
						StateProto.MultiMaxSizeRequest.getDefaultInstance())
				.getMaxSize();
			return (int) Math.max(0, Math.min(size, Integer.MAX_VALUE));
		}
		catch (UnsupportedOperationByComponentException ex) {
			return 0;
		}
	}

	@Override
	public QueryResult query(QueryRequest request) {
		require(StateFeatures.QUERY_API, "Query");
		StateProto.QueryResponse response = this.calls.unary(QueriableStateStoreGrpc.getQueryMethod(),
				GrpcQueries.toProto(request));
		List<QueryResult.Item> items = new ArrayList<>(response.getItemsCount());
		for (StateProto.QueryItem item : response.getItemsList()) {
			if (item.getKey().isEmpty()) {
				throw new ComponentException("Query on " + this.client.kind() + " component '" + this.client.component()
						+ "': the component sent an item without a key", (Throwable) null);
			}
			items.add(isError(item.getError()) ? QueryResult.Item.failed(item.getKey(), shown(item.getError()))
					: QueryResult.Item.of(new StateItem(item.getKey(), GrpcBytes.unwrap(item.getData()),
							emptyToNull(item.getEtag().getValue()), emptyToNull(item.getContentType()), Map.of())));
		}
		return new QueryResult(items, emptyToNull(response.getToken()), response.getMetadataMap());
	}

	@Override
	public void ping() {
		this.calls.unary(StateStoreGrpc.getPingMethod(), CommonProto.PingRequest.getDefaultInstance());
	}

	private void require(String feature, String operation) {
		if (!this.client.features().contains(feature)) {
			throw new UnsupportedOperationByComponentException(this.client.component(), this.client.kind(), operation,
					"the component does not have the feature " + feature);
		}
	}

	private static StateProto.GetRequest toProto(GetRequest request) {
		StateProto.GetRequest.Builder builder = StateProto.GetRequest.newBuilder()
			.setKey(request.key())
			.setConsistency(toProto(request.consistency()));
		if (!request.metadata().isEmpty()) {
			// An empty map would also create the field.
			builder.putAllMetadata(request.metadata());
		}
		return builder.build();
	}

	private static StateProto.SetRequest toProto(SetRequest request) {
		StateProto.SetRequest.Builder builder = StateProto.SetRequest.newBuilder()
			.setKey(request.key())
			.setValue(GrpcBytes.wrap(request.value()))
			.setOptions(options(request.concurrency(), request.consistency()));
		if (!request.metadata().isEmpty()) {
			builder.putAllMetadata(request.metadata());
		}
		if (request.etag() != null) {
			builder.setEtag(StateProto.Etag.newBuilder().setValue(request.etag()));
		}
		if (request.ttl() != null) {
			builder.putMetadata(SetRequest.TTL_IN_SECONDS, Long.toString(request.ttl().getSeconds()));
		}
		if (request.contentType() != null) {
			builder.setContentType(request.contentType());
		}
		return builder.build();
	}

	private static StateProto.DeleteRequest toProto(DeleteRequest request) {
		StateProto.DeleteRequest.Builder builder = StateProto.DeleteRequest.newBuilder()
			.setKey(request.key())
			.setOptions(options(request.concurrency(), request.consistency()));
		if (!request.metadata().isEmpty()) {
			builder.putAllMetadata(request.metadata());
		}
		if (request.etag() != null) {
			builder.setEtag(StateProto.Etag.newBuilder().setValue(request.etag()));
		}
		return builder.build();
	}

	private static StateProto.StateOptions options(Concurrency concurrency, Consistency consistency) {
		if (concurrency == Concurrency.UNSPECIFIED && consistency == Consistency.UNSPECIFIED) {
			return StateProto.StateOptions.getDefaultInstance();
		}
		return StateProto.StateOptions.newBuilder().setConcurrency(switch (concurrency) {
			case UNSPECIFIED -> StateProto.StateOptions.StateConcurrency.CONCURRENCY_UNSPECIFIED;
			case FIRST_WRITE -> StateProto.StateOptions.StateConcurrency.CONCURRENCY_FIRST_WRITE;
			case LAST_WRITE -> StateProto.StateOptions.StateConcurrency.CONCURRENCY_LAST_WRITE;
		}).setConsistency(toProto(consistency)).build();
	}

	private static StateProto.StateOptions.StateConsistency toProto(Consistency consistency) {
		return switch (consistency) {
			case UNSPECIFIED -> StateProto.StateOptions.StateConsistency.CONSISTENCY_UNSPECIFIED;
			case EVENTUAL -> StateProto.StateOptions.StateConsistency.CONSISTENCY_EVENTUAL;
			case STRONG -> StateProto.StateOptions.StateConsistency.CONSISTENCY_STRONG;
		};
	}

	/**
	 * Convert a response to an item. A key that does not exist looks like a key with an
	 * empty value and without an etag, or with an empty etag.
	 */
	private static @Nullable StateItem item(String key, ByteString data, StateProto.Etag etag, String contentType,
			Map<String, String> metadata) {
		if (data.isEmpty() && etag.getValue().isEmpty()) {
			return null;
		}
		return new StateItem(key, GrpcBytes.unwrap(data), emptyToNull(etag.getValue()), emptyToNull(contentType),
				metadata.isEmpty() ? Map.of() : metadata);
	}

	private static boolean isError(String error) {
		return !error.isEmpty() && !error.equalsIgnoreCase(NO_ERROR);
	}

	private static @Nullable String emptyToNull(String text) {
		return text.isEmpty() ? null : text;
	}

	/**
	 * The maximum size of a transaction on a generation.
	 *
	 * @param generation number of the generation
	 * @param size the maximum size, 0 if there is no limit
	 */
	private record TransactionLimit(long generation, int size) {
	}

}
