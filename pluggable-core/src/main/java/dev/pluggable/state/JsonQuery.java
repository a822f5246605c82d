package dev.pluggable.state;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

import dev.pluggable.InvalidRequestException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * Runs queries over JSON values. A value that is not JSON meets no condition. The token
 * of a page is the number of items before the page.
 */
final class JsonQuery {

	/** Binary floating point would distinguish 0.1 in a value from 0.1 in a query. */
	static final JsonMapper JSON = JsonMapper.builder()
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.build();

	private JsonQuery() {
	}

	/**
	 * Find items.
	 * @param request the query
	 * @param candidates the items to search
	 * @return the candidates that the query matches, not copied
	 * @throws InvalidRequestException if this store did not create the token
	 */
	static QueryResult run(QueryRequest request, List<StateItem> candidates) {
		int from = position(request.token());
		Filter filter = request.filter();
		List<Row> rows = new ArrayList<>();
		for (StateItem item : candidates) {
			JsonNode document = (filter != null || !request.sort().isEmpty()) ? parse(item.value())
					: MissingNode.getInstance();
			if (filter == null || matches(filter, document)) {
				rows.add(new Row(item, document));
			}
		}
		rows.sort(order(request.sort()));
		int start = Math.min(from, rows.size());
		int end = (request.limit() > 0) ? (int) Math.min((long) start + request.limit(), rows.size()) : rows.size();
		return QueryResult.of(rows.subList(start, end).stream().map(Row::item).toList(),
				(end < rows.size()) ? Integer.toString(end) : null);
	}

	private static int position(@Nullable String token) {
		if (token == null) {
			return 0;
		}
		try {
			int position = Integer.parseInt(token);
			if (position >= 0) {
				return position;
			}
		}
		catch (NumberFormatException ex) {
			// Reported like a negative number.
		}
		throw new InvalidRequestException("The token of the query was not created by this store");
	}

	private static JsonNode parse(byte[] value) {
		try {
			return JSON.readTree(value);
		}
		catch (JacksonException ex) {
			return MissingNode.getInstance();
		}
	}

	private static boolean matches(Filter filter, JsonNode document) {
		if (filter instanceof Filter.Eq eq) {
			return compare(find(document, eq.key()), eq.value()).orElse(1) == 0;
		}
		if (filter instanceof Filter.Neq neq) {
			JsonNode node = find(document, neq.key());
			return !isAbsent(node) && compare(node, neq.value()).orElse(1) != 0;
		}
		if (filter instanceof Filter.Gt gt) {
			return compare(find(document, gt.key()), gt.value()).orElse(-1) > 0;
		}
		if (filter instanceof Filter.Gte gte) {
			return compare(find(document, gte.key()), gte.value()).orElse(-1) >= 0;
		}
		if (filter instanceof Filter.Lt lt) {
			return compare(find(document, lt.key()), lt.value()).orElse(1) < 0;
		}
		if (filter instanceof Filter.Lte lte) {
			return compare(find(document, lte.key()), lte.value()).orElse(1) <= 0;
		}
		if (filter instanceof Filter.In in) {
			JsonNode node = find(document, in.key());
			return in.values().stream().anyMatch((value) -> compare(node, value).orElse(1) == 0);
		}
		if (filter instanceof Filter.And and) {
			return and.filters().stream().allMatch((each) -> matches(each, document));
		}
		if (filter instanceof Filter.Or or) {
			return or.filters().stream().anyMatch((each) -> matches(each, document));
		}
		throw new IllegalStateException("No meaning for " + filter.getClass());
	}

	private static JsonNode find(JsonNode document, String path) {
		JsonNode node = document;
		for (String name : path.split("\\.", -1)) {
			node = node.path(name);
		}
		return node;
	}

	private static boolean isAbsent(JsonNode node) {
		return node.isMissingNode() || node.isNull();
	}

	/**
	 * Compare a property with a value. The result is empty if their types are different.
	 */
	private static OptionalInt compare(JsonNode node, Object value) {
		if (node.isNumber() && value instanceof Number number) {
			return OptionalInt.of(node.decimalValue().compareTo(new BigDecimal(number.toString())));
		}
		if (node.isString() && value instanceof String text) {
			return OptionalInt.of(node.stringValue().compareTo(text));
		}
		if (node.isBoolean() && value instanceof Boolean bool) {
			return OptionalInt.of(Boolean.compare(node.booleanValue(), bool));
		}
		return OptionalInt.empty();
	}

	/**
	 * The order of the query. Equal items are ordered by their keys, so that the pages of
	 * a result fit together.
	 */
	private static Comparator<Row> order(List<Sort> sorts) {
		Comparator<Row> order = (left, right) -> 0;
		for (Sort sort : sorts) {
			Comparator<JsonNode> values = JsonQuery::compareScalars;
			Comparator<JsonNode> directed = (sort.order() == Sort.Order.DESC) ? values.reversed() : values;
			order = order.thenComparing((row) -> find(row.document(), sort.key()),
					Comparator.comparing(JsonQuery::isAbsent).thenComparing(directed));
		}
		return order.thenComparing((row) -> row.item().key());
	}

	private static int compareScalars(JsonNode left, JsonNode right) {
		if (left.isNumber() && right.isNumber()) {
			return left.decimalValue().compareTo(right.decimalValue());
		}
		if (left.isString() && right.isString()) {
			return left.stringValue().compareTo(right.stringValue());
		}
		if (left.isBoolean() && right.isBoolean()) {
			return Boolean.compare(left.booleanValue(), right.booleanValue());
		}
		return left.getNodeType().compareTo(right.getNodeType());
	}

	/**
	 * An item with its value.
	 *
	 * @param item the item
	 * @param document the value, missing if it is not JSON or was not needed
	 */
	private record Row(StateItem item, JsonNode document) {
	}

}
