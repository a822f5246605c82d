package dev.pluggable.state;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInitializationException;
import dev.pluggable.ComponentType;
import dev.pluggable.InvalidRequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PrefixedStateStore} and {@link KeyPrefix}.
 */
class PrefixedStateStoreTests {

	private static final ApplicationIdentity SHOP = new ApplicationIdentity("shop", "prod");

	private final StateStore plain = new InMemoryStateStore();

	private final StateStore prefixed = decorate(this.plain, SHOP, Map.of("keyPrefix", "appid"));

	private static StateStore decorate(StateStore store, ApplicationIdentity application,
			Map<String, String> metadata) {
		return StateStoreKind.INSTANCE.decorate(store,
				new ComponentContext("orders", ComponentType.of("state.test"), metadata, application));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static Optional<String> text(StateStore store, String key) {
		return store.get(key).map(StateItem::text);
	}

	@ParameterizedTest
	@CsvSource({ "appid,shop||k", "AppId,shop||k", "name,orders||k", "namespace,prod.shop||k", "NAMESPACE,prod.shop||k",
			"mine,mine||k", "Mine,mine||k", "in|between,in|between||k" })
	void whenThereIsAStrategyThenTheWholeKeyIsThatOfDapr(String strategy, String key) {
		decorate(this.plain, SHOP, Map.of("keyPrefix", strategy)).set("k", bytes("v"));
		assertThat(text(this.plain, key)).contains("v");
		assertThat(this.plain.get("k")).isEmpty();
	}

	@Test
	void whenTheNamespaceIsUnknownThenTheIdAloneIsThePrefix() {
		decorate(this.plain, new ApplicationIdentity("shop", ""), Map.of("keyPrefix", "namespace")).set("k",
				bytes("v"));
		assertThat(text(this.plain, "shop||k")).contains("v");
	}

	@Test
	void whenThereIsNoPrefixThenTheStoreIsTheSame() {
		assertThat(decorate(this.plain, SHOP, Map.of())).isSameAs(this.plain);
		assertThat(decorate(this.plain, SHOP, Map.of("keyPrefix", "None"))).isSameAs(this.plain);
		assertThat(decorate(this.plain, ApplicationIdentity.UNKNOWN, Map.of("other", "appid"))).isSameAs(this.plain);
	}

	@Test
	void whenTheEntryIsWrittenInAnotherCaseThenItCounts() {
		decorate(this.plain, SHOP, Map.of("KEYPREFIX", "appid")).set("k", bytes("v"));
		assertThat(text(this.plain, "shop||k")).contains("v");
	}

	@ParameterizedTest
	@ValueSource(strings = { "appid", "namespace" })
	void whenTheApplicationHasNoIdThenThePrefixIsRefused(String strategy) {
		assertThatExceptionOfType(ComponentInitializationException.class)
			.isThrownBy(() -> decorate(this.plain, new ApplicationIdentity("", "prod"), Map.of("keyPrefix", strategy)))
			.withMessageContainingAll("'orders'", "'keyPrefix'", "'pluggable.application.id'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a||b" })
	void whenThePrefixCannotBeToldFromTheKeyThenItIsRefused(String prefix) {
		assertThatExceptionOfType(ComponentInitializationException.class)
			.isThrownBy(() -> decorate(this.plain, SHOP, Map.of("keyPrefix", prefix)))
			.withMessageContainingAll("'orders'", "'keyPrefix'", "'||'");
	}

	@Test
	void whenAKeyHasTheSeparatorThenEveryOperationRefusesItAndChangesNothing() {
		String key = "a||b";
		List<Runnable> calls = List.of(() -> this.prefixed.get(key), () -> this.prefixed.set(key, bytes("v")),
				() -> this.prefixed.delete(key), () -> this.prefixed.bulkGet(List.of("k", key)),
				() -> this.prefixed.bulkSet(List.of(SetRequest.of("k", "v"), SetRequest.of(key, "v"))),
				() -> this.prefixed.bulkDelete(List.of(DeleteRequest.of("k"), DeleteRequest.of(key))),
				() -> this.prefixed.transact(SetRequest.of("k", "v"), SetRequest.of(key, "v")),
				() -> this.prefixed.transact(DeleteRequest.of("k"), DeleteRequest.of(key)));
		assertThat(calls)
			.allSatisfy((call) -> assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(call::run)
				.withMessageContainingAll("'a||b'", "'||'"));
		assertThat(this.plain.query(QueryRequest.all()).items()).isEmpty();
	}

	@Test
	void whenWrittenWithAPrefixThenAnUnprefixedComponentFindsTheWholeKey() {
		this.prefixed.set("a", bytes("1"));
		this.prefixed.bulkSet(List.of(SetRequest.of("b", "2"), SetRequest.of("c", "3")));
		this.prefixed.transact(SetRequest.of("d", "4"), DeleteRequest.of("a"));
		assertThat(this.plain.bulkGet(List.of("shop||a", "shop||b", "shop||c", "shop||d")))
			.extracting(BulkGetResult::found)
			.containsExactly(false, true, true, true);
		this.prefixed.bulkDelete(List.of(DeleteRequest.of("b"), DeleteRequest.of("c")));
		this.prefixed.delete("d");
		assertThat(this.plain.query(QueryRequest.all()).items()).isEmpty();
	}

	@Test
	void whenWrittenUnderTheWholeKeyThenItIsFoundWithThePrefix() {
		this.plain.set("shop||k", bytes("v"));
		assertThat(this.prefixed.get("k")).hasValueSatisfying((item) -> {
			assertThat(item.key()).isEqualTo("k");
			assertThat(item.text()).isEqualTo("v");
		});
	}

	@Test
	void whenAQueryFindsOtherPrefixesThenTheirKeysStayWhole() {
		this.plain.set("shop||k", bytes("{}"));
		this.plain.set("other||k", bytes("{}"));
		this.plain.set("k", bytes("{}"));
		assertThat(this.prefixed.query(QueryRequest.all()).items()).extracting(QueryResult.Item::key)
			.containsExactlyInAnyOrder("k", "other||k", "k");
		assertThat(this.prefixed.query(QueryRequest.all()).found()).extracting(StateItem::key)
			.containsExactlyInAnyOrder("k", "other||k", "k");
	}

	@Test
	void whenSomeKeysCannotBeReadThenTheErrorsNameTheKeysOfTheUser() {
		StateStore failing = decorate(new Failing(), SHOP, Map.of("keyPrefix", "appid"));
		assertThat(failing.bulkGet(List.of("a", "b"))).containsExactly(BulkGetResult.failed("a", "no 'a' today"),
				BulkGetResult.failed("b", "no 'b' today"));
		QueryResult found = failing.query(QueryRequest.all());
		assertThat(found.items()).containsExactly(QueryResult.Item.failed("q", "no 'q' today"));
		assertThat(found.token()).isEqualTo("next");
		assertThat(found.metadata()).containsExactly(Map.entry("a", "b"));
	}

	@Test
	void whenAskedForAnythingElseThenTheStoreBehindAnswers() {
		Failing behind = new Failing();
		StateStore store = decorate(behind, SHOP, Map.of("keyPrefix", "appid"));
		assertThat(store.features()).containsExactly("X");
		assertThat(store.maxTransactionSize()).isEqualTo(7);
		store.ping();
		assertThat(behind.pings).hasValue(1);
	}

	/**
	 * Fails to read each key, and names the key.
	 */
	private static final class Failing implements StateStore {

		private final AtomicInteger pings = new AtomicInteger();

		@Override
		public Optional<StateItem> get(GetRequest request) {
			throw new InvalidRequestException("no '" + request.key() + "' today");
		}

		@Override
		public void set(SetRequest request) {
		}

		@Override
		public void delete(DeleteRequest request) {
		}

		@Override
		public Set<String> features() {
			return Set.of("X");
		}

		@Override
		public int maxTransactionSize() {
			return 7;
		}

		@Override
		public QueryResult query(QueryRequest request) {
			return new QueryResult(List.of(QueryResult.Item.failed("shop||q", "no 'shop||q' today")), "next",
					Map.of("a", "b"));
		}

		@Override
		public void ping() {
			this.pings.incrementAndGet();
		}

	}

}
