package dev.pluggable.state;

import java.util.Map;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * A request to delete a key. Immutable.
 *
 * @param key the key, not empty
 * @param etag etag that the stored value must have, not empty; {@code null} for any
 * @param concurrency rule for another change that came first
 * @param consistency moment at which all readers see the deletion
 * @param metadata hints for this request
 * @since 0.1.0
 */
public record DeleteRequest(String key, @Nullable String etag, Concurrency concurrency, Consistency consistency,
		Map<String, String> metadata) implements StateOperation {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the key is {@code null} or empty, if the etag
	 * is empty, or if another argument is {@code null}
	 */
	public DeleteRequest {
		Checks.hasText(key, "key");
		Checks.notEmpty(etag, "etag");
		Checks.notNull(concurrency, "concurrency");
		Checks.notNull(consistency, "consistency");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Create a request without an etag, options and metadata.
	 * @param key the key, not empty
	 * @return the request
	 */
	public static DeleteRequest of(String key) {
		return new DeleteRequest(key, null, Concurrency.UNSPECIFIED, Consistency.UNSPECIFIED, Map.of());
	}

	/**
	 * Create the same request with another etag.
	 * @param etag etag that the stored value must have, not empty; {@code null} for any
	 * @return a new request
	 */
	public DeleteRequest withEtag(@Nullable String etag) {
		return new DeleteRequest(this.key, etag, this.concurrency, this.consistency, this.metadata);
	}

	/**
	 * Create the same request with another rule for changes that came first.
	 * @param concurrency the rule
	 * @return a new request
	 */
	public DeleteRequest withConcurrency(Concurrency concurrency) {
		return new DeleteRequest(this.key, this.etag, concurrency, this.consistency, this.metadata);
	}

	/**
	 * Create the same request with another consistency.
	 * @param consistency moment at which all readers see the deletion
	 * @return a new request
	 */
	public DeleteRequest withConsistency(Consistency consistency) {
		return new DeleteRequest(this.key, this.etag, this.concurrency, consistency, this.metadata);
	}

	/**
	 * Create the same request with other metadata.
	 * @param metadata hints that replace the present ones
	 * @return a new request
	 */
	public DeleteRequest withMetadata(Map<String, String> metadata) {
		return new DeleteRequest(this.key, this.etag, this.concurrency, this.consistency, metadata);
	}

}
