package dev.pluggable.state;

import java.util.List;
import java.util.Map;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * A request to find values by their contents. Immutable.
 *
 * @param filter the condition, {@code null} to find all values
 * @param sort sort criteria, the most significant first
 * @param limit maximum number of items in the result; 0 if the component decides
 * @param token token of an earlier {@link QueryResult} that continues it, not empty;
 * {@code null} to begin
 * @param metadata hints for this request
 * @since 0.1.0
 */
public record QueryRequest(@Nullable Filter filter, List<Sort> sort, int limit, @Nullable String token,
		Map<String, String> metadata) {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the limit is negative, or if the token is empty
	 */
	public QueryRequest {
		sort = List.copyOf(sort);
		Checks.notNegative(limit, "limit");
		Checks.notEmpty(token, "token");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Create a request for all values.
	 * @return the request
	 */
	public static QueryRequest all() {
		return new QueryRequest(null, List.of(), 0, null, Map.of());
	}

	/**
	 * Create a request for the values that meet a condition.
	 * @param filter the condition
	 * @return the request
	 */
	public static QueryRequest of(Filter filter) {
		return new QueryRequest(filter, List.of(), 0, null, Map.of());
	}

	/**
	 * Create the same request with another order of the result.
	 * @param sort sort criteria, the most significant first
	 * @return a new request
	 */
	public QueryRequest withSort(Sort... sort) {
		return new QueryRequest(this.filter, List.of(sort), this.limit, this.token, this.metadata);
	}

	/**
	 * Create the same request with another size of the result.
	 * @param limit maximum number of items; 0 if the component decides
	 * @return a new request
	 */
	public QueryRequest withLimit(int limit) {
		return new QueryRequest(this.filter, this.sort, limit, this.token, this.metadata);
	}

	/**
	 * Create the same request for another page of the result.
	 * @param token token of the page before, not empty; {@code null} to begin
	 * @return a new request
	 */
	public QueryRequest withToken(@Nullable String token) {
		return new QueryRequest(this.filter, this.sort, this.limit, token, this.metadata);
	}

	/**
	 * Create the same request with other metadata.
	 * @param metadata hints that replace the present ones
	 * @return a new request
	 */
	public QueryRequest withMetadata(Map<String, String> metadata) {
		return new QueryRequest(this.filter, this.sort, this.limit, this.token, metadata);
	}

}
