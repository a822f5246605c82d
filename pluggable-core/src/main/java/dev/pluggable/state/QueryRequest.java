package dev.pluggable.state;

import java.util.List;
import java.util.Map;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * Looks for values by what they contain.
 *
 * @param filter the condition, {@code null} if all values match
 * @param sort criteria to sort by, most significant first; immutable
 * @param limit largest number of items in the result; 0 if the component decides
 * @param token where to go on, from an earlier {@link QueryResult}; {@code null} to start
 * at the beginning, never empty
 * @param metadata hints for this request only; immutable
 * @since 0.1.0
 */
public record QueryRequest(@Nullable Filter filter, List<Sort> sort, int limit, @Nullable String token,
		Map<String, String> metadata) {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the limit is negative or the token is empty
	 */
	public QueryRequest {
		sort = List.copyOf(sort);
		Checks.notNegative(limit, "limit");
		Checks.notEmpty(token, "token");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Look for all values.
	 * @return the request
	 */
	public static QueryRequest all() {
		return new QueryRequest(null, List.of(), 0, null, Map.of());
	}

	/**
	 * Look for the values that meet a condition.
	 * @param filter the condition
	 * @return the request
	 */
	public static QueryRequest of(Filter filter) {
		return new QueryRequest(filter, List.of(), 0, null, Map.of());
	}

	/**
	 * The same request with another order of the result.
	 * @param sort criteria to sort by, most significant first
	 * @return a new request
	 */
	public QueryRequest withSort(Sort... sort) {
		return new QueryRequest(this.filter, List.of(sort), this.limit, this.token, this.metadata);
	}

	/**
	 * The same request with another size of the result.
	 * @param limit largest number of items; 0 if the component decides
	 * @return a new request
	 */
	public QueryRequest withLimit(int limit) {
		return new QueryRequest(this.filter, this.sort, limit, this.token, this.metadata);
	}

	/**
	 * The same request for another part of the result.
	 * @param token where to go on, not empty; {@code null} to start at the beginning
	 * @return a new request
	 */
	public QueryRequest withToken(@Nullable String token) {
		return new QueryRequest(this.filter, this.sort, this.limit, token, this.metadata);
	}

	/**
	 * The same request with other metadata.
	 * @param metadata hints that replace those there are
	 * @return a new request
	 */
	public QueryRequest withMetadata(Map<String, String> metadata) {
		return new QueryRequest(this.filter, this.sort, this.limit, this.token, metadata);
	}

}
