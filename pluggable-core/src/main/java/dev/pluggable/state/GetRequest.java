package dev.pluggable.state;

import java.util.Map;

import dev.pluggable.internal.support.Checks;

/**
 * A request to read a key. Immutable.
 *
 * @param key the key, not empty
 * @param consistency freshness of the value
 * @param metadata hints for this request
 * @since 0.1.0
 */
public record GetRequest(String key, Consistency consistency, Map<String, String> metadata) {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the key is {@code null} or empty, or if the
	 * consistency is {@code null}
	 */
	public GetRequest {
		Checks.hasText(key, "key");
		Checks.notNull(consistency, "consistency");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Create a request without options and metadata.
	 * @param key the key, not empty
	 * @return the request
	 */
	public static GetRequest of(String key) {
		return new GetRequest(key, Consistency.UNSPECIFIED, Map.of());
	}

	/**
	 * Create the same request with another consistency.
	 * @param consistency freshness of the value
	 * @return a new request
	 */
	public GetRequest withConsistency(Consistency consistency) {
		return new GetRequest(this.key, consistency, this.metadata);
	}

	/**
	 * Create the same request with other metadata.
	 * @param metadata hints that replace the present ones
	 * @return a new request
	 */
	public GetRequest withMetadata(Map<String, String> metadata) {
		return new GetRequest(this.key, this.consistency, metadata);
	}

}
