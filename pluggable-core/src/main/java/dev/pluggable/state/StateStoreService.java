package dev.pluggable.state;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.pluggable.ComponentInstances;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.kind.GrpcBytes;
import dev.pluggable.kind.ServiceCalls;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.QueriableStateStoreGrpc;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.proto.components.v1.TransactionalStateStoreGrpc;
import dev.pluggable.proto.components.v1.TransactionalStoreMultiMaxSizeGrpc;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Offers implementations of {@link StateStore} to other processes.
 */
final class StateStoreService extends StateStoreGrpc.StateStoreImplBase {

	/**
	 * Metadata in which some hosts send the content type, instead of the field for it.
	 */
	private static final String CONTENT_TYPE = "contentType";

	private final ServiceCalls<StateStore> calls;

	private StateStoreService(ServiceCalls<StateStore> calls) {
		this.calls = calls;
	}

	/**
	 * All services of the kind.
	 * @param instances the implementations
	 * @return the services
	 */
	static List<ServerServiceDefinition> definitions(ComponentInstances<StateStore> instances) {
		ServiceCalls<StateStore> calls = new ServiceCalls<>("state store", instances, GrpcStateErrors::toStatus);
		return List.of(new StateStoreService(calls).bindService(), new Transactional(calls).bindService(),
				new Queriable(calls).bindService(), new MultiMaxSize(calls).bindService());
	}

	@Override
	public void init(StateProto.InitRequest request, StreamObserver<StateProto.InitResponse> observer) {
		this.calls.initialize(request.getMetadata().getPropertiesMap(), StateProto.InitResponse.getDefaultInstance(),
				observer);
	}

	@Override
	public void features(CommonProto.FeaturesRequest request, StreamObserver<CommonProto.FeaturesResponse> observer) {
		this.calls.answer("Features", observer,
				(store) -> CommonProto.FeaturesResponse.newBuilder().addAllFeatures(store.features()).build());
	}

