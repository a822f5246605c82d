package dev.pluggable.state;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.StateProto;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class GrpcStateStoreTests {

	private final FakeComponent component = new FakeComponent();

	private TestServer server;

	private TestClient client;

	private StateStore store;

	@BeforeEach
	void start() throws IOException {
		this.server = TestServer.of(this.component.services());
		this.client = new TestClient(this.server.channel(), StateFeatures.TRANSACTIONAL, StateFeatures.QUERY_API);
		this.store = new GrpcStateStore(this.client);
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.server.close();
	}

	private static ByteString data(String text) {
		return ByteString.copyFromUtf8(text);
	}

	private static StateProto.Etag etag(String value) {
		return StateProto.Etag.newBuilder().setValue(value).build();
	}

	private static StateProto.StateOptions options(int concurrency, int consistency) {
		return StateProto.StateOptions.newBuilder()
			.setConcurrencyValue(concurrency)
			.setConsistencyValue(consistency)
			.build();
	}

	@Test
	void whenGetThenRequestAndItemAreComplete() {
		this.component.answer("Get",
				StateProto.GetResponse.newBuilder()
					.setData(data("one"))
					.setEtag(etag("7"))
					.setContentType("text/plain")
					.putMetadata("ttlExpireTime", "2030-01-01T00:00:00Z")
					.build());
		assertThat(
				this.store.get(GetRequest.of("a").withConsistency(Consistency.STRONG).withMetadata(Map.of("x", "y"))))
			.contains(new StateItem("a", "one".getBytes(), "7", "text/plain",
					Map.of("ttlExpireTime", "2030-01-01T00:00:00Z")));
		assertThat(this.component.<StateProto.GetRequest>last("Get")).isEqualTo(
				StateProto.GetRequest.newBuilder().setKey("a").setConsistencyValue(2).putMetadata("x", "y").build());
	}

	@Test
	void whenAnswerIsEmptyThenKeyIsAbsent() {
		this.component.answer("Get", StateProto.GetResponse.getDefaultInstance());
		assertThat(this.store.get("a")).isEmpty();
	}

	@Test
	void whenAnswerHasNothingButAnEmptyEtagThenKeyIsAbsent() {
		this.component.answer("Get", StateProto.GetResponse.newBuilder().setEtag(etag("")).build());
		assertThat(this.store.get("a")).isEmpty();
	}

	@Test
	void whenAnswerHasEtagButNoDataThenValueIsEmpty() {
		this.component.answer("Get", StateProto.GetResponse.newBuilder().setEtag(etag("1")).build());
		assertThat(this.store.get("a")).contains(StateItem.of("a", new byte[0]).withEtag("1"));
	}

	@Test
	void whenEtagIsEmptyThenItemHasNone() {
		this.component.answer("Get", StateProto.GetResponse.newBuilder().setData(data("x")).setEtag(etag("")).build());
		assertThat(this.store.get("a")).contains(StateItem.of("a", "x".getBytes()));
	}

	@Test
	void whenSetPlainlyThenOptionsArePresentAndEtagIsAbsent() {
		this.component.answer("Set", StateProto.SetResponse.getDefaultInstance());
		this.store.set("a", "one".getBytes());
		StateProto.SetRequest request = this.component.last("Set");
		assertThat(request.hasOptions()).isTrue();
		assertThat(request.hasEtag()).isFalse();
		assertThat(request).isEqualTo(
				StateProto.SetRequest.newBuilder().setKey("a").setValue(data("one")).setOptions(options(0, 0)).build());
	}

	@Test
	void whenSetWithEverythingThenRequestIsComplete() {
		this.component.answer("Set", StateProto.SetResponse.getDefaultInstance());
		this.store.set(new SetRequest("a", "one".getBytes(), "7", Concurrency.FIRST_WRITE, Consistency.EVENTUAL,
				Duration.ofMillis(1500), "text/plain", Map.of("x", "y")));
		assertThat(this.component.<StateProto.SetRequest>last("Set")).isEqualTo(StateProto.SetRequest.newBuilder()
			.setKey("a")
			.setValue(data("one"))
			.setEtag(etag("7"))
			.setOptions(options(1, 1))
			.setContentType("text/plain")
			.putMetadata("x", "y")
			.putMetadata("ttlInSeconds", "2")
			.build());
		this.store.set(SetRequest.of("a", "one").withMetadata(Map.of("ttlInSeconds", "-1")));
		assertThat(this.component.<StateProto.SetRequest>last("Set").getMetadataMap())
			.containsExactly(Map.entry("ttlInSeconds", "-1"));
	}

	@Test
	void whenDeletedThenRequestIsComplete() {
		this.component.answer("Delete", StateProto.DeleteResponse.getDefaultInstance());
		this.store.delete("a");
		StateProto.DeleteRequest plain = this.component.last("Delete");
		assertThat(plain.hasOptions()).isTrue();
		assertThat(plain.hasEtag()).isFalse();
		this.store.delete(DeleteRequest.of("a")
			.withEtag("7")
			.withConcurrency(Concurrency.LAST_WRITE)
			.withConsistency(Consistency.STRONG)
			.withMetadata(Map.of("x", "y")));
		assertThat(this.component.<StateProto.DeleteRequest>last("Delete"))
			.isEqualTo(StateProto.DeleteRequest.newBuilder()
				.setKey("a")
				.setEtag(etag("7"))
				.setOptions(options(2, 2))
				.putMetadata("x", "y")
				.build());
	}

	private static StateProto.BulkStateItem.Builder bulkItem(String key) {
		return StateProto.BulkStateItem.newBuilder().setKey(key);
	}

	@Test
	void whenBulkGetIsAnsweredOutOfOrderThenResultsAreInOrder() {
		this.component.answer("BulkGet",
				StateProto.BulkGetResponse.newBuilder()
					.addItems(bulkItem("stranger").setData(data("x")))
					.addItems(bulkItem("c").setError("disk broken"))
					.addItems(bulkItem("b"))
					.addItems(bulkItem("a").setData(data("one"))
						.setEtag(etag("7"))
						.setContentType("text/plain")
						.putMetadata("m", "n"))
					.addItems(bulkItem("a").setData(data("duplicate")))
					.build());
		BulkGetResult a = BulkGetResult.of(new StateItem("a", "one".getBytes(), "7", "text/plain", Map.of("m", "n")));
		assertThat(this.store.bulkGet(List.of("a", "b", "c", "d", "a"))).containsExactly(a, BulkGetResult.absent("b"),
				BulkGetResult.failed("c", "disk broken"), BulkGetResult.absent("d"), a);
	}

	@Test
	void whenBulkGetIsAnsweredAsByDaprsJavaSdkThenItsTextsAreUnderstood() {
		this.component.answer("BulkGet",
				StateProto.BulkGetResponse.newBuilder()
					.addItems(bulkItem("a").setData(data("one")).setEtag(etag("")).setError("none"))
					.addItems(bulkItem("b").setEtag(etag("")).setError("KeyDoesNotExist"))
					.addItems(bulkItem("c").setError("keydoesnotexist"))
					.addItems(bulkItem("d").setData(data("four")).setError("None"))
					.build());
		assertThat(this.store.bulkGet(List.of("a", "b", "c", "d"))).containsExactly(
				BulkGetResult.of(StateItem.of("a", "one".getBytes())), BulkGetResult.absent("b"),
				BulkGetResult.absent("c"), BulkGetResult.of(StateItem.of("d", "four".getBytes())));
	}

	@Test
	void whenBulkGetOfOneThenStillBulk() {
		this.component.answer("BulkGet", StateProto.BulkGetResponse.getDefaultInstance());
		assertThat(this.store.bulkGet(List.of(GetRequest.of("a").withConsistency(Consistency.EVENTUAL)), 3))
			.containsExactly(BulkGetResult.absent("a"));
		assertThat(this.component.<StateProto.BulkGetRequest>last("BulkGet"))
			.isEqualTo(StateProto.BulkGetRequest.newBuilder()
				.addItems(StateProto.GetRequest.newBuilder().setKey("a").setConsistencyValue(1))
				.setOptions(StateProto.BulkGetRequestOptions.newBuilder().setParallelism(3))
				.build());
	}

	@Test
	void whenBulkIsEmptyThenNothingIsSent() {
		assertThat(this.store.bulkGet(List.<String>of())).isEmpty();
		this.store.bulkSet(List.of());
		this.store.bulkDelete(List.of());
		this.store.transact(List.of());
		assertThat(this.component.methods()).isEmpty();
	}

	@Test
	void whenBulkHasOneThenSingleCall() {
		this.component.answer("Set", StateProto.SetResponse.getDefaultInstance())
			.answer("Delete", StateProto.DeleteResponse.getDefaultInstance());
		this.store.bulkSet(List.of(SetRequest.of("a", "x")));
		this.store.bulkDelete(List.of(DeleteRequest.of("a")));
		assertThat(this.component.methods()).containsExactly("Set", "Delete");
	}

	@Test
	void whenBulkHasTwoThenBulkCall() {
		this.component.answer("BulkSet", StateProto.BulkSetResponse.getDefaultInstance())
			.answer("BulkDelete", StateProto.BulkDeleteResponse.getDefaultInstance());
		this.store.bulkSet(List.of(SetRequest.of("a", "x"), SetRequest.of("b", "y").withEtag("7")));
		this.store.bulkDelete(List.of(DeleteRequest.of("a"), DeleteRequest.of("b")), 5);
		assertThat(this.component.methods()).containsExactly("BulkSet", "BulkDelete");
		StateProto.BulkSetRequest set = this.component.last("BulkSet");
		assertThat(set.hasOptions()).isTrue();
		assertThat(set.getOptions().getParallelism()).isZero();
		assertThat(set.getItemsList()).allMatch(StateProto.SetRequest::hasOptions)
			.extracting((item) -> item.getEtag().getValue())
			.containsExactly("", "7");
		StateProto.BulkDeleteRequest delete = this.component.last("BulkDelete");
		assertThat(delete.getOptions().getParallelism()).isEqualTo(5);
		assertThat(delete.getItemsList()).allMatch(StateProto.DeleteRequest::hasOptions)
			.extracting(StateProto.DeleteRequest::getKey)
			.containsExactly("a", "b");
	}

	@Test
	void whenParallelismIsNegativeThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.store.bulkGet(List.of(GetRequest.of("a")), -1));
		assertThatIllegalArgumentException().isThrownBy(() -> this.store.bulkSet(List.of(SetRequest.of("a", "x")), -1));
		assertThatIllegalArgumentException().isThrownBy(() -> this.store.bulkDelete(List.of(), -1));
	}

	private void transactOf(int size) {
		this.store.transact(IntStream.range(0, size).mapToObj((i) -> SetRequest.of("key" + i, "x")).toList());
	}

	private void maxSize(long size) {
		this.component.answer("MultiMaxSize", StateProto.MultiMaxSizeResponse.newBuilder().setMaxSize(size).build());
	}

	@Test
	void whenTransactedThenOperationsAreInOrder() {
		this.component.answer("Transact", StateProto.TransactionalStateResponse.getDefaultInstance());
		this.store.transact(
				TransactionRequest.of(DeleteRequest.of("a"), SetRequest.of("a", "x").withTtl(Duration.ofSeconds(3)))
					.withMetadata(Map.of("m", "n")));
		StateProto.TransactionalStateRequest request = this.component.last("Transact");
		assertThat(request.getMetadataMap()).containsExactly(Map.entry("m", "n"));
		assertThat(request.getOperationsList()).containsExactly(
				StateProto.TransactionalStateOperation.newBuilder()
					.setDelete(StateProto.DeleteRequest.newBuilder().setKey("a").setOptions(options(0, 0)))
					.build(),
				StateProto.TransactionalStateOperation.newBuilder()
					.setSet(StateProto.SetRequest.newBuilder()
						.setKey("a")
						.setValue(data("x"))
						.setOptions(options(0, 0))
						.putMetadata("ttlInSeconds", "3"))
					.build());
	}

	@Test
	void whenFeatureIsMissingThenRefusedWithoutACall() {
		StateStore plain = new GrpcStateStore(new TestClient(this.server.channel(), "ETAG", "transactional"));
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> plain.transact(SetRequest.of("a", "x")))
			.withMessageContainingAll("Transact", "orders", "TRANSACTIONAL");
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> plain.query(QueryRequest.all()))
			.withMessageContainingAll("Query", "orders", "QUERY_API");
		assertThat(this.component.methods()).isEmpty();
	}

	@Test
	void whenTransactionIsTooLargeThenRefusedWithoutSendingIt() {
		this.component.answer("Transact", StateProto.TransactionalStateResponse.getDefaultInstance());
		maxSize(3);
		transactOf(3);
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> transactOf(4))
			.withMessageContainingAll("4", "3", "orders");
		assertThat(this.component.methods()).containsExactly("MultiMaxSize", "Transact");
	}

	@Test
	void whenGenerationChangesThenLimitIsAskedAgain() {
		this.component.answer("Transact", StateProto.TransactionalStateResponse.getDefaultInstance());
		maxSize(3);
		assertThat(this.store.maxTransactionSize()).isEqualTo(3);
		maxSize(5);
		assertThat(this.store.maxTransactionSize()).isEqualTo(3);
		this.client.generation = 2;
		transactOf(5);
		assertThat(this.store.maxTransactionSize()).isEqualTo(5);
		assertThat(this.component.methods()).containsExactly("MultiMaxSize", "MultiMaxSize", "Transact");
	}

	@Test
	void whenThereIsNoLimitThenAskedOnce() {
		this.component.answer("Transact", StateProto.TransactionalStateResponse.getDefaultInstance());
		for (long size : List.of(0L, -1L, Long.MIN_VALUE)) {
			maxSize(size);
			transactOf(100);
			transactOf(100);
			assertThat(this.store.maxTransactionSize()).isZero();
			this.client.generation++;
		}
		assertThat(this.component.methods()).filteredOn("MultiMaxSize"::equals).hasSize(3);
	}

	@Test
	void whenLimitIsBeyondAnIntThenCapped() {
		maxSize(Long.MAX_VALUE);
		assertThat(this.store.maxTransactionSize()).isEqualTo(Integer.MAX_VALUE);
	}

	@Test
	void whenComponentCannotTellTheLimitThenThereIsNone() {
		this.component.answer("Transact", StateProto.TransactionalStateResponse.getDefaultInstance());
		transactOf(100);
		transactOf(100);
		assertThat(this.component.methods()).containsExactly("MultiMaxSize", "Transact", "Transact");
	}

	@Test
	void whenAskingForTheLimitFailsThenTransactionGoesOnAndItIsAskedAgain() {
		this.component.answer("Transact", StateProto.TransactionalStateResponse.getDefaultInstance())
			.answer("MultiMaxSize", Status.UNAVAILABLE.asRuntimeException());
		transactOf(100);
		maxSize(3);
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> transactOf(100));
		assertThat(this.component.methods()).containsExactly("MultiMaxSize", "Transact", "MultiMaxSize");
	}

	@Test
	void whenAskingForTheLimitTimesOutThenTransactionIsNotSentToWaitOnceMore() {
		this.component.answer("MultiMaxSize", Status.DEADLINE_EXCEEDED.asRuntimeException());
		assertThatExceptionOfType(ComponentTimeoutException.class).isThrownBy(() -> transactOf(100));
		assertThat(this.component.methods()).containsExactly("MultiMaxSize");
	}

	@Test
	void whenQueriedThenOperatorIsUntypedJson() {
		this.component.answer("Query", StateProto.QueryResponse.getDefaultInstance());
		this.store.query(QueryRequest.of(Filter.eq("person.org", "A"))
			.withSort(Sort.desc("person.id"), Sort.asc("state"))
			.withLimit(3)
			.withToken("next")
			.withMetadata(Map.of("m", "n")));
		assertThat(this.component.<StateProto.QueryRequest>last("Query")).isEqualTo(StateProto.QueryRequest.newBuilder()
			.setQuery(StateProto.Query.newBuilder()
				.putFilter("EQ", Any.newBuilder().setValue(data("{\"person.org\":\"A\"}")).build())
				.addSort(StateProto.Sorting.newBuilder().setKey("person.id").setOrderValue(1))
				.addSort(StateProto.Sorting.newBuilder().setKey("state").setOrderValue(0))
				.setPagination(StateProto.Pagination.newBuilder().setLimit(3).setToken("next")))
			.putMetadata("m", "n")
			.build());
	}

	@Test
	void whenQueryHasNoConditionThenPaginationIsPresentAllTheSame() {
		this.component.answer("Query", StateProto.QueryResponse.getDefaultInstance());
		this.store.query(QueryRequest.all());
		StateProto.Query query = this.component.<StateProto.QueryRequest>last("Query").getQuery();
		assertThat(query.hasPagination()).isTrue();
		assertThat(query.getFilterMap()).isEmpty();
	}

	@Test
	void whenQueryIsAnsweredThenResultIsComplete() {
		this.component.answer("Query",
				StateProto.QueryResponse.newBuilder()
					.addItems(StateProto.QueryItem.newBuilder()
						.setKey("a")
						.setData(data("one"))
						.setEtag(etag("7"))
						.setContentType("text/plain"))
					.addItems(StateProto.QueryItem.newBuilder().setKey("b").setError("broken"))
					.addItems(StateProto.QueryItem.newBuilder().setKey("c").setEtag(etag("")).setError("none"))
					.setToken("next")
					.putMetadata("m", "n")
					.build());
		QueryResult result = this.store.query(QueryRequest.all());
		assertThat(result.items()).containsExactly(
				QueryResult.Item.of(new StateItem("a", "one".getBytes(), "7", "text/plain", Map.of())),
				QueryResult.Item.failed("b", "broken"), QueryResult.Item.of(StateItem.of("c", new byte[0])));
		assertThat(result.found()).extracting(StateItem::key).containsExactly("a", "c");
		assertThat(result.token()).isEqualTo("next");
		assertThat(result.metadata()).containsExactly(Map.entry("m", "n"));
	}

	@Test
	void whenQueryIsAnsweredWithoutAKeyThenComponentIsToBlame() {
		this.component.answer("Query",
				StateProto.QueryResponse.newBuilder().addItems(StateProto.QueryItem.getDefaultInstance()).build());
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> this.store.query(QueryRequest.all()));
	}

	@Test
	void whenPingedThenComponentIsAsked() {
		this.component.answer("Ping", CommonProto.PingResponse.getDefaultInstance());
		this.store.ping();
		assertThat(this.component.methods()).containsExactly("Ping");
	}

	@Test
	void whenFeaturesAreAskedThenThoseOfTheClient() {
		assertThat(this.store.features()).containsExactlyInAnyOrder("TRANSACTIONAL", "QUERY_API");
	}

}
