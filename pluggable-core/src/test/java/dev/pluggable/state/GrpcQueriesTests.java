package dev.pluggable.state;

import java.math.BigDecimal;
import java.util.Map;
import java.util.stream.Stream;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.proto.components.v1.StateProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class GrpcQueriesTests {

	private static StateProto.QueryRequest query(String operator, String operand) {
		return query(Map.of(operator, operand));
	}

	private static StateProto.QueryRequest query(Map<String, String> filter) {
		StateProto.Query.Builder query = StateProto.Query.newBuilder();
		filter.forEach((operator, operand) -> query.putFilter(operator,
				Any.newBuilder().setValue(ByteString.copyFromUtf8(operand)).build()));
		return StateProto.QueryRequest.newBuilder().setQuery(query).build();
	}

	static Stream<Arguments> filtersAndJson() {
		return Stream.of(Arguments.of(Filter.eq("person.org", "A"), "EQ", "{'person.org':'A'}"),
				Arguments.of(Filter.neq("a", true), "NEQ", "{'a':true}"),
				Arguments.of(Filter.gt("a", 1), "GT", "{'a':1}"),
				Arguments.of(Filter.gte("a", new BigDecimal("1.5")), "GTE", "{'a':1.5}"),
				Arguments.of(Filter.lt("a", -3_000_000_000L), "LT", "{'a':-3000000000}"),
				Arguments.of(Filter.lte("a", "b\"c"), "LTE", "{'a':'b\\\"c'}"),
				Arguments.of(Filter.in("a", "x", 2, false), "IN", "{'a':['x',2,false]}"),
				Arguments.of(Filter.and(Filter.eq("a", 1), Filter.in("b", 2)), "AND",
						"[{'EQ':{'a':1}},{'IN':{'b':[2]}}]"),
				Arguments.of(Filter.or(Filter.eq("a", 1), Filter.and(Filter.gt("b", 2), Filter.lt("b", 3))), "OR",
						"[{'EQ':{'a':1}},{'AND':[{'GT':{'b':2}},{'LT':{'b':3}}]}]"));
	}

	@ParameterizedTest
	@MethodSource("filtersAndJson")
	void whenWrittenThenOneOperatorWithUntypedJson(Filter filter, String operator, String operand) {
		Map<String, Any> written = GrpcQueries.toProto(QueryRequest.of(filter)).getQuery().getFilterMap();
		assertThat(written).containsOnlyKeys(operator);
		assertThat(written).allSatisfy((name, any) -> {
			assertThat(any.getTypeUrl()).isEmpty();
			assertThat(any.getValue().toStringUtf8()).isEqualTo(operand.replace('\'', '"'));
		});
	}

	@ParameterizedTest
	@MethodSource("filtersAndJson")
	void whenReadThenSameFilter(Filter filter, String operator, String operand) {
		assertThat(GrpcQueries.fromProto(query(operator, operand.replace('\'', '"'))).filter()).isEqualTo(filter);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			value = { "LIKE|{\"a\":1}", "eq|{\"a\":1}", "EQ|no json", "EQ|``", "EQ|[]", "EQ|{}", "EQ|{\"a\":1,\"b\":2}",
					"EQ|{\"a\":null}", "EQ|{\"a\":{}}", "EQ|{\"\":1}", "EQ|{\"a\":1} {}", "IN|{\"a\":1}",
					"IN|{\"a\":[]}", "IN|{\"a\":[[]]}", "AND|{}", "AND|[]", "AND|[1]",
					"OR|[{\"EQ\":{\"a\":1},\"GT\":{\"a\":1}}]", "OR|[{\"XOR\":[]}]" })
	void whenFilterIsMalformedThenInvalidRequest(String operator, String operand) {
		assertInvalid(query(operator, operand));
	}

	@Test
	void whenThereAreTwoOperatorsThenInvalidRequest() {
		assertInvalid(query(Map.of("EQ", "{\"a\":1}", "GT", "{\"a\":1}")));
	}

	@Test
	void whenLimitIsNegativeThenInvalidRequest() {
		assertInvalid(StateProto.QueryRequest.newBuilder()
			.setQuery(StateProto.Query.newBuilder().setPagination(StateProto.Pagination.newBuilder().setLimit(-1)))
			.build());
	}

	/**
	 * Convert a request like the service does, with the checks of the records.
	 */
	private static void assertInvalid(StateProto.QueryRequest request) {
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> GrpcQueries.fromProto(request))
			.isInstanceOfAny(InvalidRequestException.class, IllegalArgumentException.class)
			.withMessageNotContaining("no json");
	}

	@Test
	void whenThereIsNothingThenEverythingIsAskedFor() {
		assertThat(GrpcQueries.fromProto(StateProto.QueryRequest.getDefaultInstance())).isEqualTo(QueryRequest.all());
	}

	@Test
	void whenReadThenSortAndPageAreComplete() {
		QueryRequest request = QueryRequest.all()
			.withSort(Sort.desc("a"), Sort.asc("b"))
			.withLimit(7)
			.withToken("t")
			.withMetadata(Map.of("m", "n"));
		assertThat(GrpcQueries.fromProto(GrpcQueries.toProto(request))).isEqualTo(request);
		assertThat(GrpcQueries.fromProto(StateProto.QueryRequest.newBuilder()
			.setQuery(StateProto.Query.newBuilder()
				.setPagination(StateProto.Pagination.newBuilder().setLimit(Long.MAX_VALUE))
				.addSort(StateProto.Sorting.newBuilder().setKey("a").setOrderValue(9)))
			.build())).isEqualTo(QueryRequest.all().withLimit(Integer.MAX_VALUE).withSort(Sort.asc("a")));
	}

}