	@Override
	public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> observer) {
		this.calls.answer("Ping", observer, (store) -> {
			store.ping();
			return CommonProto.PingResponse.getDefaultInstance();
		});
	}

	@Override
	public void get(StateProto.GetRequest request, StreamObserver<StateProto.GetResponse> observer) {
		this.calls.answer("Get", observer, (store) -> {
			Optional<StateItem> item = store.get(getRequest(request));
			return item.map(StateStoreService::getResponse).orElseGet(StateProto.GetResponse::getDefaultInstance);
		});
	}

	@Override
	public void set(StateProto.SetRequest request, StreamObserver<StateProto.SetResponse> observer) {
		this.calls.answer("Set", observer, (store) -> {
			store.set(setRequest(request));
			return StateProto.SetResponse.getDefaultInstance();
		});
	}

	@Override
	public void delete(StateProto.DeleteRequest request, StreamObserver<StateProto.DeleteResponse> observer) {
		this.calls.answer("Delete", observer, (store) -> {
			store.delete(deleteRequest(request));
			return StateProto.DeleteResponse.getDefaultInstance();
		});
	}

	@Override
	public void bulkGet(StateProto.BulkGetRequest request, StreamObserver<StateProto.BulkGetResponse> observer) {
		this.calls.answer("BulkGet", observer, (store) -> {
			List<GetRequest> requests = request.getItemsList().stream().map(StateStoreService::getRequest).toList();
			StateProto.BulkGetResponse.Builder response = StateProto.BulkGetResponse.newBuilder();
			for (BulkGetResult result : store.bulkGet(requests, parallelism(request.getOptions().getParallelism()))) {
				response.addItems(bulkItem(result));
			}
			return response.build();
		});
	}

	@Override
	public void bulkSet(StateProto.BulkSetRequest request, StreamObserver<StateProto.BulkSetResponse> observer) {
		this.calls.answer("BulkSet", observer, (store) -> {
			int parallelism = parallelism(request.getOptions().getParallelism());
			BulkChanges.readable(request.getItemsList(), StateProto.SetRequest::getKey, StateStoreService::setRequest,
					(requests) -> store.bulkSet(requests, parallelism));
			return StateProto.BulkSetResponse.getDefaultInstance();
		});
	}

	@Override
	public void bulkDelete(StateProto.BulkDeleteRequest request,
			StreamObserver<StateProto.BulkDeleteResponse> observer) {
		this.calls.answer("BulkDelete", observer, (store) -> {
			int parallelism = parallelism(request.getOptions().getParallelism());
			BulkChanges.readable(request.getItemsList(), StateProto.DeleteRequest::getKey,
					StateStoreService::deleteRequest, (requests) -> store.bulkDelete(requests, parallelism));
			return StateProto.BulkDeleteResponse.getDefaultInstance();
		});
	}

	private static int parallelism(long parallelism) {
		return (int) Math.max(0, Math.min(parallelism, Integer.MAX_VALUE));
	}

	private static GetRequest getRequest(StateProto.GetRequest request) {
		return ServiceCalls.valid(() -> new GetRequest(request.getKey(), consistency(request.getConsistency()),
				request.getMetadataMap()));
	}

	private static SetRequest setRequest(StateProto.SetRequest request) {
		Map<String, String> metadata = request.getMetadataMap();
		String contentType = request.getContentType().isEmpty() ? metadata.getOrDefault(CONTENT_TYPE, "")
				: request.getContentType();
		return ServiceCalls.valid(() -> new SetRequest(request.getKey(), GrpcBytes.unwrap(request.getValue()),
				emptyToNull(request.getEtag().getValue()), concurrency(request.getOptions().getConcurrency()),
				consistency(request.getOptions().getConsistency()), null, emptyToNull(contentType), metadata));
	}

	private static DeleteRequest deleteRequest(StateProto.DeleteRequest request) {
		return ServiceCalls.valid(() -> new DeleteRequest(request.getKey(), emptyToNull(request.getEtag().getValue()),
				concurrency(request.getOptions().getConcurrency()), consistency(request.getOptions().getConsistency()),
				request.getMetadataMap()));
	}

	private static Concurrency concurrency(StateProto.StateOptions.StateConcurrency concurrency) {
		return switch (concurrency) {
			case CONCURRENCY_FIRST_WRITE -> Concurrency.FIRST_WRITE;
			case CONCURRENCY_LAST_WRITE -> Concurrency.LAST_WRITE;
			case CONCURRENCY_UNSPECIFIED, UNRECOGNIZED -> Concurrency.UNSPECIFIED;
		};
	}

	private static Consistency consistency(StateProto.StateOptions.StateConsistency consistency) {
		return switch (consistency) {
			case CONSISTENCY_EVENTUAL -> Consistency.EVENTUAL;
			case CONSISTENCY_STRONG -> Consistency.STRONG;
			case CONSISTENCY_UNSPECIFIED, UNRECOGNIZED -> Consistency.UNSPECIFIED;
		};
	}

	private static StateProto.GetResponse getResponse(StateItem item) {
		StateProto.GetResponse.Builder builder = StateProto.GetResponse.newBuilder()
			.setData(GrpcBytes.wrap(item.value()))
			.putAllMetadata(item.metadata());
		if (item.etag() != null) {
			builder.setEtag(StateProto.Etag.newBuilder().setValue(item.etag()));
		}
		if (item.contentType() != null) {
			builder.setContentType(item.contentType());
		}
		return builder.build();
	}

	private static StateProto.BulkStateItem bulkItem(BulkGetResult result) {
		StateProto.BulkStateItem.Builder builder = StateProto.BulkStateItem.newBuilder().setKey(result.key());
		StateItem item = result.item();
		if (item != null) {
			builder.setData(GrpcBytes.wrap(item.value())).putAllMetadata(item.metadata());
			if (item.etag() != null) {
				builder.setEtag(StateProto.Etag.newBuilder().setValue(item.etag()));
			}
			if (item.contentType() != null) {
				builder.setContentType(item.contentType());
			}
		}
		if (result.error() != null) {
			builder.setError(result.error());
		}
		return builder.build();
	}

	private static @Nullable String emptyToNull(String text) {
		return text.isEmpty() ? null : text;
	}

	/**
	 * Answers transactions.
	 */
	private static final class Transactional extends TransactionalStateStoreGrpc.TransactionalStateStoreImplBase {

		private final ServiceCalls<StateStore> calls;

		private Transactional(ServiceCalls<StateStore> calls) {
			this.calls = calls;
		}

		@Override
		public void transact(StateProto.TransactionalStateRequest request,
				StreamObserver<StateProto.TransactionalStateResponse> observer) {
			this.calls.answer("Transact", observer, (store) -> {
				List<StateOperation> operations = request.getOperationsList()
					.stream()
					.map(Transactional::operation)
					.toList();
				store.transact(new TransactionRequest(operations, request.getMetadataMap()));
				return StateProto.TransactionalStateResponse.getDefaultInstance();
			});
		}

		private static StateOperation operation(StateProto.TransactionalStateOperation operation) {
			return switch (operation.getRequestCase()) {
				case SET -> setRequest(operation.getSet());
				case DELETE -> deleteRequest(operation.getDelete());
				case REQUEST_NOT_SET ->
					throw new InvalidRequestException("An operation of a transaction must be a set or a delete");
			};
		}

	}

	/**
	 * Answers queries.
	 */
	private static final class Queriable extends QueriableStateStoreGrpc.QueriableStateStoreImplBase {

		private final ServiceCalls<StateStore> calls;

		private Queriable(ServiceCalls<StateStore> calls) {
			this.calls = calls;
		}

		@Override
		public void query(StateProto.QueryRequest request, StreamObserver<StateProto.QueryResponse> observer) {
			this.calls.answer("Query", observer, (store) -> GrpcQueries
				.toProto(store.query(ServiceCalls.valid(() -> GrpcQueries.fromProto(request)))));
		}

	}

	/**
	 * Answers with the maximum size of a transaction.
	 */
	private static final class MultiMaxSize
			extends TransactionalStoreMultiMaxSizeGrpc.TransactionalStoreMultiMaxSizeImplBase {

		private final ServiceCalls<StateStore> calls;

		private MultiMaxSize(ServiceCalls<StateStore> calls) {
			this.calls = calls;
		}

		@Override
		public void multiMaxSize(StateProto.MultiMaxSizeRequest request,
				StreamObserver<StateProto.MultiMaxSizeResponse> observer) {
			this.calls.answer("MultiMaxSize", observer,
					(store) -> StateProto.MultiMaxSizeResponse.newBuilder()
						.setMaxSize(store.maxTransactionSize())
						.build());
		}

	}

}
