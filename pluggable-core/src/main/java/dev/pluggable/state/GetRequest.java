package dev.pluggable.state;

import java.util.Map;

import dev.pluggable.internal.support.Checks;

/**
 * Asks for the value of a key.
 *
 * @param key the key, not empty
 * @param consistency how fresh the value must be
 * @param metadata hints for this request only; immutable
 * @since 0.1.0
 */
public record GetRequest(String key, Consistency consistency, Map<String, String> metadata) {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the key is null or empty
	 */
	public GetRequest {
		Checks.hasText(key, "key");
		Checks.notNull(consistency, "consistency");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Ask for a key with nothing else specified.
	 * @param key the key, not empty
	 * @return the request
	 */
	public static GetRequest of(String key) {
		return new GetRequest(key, Consistency.UNSPECIFIED, Map.of());
	}

	/**
	 * The same request with another consistency.
	 * @param consistency how fresh the value must be
	 * @return a new request
	 */
	public GetRequest withConsistency(Consistency consistency) {
		return new GetRequest(this.key, consistency, this.metadata);
	}

	/**
	 * The same request with other metadata.
	 * @param metadata hints that replace those there are
	 * @return a new request
	 */
	public GetRequest withMetadata(Map<String, String> metadata) {
		return new GetRequest(this.key, this.consistency, metadata);
	}

}
