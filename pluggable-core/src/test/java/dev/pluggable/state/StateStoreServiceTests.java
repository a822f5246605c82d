package dev.pluggable.state;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.ErrorInfo;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.fixtures.RecordedLog;
import dev.pluggable.kind.ServiceCalls;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.QueriableStateStoreGrpc;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.proto.components.v1.TransactionalStateStoreGrpc;
import dev.pluggable.proto.components.v1.TransactionalStoreMultiMaxSizeGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class StateStoreServiceTests {

	private final RecordingStore recording = new RecordingStore();

	private final TestInstances instances = new TestInstances(this.recording);

	private final RecordedLog log = new RecordedLog();

	private TestServer server;

	private StateStoreGrpc.StateStoreBlockingStub stub;

	@BeforeEach
	void start() throws IOException {
		this.server = TestServer.of(StateStoreService.definitions(this.instances));
		this.stub = StateStoreGrpc.newBlockingStub(this.server.channel());
		logger().addAppender(this.log);
	}

	@AfterEach
	void stop() throws InterruptedException {
		logger().detachAppender(this.log);
		this.server.close();
	}

	private static Logger logger() {
		return (Logger) LoggerFactory.getLogger(ServiceCalls.class);
	}

	private static ByteString data(String text) {
		return ByteString.copyFromUtf8(text);
	}

	private static StateProto.Etag etag(String value) {
		return StateProto.Etag.newBuilder().setValue(value).build();
	}

	private static StateProto.SetRequest setRequest(Map<String, String> metadata) {
		return StateProto.SetRequest.newBuilder().setKey("a").setValue(data("x")).putAllMetadata(metadata).build();
	}

	private com.google.rpc.Status statusOf(Supplier<?> call) {
		StatusRuntimeException ex = catchThrowableOfType(StatusRuntimeException.class, call::get);
		assertThat(ex).isNotNull();
		com.google.rpc.Status status = StatusProto.fromThrowable(ex);
		return (status != null) ? status : com.google.rpc.Status.getDefaultInstance();
	}

	private com.google.rpc.Status statusOfSet(RuntimeException failure) {
		this.recording.failure = failure;
		return statusOf(() -> this.stub.set(setRequest(Map.of())));
	}

	@Test
	void whenInitializedThenInstanceGetsTheMetadata() {
		this.stub.init(StateProto.InitRequest.newBuilder()
			.setMetadata(CommonProto.MetadataRequest.newBuilder().putProperties("host", "x"))
			.build());
		assertThat(this.instances.metadata).containsExactly(Map.entry("host", "x"));
		assertThat(this.stub.features(CommonProto.FeaturesRequest.getDefaultInstance()).getFeaturesList())
			.containsExactlyInAnyOrder("ETAG", "TRANSACTIONAL", "QUERY_API", "TTL");
	}

	@Test
	void whenInitFailsThenStatusSaysWhy() {
		this.instances.failure = new InvalidRequestException("'host' is missing");
		com.google.rpc.Status status = statusOf(() -> this.stub.init(StateProto.InitRequest.getDefaultInstance()));
		assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
		assertThat(status.getMessage()).isEqualTo("'host' is missing");
		this.instances.failure = new IOException("secret");
		status = statusOf(() -> this.stub.init(StateProto.InitRequest.getDefaultInstance()));
		assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL.value());
		assertThat(status.getMessage()).doesNotContain("secret");
	}

	@Test
	void whenInitWasNotCalledThenFailedPreconditionWithoutDetails() {
		this.instances.instance = null;
		TransactionalStateStoreGrpc.TransactionalStateStoreBlockingStub transactional = TransactionalStateStoreGrpc
			.newBlockingStub(this.server.channel());
		QueriableStateStoreGrpc.QueriableStateStoreBlockingStub queriable = QueriableStateStoreGrpc
			.newBlockingStub(this.server.channel());
		List<Supplier<?>> calls = List.of(() -> this.stub.features(CommonProto.FeaturesRequest.getDefaultInstance()),
				() -> this.stub.ping(CommonProto.PingRequest.getDefaultInstance()),
				() -> this.stub.get(StateProto.GetRequest.getDefaultInstance()),
				() -> this.stub.set(setRequest(Map.of())),
				() -> this.stub.delete(StateProto.DeleteRequest.getDefaultInstance()),
				() -> this.stub.bulkGet(StateProto.BulkGetRequest.getDefaultInstance()),
				() -> this.stub.bulkSet(StateProto.BulkSetRequest.getDefaultInstance()),
				() -> this.stub.bulkDelete(StateProto.BulkDeleteRequest.getDefaultInstance()),
				() -> transactional.transact(StateProto.TransactionalStateRequest.getDefaultInstance()),
				() -> queriable.query(StateProto.QueryRequest.getDefaultInstance()),
				() -> TransactionalStoreMultiMaxSizeGrpc.newBlockingStub(this.server.channel())
					.multiMaxSize(StateProto.MultiMaxSizeRequest.getDefaultInstance()));
		assertThat(calls).allSatisfy((call) -> {
			com.google.rpc.Status status = statusOf(call);
			assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION.value());
			assertThat(status.getMessage()).contains("Init");
			assertThat(status.getDetailsList()).isEmpty();
		});
		assertThat(this.log.events()).isEmpty();
	}

	@Test
	void whenEtagDoesNotMatchThenExactShape() {
		assertThat(statusOfSet(new EtagMismatchException("stale"))).isEqualTo(com.google.rpc.Status.newBuilder()
			.setCode(9)
			.setMessage("stale")
			.addDetails(Any.pack(BadRequest.newBuilder()
				.addFieldViolations(FieldViolation.newBuilder().setField("etag").setDescription("stale"))
				.build()))
			.build());
		assertThat(this.log.events()).isEmpty();
	}

	@Test
	void whenEtagIsMalformedThenExactShape() {
		assertThat(statusOfSet(new EtagInvalidException("no number"))).isEqualTo(com.google.rpc.Status.newBuilder()
			.setCode(3)
			.setMessage("no number")
			.addDetails(Any.pack(BadRequest.newBuilder()
				.addFieldViolations(FieldViolation.newBuilder().setField("etag").setDescription("no number"))
				.build()))
			.build());
	}

	@Test
	void whenBulkDeleteRemovedFewerThenExactShape() {
		this.recording.failure = new BulkDeleteException(3, 1);
		com.google.rpc.Status status = statusOf(() -> this.stub.bulkDelete(StateProto.BulkDeleteRequest.newBuilder()
			.addItems(StateProto.DeleteRequest.newBuilder().setKey("a"))
			.build()));
		assertThat(status.getCode()).isEqualTo(13);
		assertThat(status.getDetailsList()).containsExactly(
				Any.pack(ErrorInfo.newBuilder().putMetadata("expected", "3").putMetadata("affected", "1").build()));
	}

	@Test
	void whenRequestIsInvalidOrUnsupportedThenCodeSaysSo() {
		assertThat(statusOfSet(new InvalidRequestException("no"))).isEqualTo(com.google.rpc.Status.newBuilder()
			.setCode(Status.Code.INVALID_ARGUMENT.value())
			.setMessage("no")
			.build());
		assertThat(statusOfSet(new UnsupportedOperationByComponentException("no")).getCode())
			.isEqualTo(Status.Code.UNIMPLEMENTED.value());
		assertThat(statusOfSet(new ComponentUnavailableException("c", "state", null, "down")).getCode())
			.isEqualTo(Status.Code.UNAVAILABLE.value());
		assertThat(this.log.events()).isEmpty();
	}

	@Test
	void whenImplementationFailsThenInternalWithoutPayloadAndLoggedOnce() {
		for (RuntimeException failure : List.of(new IllegalStateException("secret"),
				new IllegalArgumentException("secret"),
				Status.NOT_FOUND.withDescription("secret").asRuntimeException())) {
			this.log.clear();
			com.google.rpc.Status status = statusOfSet(failure);
			assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL.value());
			assertThat(status.getMessage()).isEqualTo("Set failed: " + failure.getClass().getName());
			assertThat(status.getDetailsList()).isEmpty();
			assertThat(this.log.events()).singleElement().satisfies((event) -> {
				assertThat(event.getLevel()).isEqualTo(Level.WARN);
				assertThat(event.getThrowableProxy()).isNotNull();
			});
		}
	}

	@Test
	void whenImplementationReportsAFailureThenItsMessageIsKept() {
		com.google.rpc.Status status = statusOfSet(new ComponentException("disk full", (Throwable) null));
		assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL.value());
		assertThat(status.getMessage()).isEqualTo("disk full");
		assertThat(this.log.events()).hasSize(1);
	}

	@Test
	void whenKeyIsAbsentThenAnswerIsEmpty() {
		StateProto.GetResponse response = this.stub.get(StateProto.GetRequest.newBuilder().setKey("a").build());
		assertThat(response).isEqualTo(StateProto.GetResponse.getDefaultInstance());
		assertThat(response.hasEtag()).isFalse();
	}

	@Test
	void whenItemHasNoEtagThenAnswerHasNone() {
		this.recording.item = StateItem.of("a", "x".getBytes());
		StateProto.GetResponse response = this.stub.get(StateProto.GetRequest.newBuilder().setKey("a").build());
		assertThat(response.hasEtag()).isFalse();
		assertThat(response.getData()).isEqualTo(data("x"));
		this.recording.item = new StateItem("a", "x".getBytes(), "7", "text/plain", Map.of("m", "n"));
		assertThat(this.stub.get(StateProto.GetRequest.newBuilder().setKey("a").build()))
			.isEqualTo(StateProto.GetResponse.newBuilder()
				.setData(data("x"))
				.setEtag(etag("7"))
				.setContentType("text/plain")
				.putMetadata("m", "n")
				.build());
	}

	@Test
	void whenBulkGetThenAbsentKeyHasNothingButTheKey() {
		this.recording.results = List.of(BulkGetResult.absent("a"), BulkGetResult.failed("b", "broken"),
				BulkGetResult.of(new StateItem("c", "x".getBytes(), "7", "text/plain", Map.of("m", "n"))));
		assertThat(this.stub
			.bulkGet(StateProto.BulkGetRequest.newBuilder()
				.addItems(StateProto.GetRequest.newBuilder().setKey("a").setConsistencyValue(2))
				.setOptions(StateProto.BulkGetRequestOptions.newBuilder().setParallelism(4))
				.build())
			.getItemsList()).containsExactly(StateProto.BulkStateItem.newBuilder().setKey("a").build(),
					StateProto.BulkStateItem.newBuilder().setKey("b").setError("broken").build(),
					StateProto.BulkStateItem.newBuilder()
						.setKey("c")
						.setData(data("x"))
						.setEtag(etag("7"))
						.setContentType("text/plain")
						.putMetadata("m", "n")
						.build());
		assertThat(this.recording.received).isEqualTo(List.of(GetRequest.of("a").withConsistency(Consistency.STRONG)));
		assertThat(this.recording.parallelism).isEqualTo(4);
	}

	@Test
	void whenParallelismIsOutOfRangeThenBrought() {
		for (Map.Entry<Long, Integer> each : Map.of(-1L, 0, Long.MAX_VALUE, Integer.MAX_VALUE).entrySet()) {
			this.stub.bulkSet(StateProto.BulkSetRequest.newBuilder()
				.setOptions(StateProto.BulkSetRequestOptions.newBuilder().setParallelism(each.getKey()))
				.build());
			assertThat(this.recording.parallelism).isEqualTo(each.getValue());
		}
	}

	@Test
	void whenSetThenRequestIsComplete() {
		this.stub.set(StateProto.SetRequest.newBuilder()
			.setKey("a")
			.setValue(data("x"))
			.setEtag(etag("7"))
			.setContentType("text/plain")
			.setOptions(StateProto.StateOptions.newBuilder().setConcurrencyValue(1).setConsistencyValue(2))
			.putMetadata("ttlInSeconds", "30")
			.putMetadata("m", "n")
			.build());
		assertThat(this.recording.received).isEqualTo(new SetRequest("a", "x".getBytes(), "7", Concurrency.FIRST_WRITE,
				Consistency.STRONG, Duration.ofSeconds(30), "text/plain", Map.of("m", "n")));
	}

	@Test
	void whenGetThenRequestIsComplete() {
		this.stub
			.get(StateProto.GetRequest.newBuilder().setKey("a").setConsistencyValue(1).putMetadata("m", "n").build());
		assertThat(this.recording.received).isEqualTo(new GetRequest("a", Consistency.EVENTUAL, Map.of("m", "n")));
	}

	private static StateProto.DeleteRequest deleteRequest() {
		return StateProto.DeleteRequest.newBuilder()
			.setKey("a")
			.setEtag(etag("7"))
			.setOptions(StateProto.StateOptions.newBuilder().setConcurrencyValue(2).setConsistencyValue(1))
			.putMetadata("m", "n")
			.build();
	}

	@Test
	void whenDeletedThenRequestIsComplete() {
		this.stub.delete(deleteRequest());
		assertThat(this.recording.received)
			.isEqualTo(new DeleteRequest("a", "7", Concurrency.LAST_WRITE, Consistency.EVENTUAL, Map.of("m", "n")));
	}

	@Test
	void whenChangedInBulkThenItemsAndParallelismAreComplete() {
		this.stub.bulkSet(StateProto.BulkSetRequest.newBuilder()
			.addItems(setRequest(Map.of("m", "n")).toBuilder().setEtag(etag("7")))
			.addItems(setRequest(Map.of()))
			.setOptions(StateProto.BulkSetRequestOptions.newBuilder().setParallelism(4))
			.build());
		assertThat(this.recording.received).isEqualTo(
				List.of(SetRequest.of("a", "x").withEtag("7").withMetadata(Map.of("m", "n")), SetRequest.of("a", "x")));
		assertThat(this.recording.parallelism).isEqualTo(4);
		this.stub.bulkDelete(StateProto.BulkDeleteRequest.newBuilder()
			.addItems(deleteRequest())
			.setOptions(StateProto.BulkDeleteRequestOptions.newBuilder().setParallelism(5))
			.build());
		assertThat(this.recording.received).isEqualTo(
				List.of(new DeleteRequest("a", "7", Concurrency.LAST_WRITE, Consistency.EVENTUAL, Map.of("m", "n"))));
		assertThat(this.recording.parallelism).isEqualTo(5);
	}

	@Test
	void whenEtagIsPresentButEmptyThenThereIsNone() {
		this.stub.set(setRequest(Map.of()).toBuilder().setEtag(etag("")).build());
		assertThat(this.recording.received).isEqualTo(SetRequest.of("a", "x"));
		this.stub.delete(StateProto.DeleteRequest.newBuilder().setKey("a").setEtag(etag("")).build());
		assertThat(this.recording.received).isEqualTo(DeleteRequest.of("a"));
	}

	@Test
	void whenOptionsAreUnknownThenUnspecified() {
		this.stub.delete(StateProto.DeleteRequest.newBuilder()
			.setKey("a")
			.setOptions(StateProto.StateOptions.newBuilder().setConcurrencyValue(9).setConsistencyValue(9))
			.build());
		assertThat(this.recording.received).isEqualTo(DeleteRequest.of("a"));
	}

	@Test
	void whenContentTypeIsInMetadataThenItCountsIfTheFieldIsEmpty() {
		this.stub.set(setRequest(Map.of("contentType", "application/json")));
		assertThat(this.recording.received).isEqualTo(SetRequest.of("a", "x")
			.withContentType("application/json")
			.withMetadata(Map.of("contentType", "application/json")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1", "0", "" })
	void whenTimeToLiveSaysNeverThenThereIsNone(String seconds) {
		this.stub.set(setRequest(Map.of("ttlInSeconds", seconds)));
		assertThat(this.recording.received).isInstanceOfSatisfying(SetRequest.class,
				(request) -> assertThat(request.ttl()).isNull());
	}

	@ParameterizedTest
	@ValueSource(strings = { "-2", "soon", "1.5" })
	void whenTimeToLiveIsMalformedThenInvalidArgument(String seconds) {
		com.google.rpc.Status status = statusOf(() -> this.stub.set(setRequest(Map.of("ttlInSeconds", seconds))));
		assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
		assertThat(status.getMessage()).contains("ttlInSeconds");
		assertThat(status.getDetailsList()).isEmpty();
		assertThat(this.recording.received).isNull();
	}

	@Test
	void whenKeyIsEmptyThenInvalidArgument() {
		assertThat(statusOf(() -> this.stub.get(StateProto.GetRequest.getDefaultInstance())).getCode()).isEqualTo(3);
		assertThat(statusOf(() -> this.stub.set(StateProto.SetRequest.getDefaultInstance())).getCode()).isEqualTo(3);
		assertThat(statusOf(() -> this.stub.bulkDelete(StateProto.BulkDeleteRequest.newBuilder()
			.addItems(StateProto.DeleteRequest.getDefaultInstance())
			.build())).getCode()).isEqualTo(3);
	}

	@Test
	void whenOneItemOfABulkCannotBeReadThenAllOthersAreChangedAndTheErrorNamesIt() {
		this.instances.instance = new InMemoryStateStore();
		StateProto.SetRequest bad = setRequest(Map.of("ttlInSeconds", "soon")).toBuilder().setKey("bad").build();
		com.google.rpc.Status status = statusOf(() -> this.stub
			.bulkSet(StateProto.BulkSetRequest.newBuilder().addItems(bad).addItems(setRequest(Map.of())).build()));
		assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
		assertThat(status.getMessage()).contains("1 of 2", "'bad'", "ttlInSeconds");
		assertThat(this.stub.get(StateProto.GetRequest.newBuilder().setKey("a").build()).getData())
			.isEqualTo(data("x"));
		status = statusOf(() -> this.stub.bulkDelete(StateProto.BulkDeleteRequest.newBuilder()
			.addItems(StateProto.DeleteRequest.newBuilder().setKey("a"))
			.addItems(StateProto.DeleteRequest.getDefaultInstance())
			.build()));
		assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
		assertThat(this.stub.get(StateProto.GetRequest.newBuilder().setKey("a").build()).getData()).isEmpty();
	}

	@Test
	void whenOneItemOfABulkCannotBeReadAndAnotherFailsThenTheErrorNamesBoth() {
		this.instances.instance = new InMemoryStateStore();
		this.stub.set(setRequest(Map.of()));
		StateProto.SetRequest bad = setRequest(Map.of("ttlInSeconds", "soon")).toBuilder().setKey("bad").build();
		StateProto.SetRequest stale = setRequest(Map.of()).toBuilder().setEtag(etag("999")).build();
		com.google.rpc.Status status = statusOf(() -> this.stub.bulkSet(StateProto.BulkSetRequest.newBuilder()
			.addItems(stale)
			.addItems(bad)
			.addItems(setRequest(Map.of()).toBuilder().setKey("c"))
			.build()));
		assertThat(status.getMessage()).contains("'bad'", "'a'");
		assertThat(this.stub.get(StateProto.GetRequest.newBuilder().setKey("c").build()).getData())
			.isEqualTo(data("x"));
	}

	@Test
	void whenTransactedThenOperationsAreInOrder() {
		TransactionalStateStoreGrpc.TransactionalStateStoreBlockingStub transactional = TransactionalStateStoreGrpc
			.newBlockingStub(this.server.channel());
		transactional.transact(StateProto.TransactionalStateRequest.newBuilder()
			.addOperations(StateProto.TransactionalStateOperation.newBuilder()
				.setDelete(StateProto.DeleteRequest.newBuilder().setKey("b")))
			.addOperations(StateProto.TransactionalStateOperation.newBuilder().setSet(setRequest(Map.of())))
			.putMetadata("m", "n")
			.build());
		assertThat(this.recording.received).isEqualTo(
				TransactionRequest.of(DeleteRequest.of("b"), SetRequest.of("a", "x")).withMetadata(Map.of("m", "n")));
		assertThat(statusOf(() -> transactional.transact(StateProto.TransactionalStateRequest.newBuilder()
			.addOperations(StateProto.TransactionalStateOperation.getDefaultInstance())
			.build())).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
	}

	@Test
	void whenStoreHasNoTransactionsOrQueriesThenUnimplemented() {
		this.instances.instance = new MinimalStateStore();
		assertThat(statusOf(() -> TransactionalStateStoreGrpc.newBlockingStub(this.server.channel())
			.transact(StateProto.TransactionalStateRequest.getDefaultInstance())).getCode())
			.isEqualTo(Status.Code.UNIMPLEMENTED.value());
		assertThat(statusOf(() -> QueriableStateStoreGrpc.newBlockingStub(this.server.channel())
			.query(StateProto.QueryRequest.getDefaultInstance())).getCode())
			.isEqualTo(Status.Code.UNIMPLEMENTED.value());
	}

	@Test
	void whenLargestTransactionIsAskedThenStoreTells() {
		assertThat(TransactionalStoreMultiMaxSizeGrpc.newBlockingStub(this.server.channel())
			.multiMaxSize(StateProto.MultiMaxSizeRequest.getDefaultInstance())
			.getMaxSize()).isEqualTo(42);
	}

	@Test
	void whenQueriedThenRequestAndAnswerAreComplete() {
		this.recording.found = new QueryResult(
				List.of(QueryResult.Item.of(new StateItem("a", "x".getBytes(), "7", "text/plain", Map.of())),
						QueryResult.Item.failed("b", "broken"), QueryResult.Item.of(StateItem.of("c", new byte[0]))),
				"next", Map.of("m", "n"));
		QueryRequest request = QueryRequest.of(Filter.eq("a", 1)).withSort(Sort.desc("b"), Sort.asc("c")).withLimit(3);
		assertThat(QueriableStateStoreGrpc.newBlockingStub(this.server.channel()).query(GrpcQueries.toProto(request)))
			.isEqualTo(StateProto.QueryResponse.newBuilder()
				.addItems(StateProto.QueryItem.newBuilder()
					.setKey("a")
					.setData(data("x"))
					.setEtag(etag("7"))
					.setContentType("text/plain"))
				.addItems(StateProto.QueryItem.newBuilder().setKey("b").setError("broken"))
				.addItems(StateProto.QueryItem.newBuilder().setKey("c"))
				.setToken("next")
				.putMetadata("m", "n")
				.build());
		assertThat(this.recording.received).isEqualTo(request);
	}

	@Test
	void whenPingedThenStoreIsAsked() {
		this.stub.ping(CommonProto.PingRequest.getDefaultInstance());
		assertThat(this.recording.received).isEqualTo("ping");
		this.recording.failure = new ComponentUnavailableException("c", "state", null, "down");
		assertThat(statusOf(() -> this.stub.ping(CommonProto.PingRequest.getDefaultInstance())).getCode())
			.isEqualTo(Status.Code.UNAVAILABLE.value());
	}

	/**
	 * A store that records requests, and fails if the test wants it to.
	 */
	private static final class RecordingStore implements StateStore {

		private volatile @Nullable RuntimeException failure;

		private volatile @Nullable Object received;

		private volatile int parallelism;

		private volatile @Nullable StateItem item;

		private volatile List<BulkGetResult> results = List.of();

		private volatile QueryResult found = QueryResult.of(List.of(), null);

		private void received(Object request) {
			RuntimeException exception = this.failure;
			if (exception != null) {
				throw exception;
			}
			this.received = request;
		}

		@Override
		public Optional<StateItem> get(GetRequest request) {
			received(request);
			return Optional.ofNullable(this.item);
		}

		@Override
		public void set(SetRequest request) {
			received(request);
		}

		@Override
		public void delete(DeleteRequest request) {
			received(request);
		}

		@Override
		public Set<String> features() {
			return Set.of();
		}

		@Override
		public List<BulkGetResult> bulkGet(List<GetRequest> requests, int parallelism) {
			received(requests);
			this.parallelism = parallelism;
			return this.results;
		}

		@Override
		public void bulkSet(List<SetRequest> requests, int parallelism) {
			received(requests);
			this.parallelism = parallelism;
		}

		@Override
		public void bulkDelete(List<DeleteRequest> requests, int parallelism) {
			received(requests);
			this.parallelism = parallelism;
		}

		@Override
		public void transact(TransactionRequest request) {
			received(request);
		}

		@Override
		public int maxTransactionSize() {
			return 42;
		}

		@Override
		public QueryResult query(QueryRequest request) {
			received(request);
			return this.found;
		}

		@Override
		public void ping() {
			received("ping");
		}

	}

}
