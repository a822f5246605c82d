package dev.pluggable.state;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

import dev.pluggable.InvalidRequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class InMemoryStateStoreTests {

	private final TestClock clock = new TestClock();

	private final InMemoryStateStore store = new InMemoryStateStore(this.clock, this.clock);

	private static SetRequest expiring(String key, long seconds) {
		return SetRequest.of(key, "x").withTtl(Duration.ofSeconds(seconds));
	}

	@Test
	void whenFeaturesAreAskedThenAllAreListed() {
		assertThat(this.store.features()).containsExactlyInAnyOrder("ETAG", "TRANSACTIONAL", "QUERY_API", "TTL");
	}

	@Test
	void whenTimeToLiveIsOverThenValueIsGone() {
		this.store.set(expiring("a", 10));
		this.clock.advance(Duration.ofSeconds(10).minusNanos(1));
		assertThat(this.store.get("a")).isPresent();
		this.clock.advance(Duration.ofNanos(1));
		assertThat(this.store.get("a")).isEmpty();
		assertThat(this.store.bulkGet(List.of("a"))).containsExactly(BulkGetResult.absent("a"));
		assertThat(this.store.query(QueryRequest.all()).items()).isEmpty();
	}

	@Test
	void whenValueExpiresThenExpiryIsToldInUtc() {
		this.store.set(expiring("a", 90));
		StateItem item = this.store.get("a").orElseThrow();
		assertThat(item.metadata()).containsExactly(Map.entry("ttlExpireTime", "2030-01-01T00:01:30Z"));
		assertThat(item.expiresAt()).contains(Instant.parse("2030-01-01T00:01:30Z"));
	}

	@ParameterizedTest
	@ValueSource(longs = { -3600, 3600 })
	void whenTheSystemClockIsSetThenTimesToLiveGoOnAndTheExpiryIsToldInTheNewTime(long seconds) {
		TestClock systemClock = new TestClock();
		InMemoryStateStore store = new InMemoryStateStore(this.clock, systemClock);
		store.set(expiring("a", 90));
		systemClock.advance(Duration.ofSeconds(seconds));
		assertThat(store.get("a").orElseThrow().expiresAt())
			.contains(Instant.parse("2030-01-01T00:01:30Z").plusSeconds(seconds));
		this.clock.advance(Duration.ofSeconds(89));
		systemClock.advance(Duration.ofSeconds(89));
		assertThat(store.get("a")).isPresent();
		this.clock.advance(Duration.ofSeconds(1));
		assertThat(store.get("a")).isEmpty();
	}

	@Test
	void whenTimeToLiveIsBeyondTheCalendarThenExpiryIsCapped() {
		this.store.set(expiring("a", Long.MAX_VALUE));
		this.store.set(expiring("b", 400_000_000_000L));
		assertThat(this.store.get("a").orElseThrow().metadata()).containsEntry("ttlExpireTime", "9999-12-31T23:59:59Z");
		assertThat(this.store.get("b").orElseThrow().metadata()).containsEntry("ttlExpireTime", "9999-12-31T23:59:59Z");
	}

	@Test
	void whenValueHasExpiredThenKeyCountsAsAbsent() {
		this.store.set(expiring("a", 1));
		String etag = this.store.get("a").orElseThrow().etag();
		this.clock.advance(Duration.ofSeconds(1));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> this.store.set(SetRequest.of("a", "y").withEtag(etag)));
		this.store.set(SetRequest.of("a", "y").withConcurrency(Concurrency.FIRST_WRITE));
		assertThat(this.store.get("a").orElseThrow().text()).isEqualTo("y");
	}

	@Test
	void whenAnyKeyIsChangedThenExpiredValuesAreFreed() {
		this.store.set(expiring("a", 1));
		this.store.set(expiring("b", 2));
		this.store.set(expiring("c", 3));
		this.clock.advance(Duration.ofSeconds(2));
		assertThat(this.store.size()).isEqualTo(3);
		this.store.delete("other");
		assertThat(this.store.size()).isOne();
		assertThat(this.store.expiring()).isOne();
		this.clock.advance(Duration.ofSeconds(1));
		this.store.transact(SetRequest.of("d", "x"));
		assertThat(this.store.size()).isOne();
		assertThat(this.store.expiring()).isZero();
	}

	@Test
	void whenKeyIsWrittenAgainThenItsEarlierExpiryIsForgotten() {
		for (int i = 0; i < 100; i++) {
			this.store.set(expiring("a", 10));
			this.store.transact(expiring("b", 10));
		}
		assertThat(this.store.expiring()).isEqualTo(2);
		this.store.set(SetRequest.of("a", "y"));
		this.store.delete("b");
		assertThat(this.store.expiring()).isZero();
		this.clock.advance(Duration.ofSeconds(10));
		this.store.delete("other");
		assertThat(this.store.get("a")).isPresent();
	}

	@Test
	void whenEtagsAreReadThenTheyAreDecimal() {
		this.store.set(SetRequest.of("a", "x"));
		this.store.set(SetRequest.of("b", "x"));
		assertThat(this.store.get("a").orElseThrow().etag()).matches("[0-9]+");
		assertThat(this.store.get("b").orElseThrow().etag()).isNotEqualTo(this.store.get("a").orElseThrow().etag());
	}

	@Test
	void whenEtagIsNotANumberThenInvalid() {
		this.store.set(SetRequest.of("a", "x"));
		for (String etag : List.of("abc", "-1", "1.0", " 1", "+1", "\u0661")) {
			assertThatExceptionOfType(EtagInvalidException.class)
				.isThrownBy(() -> this.store.set(SetRequest.of("a", "y").withEtag(etag)));
			assertThatExceptionOfType(EtagInvalidException.class)
				.isThrownBy(() -> this.store.delete(DeleteRequest.of("absent").withEtag(etag)));
			assertThatExceptionOfType(EtagInvalidException.class)
				.isThrownBy(() -> this.store.transact(DeleteRequest.of("a").withEtag(etag)));
		}
	}

	@Test
	void whenEtagIsANumberTooLargeThenMismatch() {
		this.store.set(SetRequest.of("a", "x"));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> this.store.set(SetRequest.of("a", "y").withEtag("99999999999999999999")));
	}

	@Test
	void whenFirstWriteWinsInTransactionThenEarlierOperationCounts() {
		SetRequest first = SetRequest.of("a", "x").withConcurrency(Concurrency.FIRST_WRITE);
		assertThatExceptionOfType(EtagMismatchException.class).isThrownBy(() -> this.store.transact(first, first));
		assertThat(this.store.get("a")).isEmpty();
		this.store.transact(first, DeleteRequest.of("a"), first);
		assertThat(this.store.get("a")).isPresent();
	}

	@Test
	void whenContentTypeIsSetThenItIsKept() {
		this.store.set(SetRequest.of("a", "x").withContentType("text/plain"));
		assertThat(this.store.get("a").orElseThrow().contentType()).isEqualTo("text/plain");
	}

	@Test
	void whenQueryHasNoConditionThenEverythingIsFoundByKey() {
		this.store.set(SetRequest.of("b", "no json"));
		this.store.set(SetRequest.of("a", "{\"n\":1}"));
		this.store.set("c", new byte[0]);
		assertThat(this.store.query(QueryRequest.all()).found()).extracting(StateItem::key)
			.containsExactly("a", "b", "c");
	}

	@Test
	void whenValueIsNoJsonOrLacksThePropertyThenNoMatchAndSortedLast() {
		this.store.set(SetRequest.of("text", "no json"));
		this.store.set(SetRequest.of("other", "{\"m\":1}"));
		this.store.set(SetRequest.of("null", "{\"n\":null}"));
		this.store.set(SetRequest.of("string", "{\"n\":\"1\"}"));
		this.store.set(SetRequest.of("one", "{\"n\":1}"));
		this.store.set(SetRequest.of("two", "{\"n\":2}"));
		assertThat(keys(Filter.eq("n", 1))).containsExactly("one");
		assertThat(keys(Filter.neq("n", 1))).containsExactly("string", "two");
		assertThat(keys(Filter.lte("n", 2L))).containsExactly("one", "two");
		assertThat(keys(Filter.gte("n", "0"))).containsExactly("string");
		assertThat(keys(Filter.eq("n", true))).isEmpty();
		QueryResult sorted = this.store.query(QueryRequest.all().withSort(Sort.desc("n")));
		assertThat(sorted.found()).extracting(StateItem::key).endsWith("null", "other", "text");
		assertThat(sorted.found()).extracting(StateItem::key).containsSubsequence("two", "one");
	}

	private List<String> keys(Filter filter) {
		return this.store.query(QueryRequest.of(filter)).found().stream().map(StateItem::key).toList();
	}

	@Test
	void whenNumbersAreComparedThenExactly() {
		this.store.set(SetRequest.of("a", "{\"n\":0.1,\"big\":9007199254740993}"));
		assertThat(keys(Filter.eq("n", 0.1))).containsExactly("a");
		assertThat(keys(Filter.eq("n", 0.1f))).containsExactly("a");
		assertThat(keys(Filter.eq("big", 9007199254740992L))).isEmpty();
		assertThat(keys(Filter.eq("big", 9007199254740993L))).containsExactly("a");
	}

	@Test
	void whenResultIsReadInPartsThenTokenEndsWithTheLast() {
		for (int i = 0; i < 5; i++) {
			this.store.set(SetRequest.of("k" + i, "{}"));
		}
		QueryRequest request = QueryRequest.all().withLimit(2);
		QueryResult first = this.store.query(request);
		QueryResult second = this.store.query(request.withToken(first.token()));
		QueryResult third = this.store.query(request.withToken(second.token()));
		assertThat(first.found()).extracting(StateItem::key).containsExactly("k0", "k1");
		assertThat(second.found()).extracting(StateItem::key).containsExactly("k2", "k3");
		assertThat(third.found()).extracting(StateItem::key).containsExactly("k4");
		assertThat(third.token()).isNull();
		assertThat(this.store.query(request.withLimit(5)).token()).isNull();
		assertThat(this.store.query(request.withToken("99")).items()).isEmpty();
	}

	@Test
	void whenTokenIsForeignThenRefused() {
		for (String token : List.of("abc", "-1", "99999999999")) {
			assertThatExceptionOfType(InvalidRequestException.class)
				.isThrownBy(() -> this.store.query(QueryRequest.all().withToken(token)));
		}
	}

	@Test
	void whenQueriedItemIsChangedThenStoredValueStays() {
		this.store.set(SetRequest.of("a", "{}"));
		this.store.query(QueryRequest.all()).found().get(0).value()[0] = 'X';
		assertThat(this.store.get("a").orElseThrow().text()).isEqualTo("{}");
	}

	private static final class TestClock extends Clock {

		private volatile Instant now = Instant.parse("2030-01-01T00:00:00Z");

		void advance(Duration duration) {
			this.now = this.now.plus(duration);
		}

		@Override
		public Instant instant() {
			return this.now;
		}

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

	}

}
