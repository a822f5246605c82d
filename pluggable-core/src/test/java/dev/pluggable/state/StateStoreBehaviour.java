package dev.pluggable.state;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import dev.pluggable.UnsupportedOperationByComponentException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The behaviour of every state store, however it is called. Each run has keys of its own,
 * so that the store need not be empty. Tests of features that the store does not list are
 * skipped.
 */
public abstract class StateStoreBehaviour {

	private final String run = UUID.randomUUID().toString();

	/**
	 * The store under test.
	 * @return the same store, or another view of it, at each call within a test
	 */
	protected abstract StateStore store();

	/**
	 * The features that are tested.
	 * @return names of features
	 */
	protected Set<String> features() {
		return store().features();
	}

	private String key(String name) {
		return this.run + "-" + name;
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private StateItem stored(String key) {
		return store().get(key).orElseThrow(() -> new AssertionError("Nothing stored for " + key));
	}

	private String etag(String key) {
		String etag = stored(key).etag();
		assertThat(etag).isNotEmpty();
		return (etag != null) ? etag : "";
	}

	private void require(String feature) {
		assumeTrue(features().contains(feature), "The store does not have " + feature);
	}

	@Test
	void whenKeyIsAbsentThenGetIsEmpty() {
		assertThat(store().get(key("absent"))).isEmpty();
	}

	@Test
	void whenSetThenGetGivesTheValue() {
		store().set(key("a"), bytes("one"));
		assertThat(stored(key("a")).text()).isEqualTo("one");
		assertThat(stored(key("a")).key()).isEqualTo(key("a"));
	}

	@Test
	void whenSetTwiceThenGetGivesTheLaterValue() {
		store().set(key("a"), bytes("one"));
		store().set(key("a"), bytes("two"));
		assertThat(stored(key("a")).text()).isEqualTo("two");
	}

	@Test
	void whenValueIsBinaryThenItComesBackUnchanged() {
		byte[] value = new byte[256];
		for (int i = 0; i < value.length; i++) {
			value[i] = (byte) i;
		}
		store().set(key("binary"), value);
		assertThat(stored(key("binary")).value()).isEqualTo(value);
	}

	@Test
	void whenValueIsLargeThenItComesBackUnchanged() {
		byte[] value = new byte[1024 * 1024];
		value[value.length - 1] = 1;
		store().set(key("large"), value);
		assertThat(stored(key("large")).value()).isEqualTo(value);
	}

	@Test
	void whenValueIsEmptyThenItIsToldFromNone() {
		require(StateFeatures.ETAG);
		store().set(key("empty"), new byte[0]);
		assertThat(stored(key("empty")).value()).isEmpty();
	}

	@Test
	void whenCallerChangesItsArrayAfterwardsThenStoredValueStays() {
		byte[] value = bytes("one");
		store().set(key("a"), value);
		value[0] = 'X';
		assertThat(stored(key("a")).text()).isEqualTo("one");
		stored(key("a")).value()[0] = 'Y';
		assertThat(stored(key("a")).text()).isEqualTo("one");
	}

	@Test
	void whenDeletedThenGetIsEmpty() {
		store().set(key("a"), bytes("one"));
		store().delete(key("a"));
		assertThat(store().get(key("a"))).isEmpty();
	}

	@Test
	void whenAbsentKeyIsDeletedThenNothingHappens() {
		assertThatNoException().isThrownBy(() -> store().delete(key("absent")));
	}

	@Test
	void whenPingedThenStoreIsWell() {
		assertThatNoException().isThrownBy(() -> store().ping());
	}

	@Test
	void whenKeyIsEmptyThenRefused() {
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> store().get(""));
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> store().set("", new byte[0]));
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> store().delete(""));
	}

	@Test
	void whenBulkGetThenOneResultForEachKeyInOrder() {
		store().set(key("a"), bytes("one"));
		store().set(key("c"), bytes("three"));
		List<BulkGetResult> results = store().bulkGet(List.of(key("c"), key("b"), key("a"), key("c")));
		assertThat(results).extracting(BulkGetResult::key).containsExactly(key("c"), key("b"), key("a"), key("c"));
		assertThat(results).extracting(BulkGetResult::found).containsExactly(true, false, true, true);
		assertThat(results).allSatisfy((result) -> assertThat(result.error()).isNull());
		assertThat(results).filteredOn(BulkGetResult::found)
			.map(BulkGetResult::item)
			.map((item) -> (item != null) ? item.text() : "")
			.containsExactly("three", "one", "three");
	}

	@Test
	void whenBulkGetOfNothingThenNothing() {
		assertThat(store().bulkGet(List.<GetRequest>of(), 4)).isEmpty();
	}

	@Test
	void whenBulkSetThenAllAreStored() {
		store().bulkSet(List.of());
		store().bulkSet(List.of(SetRequest.of(key("a"), "one")));
		store().bulkSet(List.of(SetRequest.of(key("b"), "two"), SetRequest.of(key("c"), "three")), 2);
		assertThat(List.of("a", "b", "c")).map((name) -> stored(key(name)).text())
			.containsExactly("one", "two", "three");
	}

	@Test
	void whenBulkDeleteThenAllAreGone() {
		store().bulkSet(List.of(SetRequest.of(key("a"), "one"), SetRequest.of(key("b"), "two"),
				SetRequest.of(key("c"), "three")));
		store().bulkDelete(List.of());
		store().bulkDelete(List.of(DeleteRequest.of(key("a"))));
		store().bulkDelete(List.of(DeleteRequest.of(key("b")), DeleteRequest.of(key("c"))), 2);
		assertThat(store().bulkGet(List.of(key("a"), key("b"), key("c")))).noneMatch(BulkGetResult::found);
	}

	@Test
	void whenValueChangesThenEtagChanges() {
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		String first = etag(key("a"));
		assertThat(etag(key("a"))).isEqualTo(first);
		store().set(key("a"), bytes("two"));
		assertThat(etag(key("a"))).isNotEqualTo(first);
	}

	@Test
	void whenEtagMatchesThenSet() {
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		store().set(SetRequest.of(key("a"), "two").withEtag(etag(key("a"))));
		assertThat(stored(key("a")).text()).isEqualTo("two");
	}

	@Test
	void whenEtagIsStaleThenSetFailsWhateverTheConcurrency() {
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		String stale = etag(key("a"));
		store().set(key("a"), bytes("two"));
		for (Concurrency concurrency : Concurrency.values()) {
			SetRequest request = SetRequest.of(key("a"), "three").withEtag(stale).withConcurrency(concurrency);
			assertThatExceptionOfType(EtagMismatchException.class).isThrownBy(() -> store().set(request));
		}
		assertThat(stored(key("a")).text()).isEqualTo("two");
	}

	@Test
	void whenEtagIsGivenForAnAbsentKeyThenSetFails() {
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		String etag = etag(key("a"));
		store().delete(key("a"));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store().set(SetRequest.of(key("a"), "two").withEtag(etag)));
		assertThat(store().get(key("a"))).isEmpty();
	}

	@Test
	void whenEtagIsMalformedThenChangesFail() {
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		assertThatExceptionOfType(StateException.class)
			.isThrownBy(() -> store().set(SetRequest.of(key("a"), "two").withEtag("no such etag")));
		assertThatExceptionOfType(StateException.class)
			.isThrownBy(() -> store().delete(DeleteRequest.of(key("a")).withEtag("no such etag")));
		assertThat(stored(key("a")).text()).isEqualTo("one");
	}

	@Test
	void whenEtagMatchesThenDelete() {
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		store().delete(DeleteRequest.of(key("a")).withEtag(etag(key("a"))));
		assertThat(store().get(key("a"))).isEmpty();
	}

	@Test
	void whenEtagIsStaleThenDeleteFails() {
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		String stale = etag(key("a"));
		store().set(key("a"), bytes("two"));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store().delete(DeleteRequest.of(key("a")).withEtag(stale)));
		assertThat(stored(key("a")).text()).isEqualTo("two");
	}

	@Test
	void whenEtagIsGivenForAnAbsentKeyThenDeleteFails() {
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		String etag = etag(key("a"));
		store().delete(key("a"));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store().delete(DeleteRequest.of(key("a")).withEtag(etag)));
	}

	@Test
	void whenFirstWriteWinsThenSetWithoutEtagFailsIfKeyExists() {
		require(StateFeatures.ETAG);
		SetRequest request = SetRequest.of(key("a"), "one").withConcurrency(Concurrency.FIRST_WRITE);
		store().set(request);
		assertThatExceptionOfType(EtagMismatchException.class).isThrownBy(() -> store().set(request));
		store().set(SetRequest.of(key("a"), "two").withConcurrency(Concurrency.FIRST_WRITE).withEtag(etag(key("a"))));
		assertThat(stored(key("a")).text()).isEqualTo("two");
	}

	@Test
	void whenOneItemOfABulkSetFailsThenAllOthersAreSetAndTheErrorNamesIt() {
		require(StateFeatures.ETAG);
		String stale = changed("a");
		SetRequest failing = SetRequest.of(key("a"), "x").withEtag(stale);
		List<List<SetRequest>> orders = List.of(
				List.of(failing, SetRequest.of(key("b"), "1"), SetRequest.of(key("c"), "1")),
				List.of(SetRequest.of(key("b"), "2"), failing, SetRequest.of(key("c"), "2")),
				List.of(SetRequest.of(key("b"), "3"), SetRequest.of(key("c"), "3"), failing));
		for (List<SetRequest> requests : orders) {
			assertThatExceptionOfType(EtagMismatchException.class).isThrownBy(() -> store().bulkSet(requests))
				.withMessageContaining(key("a"));
			String set = "" + (orders.indexOf(requests) + 1);
			assertThat(stored(key("b")).text()).isEqualTo(set);
			assertThat(stored(key("c")).text()).isEqualTo(set);
			assertThat(stored(key("a")).text()).isEqualTo("two");
		}
	}

	@Test
	void whenSeveralItemsOfABulkSetFailThenTheErrorNamesAllOfThem() {
		require(StateFeatures.ETAG);
		String first = changed("a");
		String second = changed("b");
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store().bulkSet(List.of(SetRequest.of(key("a"), "x").withEtag(first),
					SetRequest.of(key("c"), "x"), SetRequest.of(key("b"), "x").withEtag(second))))
			.withMessageContainingAll(key("a"), key("b"));
		assertThat(stored(key("c")).text()).isEqualTo("x");
	}

	@Test
	void whenOneItemOfABulkDeleteFailsThenAllOthersAreDeletedAndTheErrorNamesIt() {
		require(StateFeatures.ETAG);
		String stale = changed("a");
		store().set(key("b"), bytes("x"));
		store().set(key("c"), bytes("x"));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store().bulkDelete(List.of(DeleteRequest.of(key("b")),
					DeleteRequest.of(key("a")).withEtag(stale), DeleteRequest.of(key("c")))))
			.withMessageContaining(key("a"));
		assertThat(store().get(key("b"))).isEmpty();
		assertThat(store().get(key("c"))).isEmpty();
		assertThat(stored(key("a")).text()).isEqualTo("two");
	}

	/**
	 * Set a key twice.
	 * @return the first etag
	 */
	private String changed(String name) {
		store().set(key(name), bytes("one"));
		String stale = etag(key(name));
		store().set(key(name), bytes("two"));
		return stale;
	}

	@Test
	void whenFirstWriteWinsThenDeleteWithoutEtagFailsIfKeyExists() {
		require(StateFeatures.ETAG);
		DeleteRequest request = DeleteRequest.of(key("a")).withConcurrency(Concurrency.FIRST_WRITE);
		assertThatNoException().isThrownBy(() -> store().delete(request));
		store().set(key("a"), bytes("one"));
		assertThatExceptionOfType(EtagMismatchException.class).isThrownBy(() -> store().delete(request));
		assertThat(stored(key("a")).text()).isEqualTo("one");
		store().delete(request.withEtag(etag(key("a"))));
		assertThat(store().get(key("a"))).isEmpty();
	}

	@Test
	void whenFirstWriteWinsThenDeleteWithoutEtagInATransactionFailsIfKeyExists() {
		require(StateFeatures.TRANSACTIONAL);
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store().transact(SetRequest.of(key("b"), "x"),
					DeleteRequest.of(key("a")).withConcurrency(Concurrency.FIRST_WRITE)));
		assertThat(store().get(key("b"))).isEmpty();
		assertThat(stored(key("a")).text()).isEqualTo("one");
	}

	@Test
	void whenFirstWriteWinsThenItemsOfABulkWithoutEtagFailIfTheirKeyExistsAndAllOthersAreChanged() {
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		SetRequest set = SetRequest.of(key("a"), "two").withConcurrency(Concurrency.FIRST_WRITE);
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store()
				.bulkSet(List.of(set, SetRequest.of(key("b"), "one").withConcurrency(Concurrency.FIRST_WRITE))))
			.withMessageContaining(key("a"));
		assertThat(stored(key("a")).text()).isEqualTo("one");
		assertThat(stored(key("b")).text()).isEqualTo("one");
		DeleteRequest delete = DeleteRequest.of(key("a")).withConcurrency(Concurrency.FIRST_WRITE);
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store().bulkDelete(List.of(delete, DeleteRequest.of(key("b")))))
			.withMessageContaining(key("a"));
		assertThat(stored(key("a")).text()).isEqualTo("one");
		assertThat(store().get(key("b"))).isEmpty();
	}

	@Test
	void whenFirstWriteWinsThenSetWithoutEtagInATransactionFailsIfKeyExists() {
		require(StateFeatures.TRANSACTIONAL);
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store().transact(SetRequest.of(key("b"), "x"),
					SetRequest.of(key("a"), "two").withConcurrency(Concurrency.FIRST_WRITE)));
		assertThat(store().get(key("b"))).isEmpty();
		assertThat(stored(key("a")).text()).isEqualTo("one");
	}

	private SetRequest withTtlInSeconds(String name, String seconds) {
		return new SetRequest(key(name), bytes("one"), null, Concurrency.UNSPECIFIED, Consistency.UNSPECIFIED, null,
				null, Map.of("ttlInSeconds", seconds));
	}

	@Test
	void whenTimeToLiveInMetadataSaysNeverThenTheValueStaysInEachOperation() {
		require(StateFeatures.TTL);
		for (String never : List.of("", "0", "-1")) {
			store().set(withTtlInSeconds("a", "3600"));
			store().set(withTtlInSeconds("a", never));
			store().bulkSet(List.of(withTtlInSeconds("b", never), withTtlInSeconds("c", never)));
			assertThat(List.of("a", "b", "c"))
				.allSatisfy((name) -> assertThat(stored(key(name)).expiresAt()).isEmpty());
			if (features().contains(StateFeatures.TRANSACTIONAL)) {
				store().transact(withTtlInSeconds("d", never));
				assertThat(stored(key("d")).expiresAt()).isEmpty();
			}
		}
	}

	@Test
	void whenTimeToLiveIsTheLargestOfDaprThenTheValueStays() {
		require(StateFeatures.TTL);
		store().set(withTtlInSeconds("a", "2147483647"));
		store().bulkSet(List.of(withTtlInSeconds("b", "2147483647"), withTtlInSeconds("c", "2147483647")));
		assertThat(stored(key("a")).expiresAt()).isPresent();
		assertThat(stored(key("b")).expiresAt()).isPresent();
	}

	@Test
	void whenTimeToLiveInMetadataIsEmptyThenItIsIgnored() {
		require(StateFeatures.TTL);
		store().set(new SetRequest(key("a"), bytes("one"), null, Concurrency.UNSPECIFIED, Consistency.UNSPECIFIED, null,
				null, Map.of("ttlInSeconds", "")));
		assertThat(stored(key("a")).expiresAt()).isEmpty();
	}

	@Test
	void whenTimeToLiveIsSetThenExpiryIsTold() {
		require(StateFeatures.TTL);
		Instant before = Instant.now();
		store().set(SetRequest.of(key("a"), "one").withTtl(Duration.ofHours(1)));
		assertThat(stored(key("a")).expiresAt()).hasValueSatisfying((expiry) -> assertThat(expiry)
			.isBetween(before.plus(Duration.ofMinutes(55)), before.plus(Duration.ofMinutes(65))));
	}

	@Test
	void whenTimeToLiveIsInMetadataThenItCounts() {
		require(StateFeatures.TTL);
		store().set(new SetRequest(key("a"), bytes("one"), null, Concurrency.UNSPECIFIED, Consistency.UNSPECIFIED, null,
				null, Map.of("ttlInSeconds", "3600")));
		assertThat(stored(key("a")).expiresAt()).isPresent();
	}

	@Test
	void whenSetWithoutTimeToLiveThenAnEarlierOneIsLifted() {
		require(StateFeatures.TTL);
		store().set(SetRequest.of(key("a"), "one").withTtl(Duration.ofHours(1)));
		store().set(key("a"), bytes("two"));
		assertThat(stored(key("a")).expiresAt()).isEmpty();
	}

	@Test
	void whenTransactedThenAllChangesApplyInOrder() {
		require(StateFeatures.TRANSACTIONAL);
		store().set(key("a"), bytes("old"));
		store().transact(SetRequest.of(key("b"), "one"), DeleteRequest.of(key("a")), SetRequest.of(key("b"), "two"),
				DeleteRequest.of(key("absent")), SetRequest.of(key("c"), "x"), DeleteRequest.of(key("c")));
		assertThat(store().get(key("a"))).isEmpty();
		assertThat(stored(key("b")).text()).isEqualTo("two");
		assertThat(store().get(key("c"))).isEmpty();
	}

	@Test
	void whenTransactionIsEmptyThenNothingHappens() {
		require(StateFeatures.TRANSACTIONAL);
		assertThatNoException().isThrownBy(() -> store().transact(List.of()));
	}

	@Test
	void whenAnEtagInTransactionIsStaleThenNothingIsChanged() {
		require(StateFeatures.TRANSACTIONAL);
		require(StateFeatures.ETAG);
		store().set(key("a"), bytes("one"));
		String stale = etag(key("a"));
		store().set(key("a"), bytes("two"));
		store().set(key("c"), bytes("three"));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store().transact(SetRequest.of(key("b"), "x"), DeleteRequest.of(key("c")),
					SetRequest.of(key("a"), "x").withEtag(stale)));
		assertThat(store().get(key("b"))).isEmpty();
		assertThat(stored(key("c")).text()).isEqualTo("three");
		assertThat(stored(key("a")).text()).isEqualTo("two");
	}

	@Test
	void whenStoreHasNoTransactionsThenTransactIsUnsupported() {
		assumeFalse(features().contains(StateFeatures.TRANSACTIONAL), "The store has transactions");
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> store().transact(SetRequest.of(key("a"), "one")))
			.withMessageContaining(StateFeatures.TRANSACTIONAL);
	}

	@Test
	void whenAskedForLargestTransactionThenNotNegative() {
		assertThat(store().maxTransactionSize()).isNotNegative();
	}

	private List<String> query(QueryRequest request) {
		return store().query(request)
			.found()
			.stream()
			.map((item) -> item.key().substring(this.run.length() + 1))
			.toList();
	}

	private void people() {
		store().set(
				SetRequest
					.of(key("1"),
							"{'run':'%','person':{'id':1,'org':'A','pay':10.5},'active':true}".replace('\'', '"')
								.replace("%", this.run))
					.withContentType("application/json"));
		store().set(
				SetRequest
					.of(key("2"),
							"{'run':'%','person':{'id':2,'org':'B','pay':9},'active':false}".replace('\'', '"')
								.replace("%", this.run))
					.withContentType("application/json"));
		store().set(
				SetRequest
					.of(key("3"),
							"{'run':'%','person':{'id':3,'org':'A','pay':100},'active':true}".replace('\'', '"')
								.replace("%", this.run))
					.withContentType("application/json"));
	}

	private Filter ours(Filter filter) {
		return Filter.and(Filter.eq("run", this.run), filter);
	}

	@Test
	void whenQueriedThenMatchesAreFoundInOrder() {
		require(StateFeatures.QUERY_API);
		people();
		Sort byId = Sort.asc("person.id");
		assertThat(query(QueryRequest.of(ours(Filter.eq("person.org", "A"))).withSort(byId))).containsExactly("1", "3");
		assertThat(query(QueryRequest.of(ours(Filter.neq("person.org", "A"))).withSort(byId))).containsExactly("2");
		assertThat(query(QueryRequest.of(ours(Filter.gt("person.pay", 10))).withSort(byId))).containsExactly("1", "3");
		assertThat(query(QueryRequest.of(ours(Filter.gte("person.id", 2))).withSort(byId))).containsExactly("2", "3");
		assertThat(query(QueryRequest.of(ours(Filter.lt("person.pay", 10.5))).withSort(byId))).containsExactly("2");
		assertThat(query(QueryRequest.of(ours(Filter.lte("person.pay", 10.5))).withSort(byId))).containsExactly("1",
				"2");
		assertThat(query(QueryRequest.of(ours(Filter.in("person.id", 3, 1, 7))).withSort(byId))).containsExactly("1",
				"3");
		assertThat(query(QueryRequest.of(ours(Filter.eq("active", true))).withSort(byId))).containsExactly("1", "3");
		Filter either = Filter.or(Filter.eq("person.id", 2),
				Filter.and(Filter.eq("person.org", "A"), Filter.gt("person.pay", 50)));
		assertThat(query(QueryRequest.of(ours(either)).withSort(Sort.desc("person.id")))).containsExactly("3", "2");
		assertThat(query(QueryRequest.of(ours(Filter.gt("person.id", 0)))
			.withSort(Sort.desc("person.org"), Sort.desc("person.pay")))).containsExactly("2", "3", "1");
	}

	@Test
	void whenQueriedInPartsThenPartsMakeTheWhole() {
		require(StateFeatures.QUERY_API);
		people();
		QueryRequest request = QueryRequest.of(Filter.eq("run", this.run)).withSort(Sort.asc("person.id")).withLimit(2);
		assertThat(query(request)).containsExactly("1", "2");
		String token = store().query(request).token();
		assertThat(token).isNotNull();
		assertThat(query(request.withToken(token))).containsExactly("3");
	}

	@Test
	void whenFoundByQueryThenItemIsComplete() {
		require(StateFeatures.QUERY_API);
		people();
		QueryResult result = store().query(QueryRequest.of(ours(Filter.eq("person.id", 2))));
		assertThat(result.items()).singleElement().satisfies((entry) -> {
			assertThat(entry.key()).isEqualTo(key("2"));
			assertThat(entry.error()).isNull();
		});
		StateItem item = result.found().get(0);
		assertThat(item.text()).contains("\"org\":\"B\"");
		assertThat(item.contentType()).isEqualTo(stored(key("2")).contentType());
		assertThat(item.etag()).isEqualTo(stored(key("2")).etag());
	}

	@Test
	void whenStoreHasNoQueriesThenQueryIsUnsupported() {
		assumeFalse(features().contains(StateFeatures.QUERY_API), "The store has queries");
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> store().query(QueryRequest.all()))
			.withMessageContaining(StateFeatures.QUERY_API);
	}

}
