package dev.pluggable.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

import com.google.protobuf.Any;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.kind.GrpcBytes;
import dev.pluggable.proto.components.v1.StateProto;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Converts queries to messages and back. A message has at most one operator on top, whose
 * operand is JSON inside an {@link Any} without a type.
 */
final class GrpcQueries {

	private GrpcQueries() {
	}

	static StateProto.QueryRequest toProto(QueryRequest request) {
		StateProto.Query.Builder query = StateProto.Query.newBuilder();
		Filter filter = request.filter();
		if (filter != null) {
			operator(filter).forEach((name, operand) -> query.putFilter(name,
					Any.newBuilder().setValue(GrpcBytes.wrap(JsonQuery.JSON.writeValueAsBytes(operand))).build()));
		}
		for (Sort sort : request.sort()) {
			query.addSort(StateProto.Sorting.newBuilder()
				.setKey(sort.key())
				.setOrder((sort.order() == Sort.Order.DESC) ? StateProto.Sorting.Order.DESC
						: StateProto.Sorting.Order.ASC));
		}
		StateProto.Pagination.Builder pagination = StateProto.Pagination.newBuilder().setLimit(request.limit());
		String token = request.token();
		if (token != null) {
			pagination.setToken(token);
		}
		return StateProto.QueryRequest.newBuilder()
			.setQuery(query.setPagination(pagination))
			.putAllMetadata(request.metadata())
			.build();
	}

	/**
	 * Convert a condition to a map with one entry: the operator and its operand.
	 */
	private static Map<String, Object> operator(Filter filter) {
		if (filter instanceof Filter.Eq eq) {
			return Map.of("EQ", Map.of(eq.key(), eq.value()));
		}
		if (filter instanceof Filter.Neq neq) {
			return Map.of("NEQ", Map.of(neq.key(), neq.value()));
		}
		if (filter instanceof Filter.Gt gt) {
			return Map.of("GT", Map.of(gt.key(), gt.value()));
		}
		if (filter instanceof Filter.Gte gte) {
			return Map.of("GTE", Map.of(gte.key(), gte.value()));
		}
		if (filter instanceof Filter.Lt lt) {
			return Map.of("LT", Map.of(lt.key(), lt.value()));
		}
		if (filter instanceof Filter.Lte lte) {
			return Map.of("LTE", Map.of(lte.key(), lte.value()));
		}
		if (filter instanceof Filter.In in) {
			return Map.of("IN", Map.of(in.key(), in.values()));
		}
		if (filter instanceof Filter.And and) {
			return Map.of("AND", and.filters().stream().map(GrpcQueries::operator).toList());
		}
		if (filter instanceof Filter.Or or) {
			return Map.of("OR", or.filters().stream().map(GrpcQueries::operator).toList());
		}
		throw new IllegalStateException("No operator for " + filter.getClass());
	}

	static QueryRequest fromProto(StateProto.QueryRequest request) {
		StateProto.Query query = request.getQuery();
		long limit = query.getPagination().getLimit();
		if (limit < 0) {
			throw new InvalidRequestException("The limit of a query must not be negative");
		}
		String token = query.getPagination().getToken();
		List<Sort> sort = new ArrayList<>(query.getSortCount());
		for (StateProto.Sorting sorting : query.getSortList()) {
			sort.add(new Sort(sorting.getKey(),
					(sorting.getOrder() == StateProto.Sorting.Order.DESC) ? Sort.Order.DESC : Sort.Order.ASC));
		}
		return new QueryRequest(filter(query.getFilterMap()), sort, (int) Math.min(limit, Integer.MAX_VALUE),
				token.isEmpty() ? null : token, request.getMetadataMap());
	}

	private static @Nullable Filter filter(Map<String, Any> filter) {
		if (filter.size() > 1) {
			throw new InvalidRequestException("A query must not have more than one operator on top");
		}
		for (Map.Entry<String, Any> entry : filter.entrySet()) {
			JsonNode operand;
			try {
				operand = JsonQuery.JSON.readTree(GrpcBytes.unwrap(entry.getValue().getValue()));
			}
			catch (JacksonException ex) {
				throw new InvalidRequestException("The operand of " + entry.getKey() + " is not JSON");
			}
			return filter(entry.getKey(), operand);
		}
		return null;
	}

	private static Filter filter(String operator, JsonNode operand) {
		return switch (operator) {
			case "EQ" -> comparison(operator, operand, Filter.Eq::new);
			case "NEQ" -> comparison(operator, operand, Filter.Neq::new);
			case "GT" -> comparison(operator, operand, Filter.Gt::new);
			case "GTE" -> comparison(operator, operand, Filter.Gte::new);
			case "LT" -> comparison(operator, operand, Filter.Lt::new);
			case "LTE" -> comparison(operator, operand, Filter.Lte::new);
			case "IN" -> in(operand);
			case "AND" -> new Filter.And(filters(operator, operand));
			case "OR" -> new Filter.Or(filters(operator, operand));
			default -> throw new InvalidRequestException("Unknown operator in a query");
		};
	}

	private static Filter comparison(String operator, JsonNode operand, BiFunction<String, Object, Filter> filter) {
		Map.Entry<String, JsonNode> property = onlyEntry(operator, operand);
		return filter.apply(property.getKey(), scalar(operator, property.getValue()));
	}

	private static Filter in(JsonNode operand) {
		Map.Entry<String, JsonNode> property = onlyEntry("IN", operand);
		if (!property.getValue().isArray()) {
			throw new InvalidRequestException("The operand of IN must have a list of values");
		}
		return new Filter.In(property.getKey(),
				property.getValue().valueStream().map((value) -> scalar("IN", value)).toList());
	}

	private static List<Filter> filters(String operator, JsonNode operand) {
		if (!operand.isArray()) {
			throw new InvalidRequestException("The operand of " + operator + " must be a list of conditions");
		}
		return operand.valueStream().map((element) -> {
			Map.Entry<String, JsonNode> entry = onlyEntry(operator, element);
			return filter(entry.getKey(), entry.getValue());
		}).toList();
	}

	private static Map.Entry<String, JsonNode> onlyEntry(String operator, JsonNode node) {
		if (!node.isObject() || node.size() != 1) {
			throw new InvalidRequestException("The operand of " + operator + " must have exactly one entry");
		}
		return node.properties().iterator().next();
	}

	private static Object scalar(String operator, JsonNode node) {
		if (node.isString()) {
			return node.stringValue();
		}
		if (node.isBoolean()) {
			return node.booleanValue();
		}
		if (node.isIntegralNumber() || node.isFloatingPointNumber()) {
			return node.numberValue();
		}
		throw new InvalidRequestException("The operand of " + operator + " must be a text, a number or a boolean");
	}

	static StateProto.QueryResponse toProto(QueryResult result) {
		StateProto.QueryResponse.Builder response = StateProto.QueryResponse.newBuilder()
			.putAllMetadata(result.metadata());
		for (QueryResult.Item entry : result.items()) {
			StateProto.QueryItem.Builder builder = response.addItemsBuilder().setKey(entry.key());
			StateItem item = entry.item();
			if (item != null) {
				builder.setData(GrpcBytes.wrap(item.value()));
				String etag = item.etag();
				if (etag != null) {
					builder.setEtag(StateProto.Etag.newBuilder().setValue(etag));
				}
				String contentType = item.contentType();
				if (contentType != null) {
					builder.setContentType(contentType);
				}
			}
			String error = entry.error();
			if (error != null) {
				builder.setError(error);
			}
		}
		String token = result.token();
		if (token != null) {
			response.setToken(token);
		}
		return response.build();
	}

}
