package dev.pluggable.state;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class StateRecordsTests {

	@Test
	void whenKeyIsEmptyThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> GetRequest.of("")).withMessageContaining("'key'");
		assertThatIllegalArgumentException().isThrownBy(() -> SetRequest.of("", "x")).withMessageContaining("'key'");
		assertThatIllegalArgumentException().isThrownBy(() -> DeleteRequest.of("")).withMessageContaining("'key'");
		assertThatIllegalArgumentException().isThrownBy(() -> StateItem.of("", new byte[0]));
		assertThatIllegalArgumentException().isThrownBy(() -> BulkGetResult.absent(""));
		assertThatIllegalArgumentException().isThrownBy(() -> Sort.asc(""));
		assertThatIllegalArgumentException().isThrownBy(() -> Filter.eq("", 1));
	}

	@Test
	@SuppressWarnings("NullAway")
	void whenKeyOrValueIsNullThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> GetRequest.of(null)).withMessageContaining("'key'");
		assertThatIllegalArgumentException().isThrownBy(() -> DeleteRequest.of(null)).withMessageContaining("'key'");
		assertThatIllegalArgumentException().isThrownBy(() -> SetRequest.of("a", (byte[]) null))
			.withMessageContaining("'value'");
		assertThatIllegalArgumentException().isThrownBy(() -> Filter.eq("a", null));
	}

	@Test
	void whenEtagOrContentTypeIsEmptyThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> SetRequest.of("a", "x").withEtag(""))
			.withMessageContaining("'etag'");
		assertThatIllegalArgumentException().isThrownBy(() -> DeleteRequest.of("a").withEtag(""))
			.withMessageContaining("'etag'");
		assertThatIllegalArgumentException().isThrownBy(() -> StateItem.of("a", new byte[0]).withEtag(""));
		assertThatIllegalArgumentException().isThrownBy(() -> SetRequest.of("a", "x").withContentType(""))
			.withMessageContaining("'contentType'");
	}

	@Test
	void whenValuesHaveSameContentThenEqual() {
		SetRequest set = SetRequest.of("a", new byte[] { 1 }).withEtag("7").withTtl(Duration.ofSeconds(1));
		assertThat(set).isEqualTo(SetRequest.of("a", new byte[] { 1 }).withTtl(Duration.ofSeconds(1)).withEtag("7"))
			.hasSameHashCodeAs(SetRequest.of("a", new byte[] { 1 }).withEtag("7").withTtl(Duration.ofSeconds(1)))
			.isNotEqualTo(SetRequest.of("a", new byte[] { 2 }).withEtag("7").withTtl(Duration.ofSeconds(1)))
			.isNotEqualTo(set.withTtl(null));
		StateItem item = StateItem.of("a", new byte[] { 1 }).withEtag("7");
		assertThat(item).isEqualTo(StateItem.of("a", new byte[] { 1 }).withEtag("7"))
			.hasSameHashCodeAs(StateItem.of("a", new byte[] { 1 }).withEtag("7"))
			.isNotEqualTo(StateItem.of("a", new byte[] { 2 }).withEtag("7"));
	}

	@Test
	void whenPrintedThenValueIsNotShown() {
		String value = "top secret";
		assertThat(SetRequest.of("a", value)).asString().doesNotContain("secret", "116").contains("10 bytes", "key=a");
		assertThat(StateItem.of("a", value.getBytes())).asString()
			.doesNotContain("secret", "116")
			.contains("10 bytes", "key=a");
		assertThat(TransactionRequest.of(SetRequest.of("a", value))).asString().doesNotContain("secret", "116");
		assertThat(BulkGetResult.of(StateItem.of("a", value.getBytes()))).asString().doesNotContain("secret", "116");
		assertThat(QueryResult.of(List.of(StateItem.of("a", value.getBytes())), null)).asString()
			.doesNotContain("secret", "116");
	}

	@Test
	void whenArrayIsGivenThenNotCopied() {
		byte[] value = { 1 };
		assertThat(SetRequest.of("a", value).value()).isSameAs(value);
		assertThat(StateItem.of("a", value).value()).isSameAs(value);
	}

	@Test
	void whenMetadataChangesAfterwardsThenRequestStays() {
		Map<String, String> metadata = new HashMap<>(Map.of("a", "1"));
		GetRequest get = GetRequest.of("k").withMetadata(metadata);
		SetRequest set = SetRequest.of("k", "x").withMetadata(metadata);
		DeleteRequest delete = DeleteRequest.of("k").withMetadata(metadata);
		metadata.put("a", "2");
		assertThat(List.of(get.metadata(), set.metadata(), delete.metadata())).containsOnly(Map.of("a", "1"));
	}

	@ParameterizedTest
	@CsvSource({ "1,1", "999,1", "1000,1", "1001,2", "2500,3" })
	void whenTimeToLiveHasFractionThenRoundedUp(long millis, long seconds) {
		assertThat(SetRequest.of("a", "x").withTtl(Duration.ofMillis(millis)).ttl())
			.isEqualTo(Duration.ofSeconds(seconds));
	}

	@Test
	void whenTimeToLiveIsNotPositiveThenRefused() {
		SetRequest request = SetRequest.of("a", "x");
		assertThatIllegalArgumentException().isThrownBy(() -> request.withTtl(Duration.ZERO))
			.withMessageContaining("'ttl'");
		assertThatIllegalArgumentException().isThrownBy(() -> request.withTtl(Duration.ofNanos(-1)))
			.withMessageContaining("'ttl'");
		assertThat(request.withTtl(Duration.ofSeconds(Long.MAX_VALUE, 1)).ttl())
			.isEqualTo(Duration.ofSeconds(Long.MAX_VALUE));
	}

	@Test
	void whenTimeToLiveIsInMetadataThenItBecomesTheComponent() {
		SetRequest request = SetRequest.of("a", "x").withMetadata(Map.of("ttlInSeconds", "5", "other", "y"));
		assertThat(request.ttl()).isEqualTo(Duration.ofSeconds(5));
		assertThat(request.metadata()).containsOnly(Map.entry("other", "y"));
		assertThat(request.withTtl(null).ttl()).isNull();
		assertThat(request.withTtl(Duration.ofSeconds(9)).withMetadata(Map.of("ttlInSeconds", "5")).ttl())
			.isEqualTo(Duration.ofSeconds(9));
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1", "0", "" })
	void whenMetadataSaysThatValueDoesNotExpireThenNoTimeToLive(String seconds) {
		SetRequest request = SetRequest.of("a", "x").withMetadata(Map.of("ttlInSeconds", seconds));
		assertThat(request.ttl()).isNull();
		assertThat(request.metadata()).containsEntry("ttlInSeconds", seconds);
	}

	@ParameterizedTest
	@ValueSource(strings = { "-2", "soon", "1.5", "99999999999999999999" })
	void whenTimeToLiveInMetadataIsMalformedThenRefused(String seconds) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> SetRequest.of("a", "x").withMetadata(Map.of("ttlInSeconds", seconds)))
			.withMessageContaining("ttlInSeconds");
	}

	@ParameterizedTest
	@CsvSource({ "2030-01-02T03:04:05Z,2030-01-02T03:04:05Z", "2030-01-02T03:04:05.5Z,2030-01-02T03:04:05.500Z",
			"2030-01-02T05:04:05+02:00,2030-01-02T03:04:05Z" })
	void whenExpiryIsToldThenItIsRead(String text, String time) {
		assertThat(StateItem.of("a", new byte[0]).withMetadata(Map.of("ttlExpireTime", text)).expiresAt())
			.contains(Instant.parse(time));
	}

	@Test
	void whenExpiryIsNotToldOrMalformedThenEmpty() {
		StateItem item = StateItem.of("a", new byte[0]);
		assertThat(item.expiresAt()).isEmpty();
		assertThat(item.withMetadata(Map.of("ttlExpireTime", "tomorrow")).expiresAt()).isEmpty();
	}

	@Test
	void whenResultHasItemAndErrorThenRefused() {
		StateItem item = StateItem.of("a", new byte[0]);
		assertThatIllegalArgumentException().isThrownBy(() -> new BulkGetResult("a", item, "wrong"));
		assertThatIllegalArgumentException().isThrownBy(() -> new QueryResult.Item("a", item, "wrong"));
		assertThatIllegalArgumentException().isThrownBy(() -> new QueryResult.Item("a", null, null));
	}

	@Test
	void whenFilterHasOtherOperandThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> Filter.eq("a", List.of()));
		assertThatIllegalArgumentException().isThrownBy(() -> Filter.gt("a", Double.NaN));
		assertThatIllegalArgumentException().isThrownBy(() -> Filter.in("a"));
		assertThatIllegalArgumentException().isThrownBy(() -> Filter.in("a", List.of(Map.of())));
		assertThatIllegalArgumentException().isThrownBy(Filter::and);
		assertThatIllegalArgumentException().isThrownBy(Filter::or);
	}

	@Test
	void whenQueryIsMalformedThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> QueryRequest.all().withLimit(-1))
			.withMessageContaining("'limit'");
		assertThatIllegalArgumentException().isThrownBy(() -> QueryRequest.all().withToken(""))
			.withMessageContaining("'token'");
	}

}
