package dev.pluggable.state;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * A request to write the value of a key. Two requests are equal if their values have the
 * same content. Immutable, but for the value.
 *
 * @param key the key, not empty
 * @param value the value, may be empty; not copied, so that the caller must not change
 * the array while the request is in use
 * @param etag etag that the stored value must have, not empty; {@code null} for any
 * @param concurrency rule for another write that came first
 * @param consistency moment at which all readers see the write
 * @param ttl time to live of the value in whole seconds, rounded up; {@code null} if the
 * value does not expire, which also ends an earlier time to live. The component receives
 * it as the metadata {@code ttlInSeconds}; an entry with this name in the metadata sets
 * this time, unless both are given
 * @param contentType media type of the value, not empty; {@code null} if not known
 * @param metadata hints for this request. They contain {@code ttlInSeconds} only with the
 * values -1 and 0 and as an empty text, which say that the value does not expire
 * @since 0.1.0
 */
public record SetRequest(String key, byte[] value, @Nullable String etag, Concurrency concurrency,
		Consistency consistency, @Nullable Duration ttl, @Nullable String contentType,
		Map<String, String> metadata) implements StateOperation {

	static final String TTL_IN_SECONDS = "ttlInSeconds";

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the key is {@code null} or empty, if the value,
	 * the concurrency or the consistency is {@code null}, if the etag or the content type
	 * is empty, if the time to live is not positive, or if the metadata contain a
	 * {@code ttlInSeconds} that is not a whole number of at least -1
	 */
	public SetRequest {
		Checks.hasText(key, "key");
		Checks.notNull(value, "value");
		Checks.notEmpty(etag, "etag");
		Checks.notNull(concurrency, "concurrency");
		Checks.notNull(consistency, "consistency");
		Checks.notEmpty(contentType, "contentType");
		ttl = (ttl != null) ? wholeSeconds(ttl) : timeToLive(metadata.get(TTL_IN_SECONDS));
		metadata = (ttl != null) ? without(metadata, TTL_IN_SECONDS) : Map.copyOf(metadata);
	}

	/**
	 * Create a request without an etag, options and metadata.
	 * @param key the key, not empty
	 * @param value the value, not copied
	 * @return the request
	 */
	public static SetRequest of(String key, byte[] value) {
		return new SetRequest(key, value, null, Concurrency.UNSPECIFIED, Consistency.UNSPECIFIED, null, null, Map.of());
	}

	/**
	 * Create a request with a text, without an etag, options and metadata.
	 * @param key the key, not empty
	 * @param text the value, which is written in UTF-8
	 * @return the request
	 */
	public static SetRequest of(String key, String text) {
		return of(key, text.getBytes(StandardCharsets.UTF_8));
	}

	private static Duration wholeSeconds(Duration ttl) {
		if (ttl.isZero() || ttl.isNegative()) {
			throw new IllegalArgumentException("'ttl' must be positive; use null if the value does not expire");
		}
		if (ttl.getNano() == 0) {
			return ttl;
		}
		long seconds = ttl.getSeconds();
		return Duration.ofSeconds((seconds < Long.MAX_VALUE) ? seconds + 1 : seconds);
	}

	private static @Nullable Duration timeToLive(@Nullable String seconds) {
		if (seconds == null || seconds.isEmpty()) {
			return null;
		}
		try {
			long parsed = Long.parseLong(seconds);
			if (parsed >= -1) {
				return (parsed > 0) ? Duration.ofSeconds(parsed) : null;
			}
		}
		catch (NumberFormatException ex) {
			// Reported like a number below -1.
		}
		throw new IllegalArgumentException("Metadata '" + TTL_IN_SECONDS + "' must be a number of seconds, or -1");
	}

	private static Map<String, String> without(Map<String, String> metadata, String name) {
		if (!metadata.containsKey(name)) {
			return Map.copyOf(metadata);
		}
		Map<String, String> rest = new HashMap<>(metadata);
		rest.remove(name);
		return Map.copyOf(rest);
	}

	/**
	 * Create the same request with another etag.
	 * @param etag etag that the stored value must have, not empty; {@code null} for any
	 * @return a new request
	 */
	public SetRequest withEtag(@Nullable String etag) {
		return new SetRequest(this.key, this.value, etag, this.concurrency, this.consistency, this.ttl,
				this.contentType, this.metadata);
	}

	/**
	 * Create the same request with another rule for writes that came first.
	 * @param concurrency the rule
	 * @return a new request
	 */
	public SetRequest withConcurrency(Concurrency concurrency) {
		return new SetRequest(this.key, this.value, this.etag, concurrency, this.consistency, this.ttl,
				this.contentType, this.metadata);
	}

	/**
	 * Create the same request with another consistency.
	 * @param consistency moment at which all readers see the write
	 * @return a new request
	 */
	public SetRequest withConsistency(Consistency consistency) {
		return new SetRequest(this.key, this.value, this.etag, this.concurrency, consistency, this.ttl,
				this.contentType, this.metadata);
	}

	/**
	 * Create the same request with another time to live.
	 * @param ttl time to live, rounded up to whole seconds; {@code null} if the value
	 * does not expire
	 * @return a new request
	 */
	public SetRequest withTtl(@Nullable Duration ttl) {
		return new SetRequest(this.key, this.value, this.etag, this.concurrency, this.consistency, ttl,
				this.contentType, this.metadata);
	}

	/**
	 * Create the same request with another content type.
	 * @param contentType media type of the value, not empty; {@code null} if not known
	 * @return a new request
	 */
	public SetRequest withContentType(@Nullable String contentType) {
		return new SetRequest(this.key, this.value, this.etag, this.concurrency, this.consistency, this.ttl,
				contentType, this.metadata);
	}

	/**
	 * Create the same request with other metadata.
	 * @param metadata hints that replace the present ones
	 * @return a new request
	 */
	public SetRequest withMetadata(Map<String, String> metadata) {
		return new SetRequest(this.key, this.value, this.etag, this.concurrency, this.consistency, this.ttl,
				this.contentType, metadata);
	}

	@Override
	public boolean equals(@Nullable Object obj) {
		return obj instanceof SetRequest other && this.key.equals(other.key) && Arrays.equals(this.value, other.value)
				&& Objects.equals(this.etag, other.etag) && this.concurrency == other.concurrency
				&& this.consistency == other.consistency && Objects.equals(this.ttl, other.ttl)
				&& Objects.equals(this.contentType, other.contentType) && this.metadata.equals(other.metadata);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.key, Arrays.hashCode(this.value), this.etag, this.concurrency, this.consistency,
				this.ttl, this.contentType, this.metadata);
	}

	/**
	 * The request without the value and the metadata, which can contain secrets.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "SetRequest[key=" + this.key + ", value=" + this.value.length + " bytes, etag=" + this.etag
				+ ", concurrency=" + this.concurrency + ", consistency=" + this.consistency + ", ttl=" + this.ttl
				+ ", contentType=" + this.contentType + ", metadata=" + this.metadata.keySet() + "]";
	}

}
