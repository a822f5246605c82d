package dev.pluggable.state;

import java.util.Map;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * Deletes a key.
 *
 * @param key the key, not empty
 * @param etag delete only if the stored value has this etag; {@code null} for none, never
 * empty
 * @param concurrency what to do if another change came first
 * @param consistency when the deletion must be visible to all readers
 * @param metadata hints for this request only; immutable
 * @since 0.1.0
 */
public record DeleteRequest(String key, @Nullable String etag, Concurrency concurrency, Consistency consistency,
		Map<String, String> metadata) implements StateOperation {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the key is null or empty, or the etag is empty
	 */
	public DeleteRequest {
		Checks.hasText(key, "key");
		Checks.notEmpty(etag, "etag");
		Checks.notNull(concurrency, "concurrency");
		Checks.notNull(consistency, "consistency");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Delete a key with nothing else specified.
	 * @param key the key, not empty
	 * @return the request
	 */
	public static DeleteRequest of(String key) {
		return new DeleteRequest(key, null, Concurrency.UNSPECIFIED, Consistency.UNSPECIFIED, Map.of());
	}

	/**
	 * The same request for a value that must have an etag.
	 * @param etag the etag, not empty; {@code null} for none
	 * @return a new request
	 */
	public DeleteRequest withEtag(@Nullable String etag) {
		return new DeleteRequest(this.key, etag, this.concurrency, this.consistency, this.metadata);
	}

	/**
	 * The same request with another rule for changes that came first.
	 * @param concurrency the rule
	 * @return a new request
	 */
	public DeleteRequest withConcurrency(Concurrency concurrency) {
		return new DeleteRequest(this.key, this.etag, concurrency, this.consistency, this.metadata);
	}

	/**
	 * The same request with another consistency.
	 * @param consistency when the deletion must be visible to all readers
	 * @return a new request
	 */
	public DeleteRequest withConsistency(Consistency consistency) {
		return new DeleteRequest(this.key, this.etag, this.concurrency, consistency, this.metadata);
	}

	/**
	 * The same request with other metadata.
	 * @param metadata hints that replace those there are
	 * @return a new request
	 */
	public DeleteRequest withMetadata(Map<String, String> metadata) {
		return new DeleteRequest(this.key, this.etag, this.concurrency, this.consistency, metadata);
	}

}
