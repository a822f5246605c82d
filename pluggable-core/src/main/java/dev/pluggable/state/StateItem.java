package dev.pluggable.state;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * The value of a key, with what the store knows about it. Two items are equal if their
 * values have the same content.
 *
 * @param key the key, not empty
 * @param value the value, may be empty; not copied
 * @param etag version of the value, chosen by the store; {@code null} if it has none,
 * never empty
 * @param contentType media type of the value; {@code null} if not known, never empty
 * @param metadata what else the store tells, such as {@code ttlExpireTime}; immutable
 * @since 0.1.0
 */
public record StateItem(String key, byte[] value, @Nullable String etag, @Nullable String contentType,
		Map<String, String> metadata) {

	static final String TTL_EXPIRE_TIME = "ttlExpireTime";

	/**
	 * Create an item.
	 * @throws IllegalArgumentException if the key is null or empty, the value is null, or
	 * the etag or the content type is empty
	 */
	public StateItem {
		Checks.hasText(key, "key");
		Checks.notNull(value, "value");
		Checks.notEmpty(etag, "etag");
		Checks.notEmpty(contentType, "contentType");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * An item of which nothing but the value is known.
	 * @param key the key, not empty
	 * @param value the value, not copied
	 * @return the item
	 */
	public static StateItem of(String key, byte[] value) {
		return new StateItem(key, value, null, null, Map.of());
	}

	/**
	 * The same item with another etag.
	 * @param etag version of the value, not empty; {@code null} if it has none
	 * @return a new item
	 */
	public StateItem withEtag(@Nullable String etag) {
		return new StateItem(this.key, this.value, etag, this.contentType, this.metadata);
	}

	/**
	 * The same item with another content type.
	 * @param contentType media type of the value, not empty; {@code null} if not known
	 * @return a new item
	 */
	public StateItem withContentType(@Nullable String contentType) {
		return new StateItem(this.key, this.value, this.etag, contentType, this.metadata);
	}

	/**
	 * The same item with other metadata.
	 * @param metadata what replaces the metadata there is
	 * @return a new item
	 */
	public StateItem withMetadata(Map<String, String> metadata) {
		return new StateItem(this.key, this.value, this.etag, this.contentType, metadata);
	}

	/**
	 * The value as a text.
	 * @return the value, read as UTF-8
	 */
	public String text() {
		return new String(this.value, StandardCharsets.UTF_8);
	}

	/**
	 * When the value expires: response metadata {@code ttlExpireTime}, which is in the
	 * form of RFC 3339.
	 * @return the time, empty if the store did not say or said something else
	 */
	public Optional<Instant> expiresAt() {
		String time = this.metadata.get(TTL_EXPIRE_TIME);
		if (time == null) {
			return Optional.empty();
		}
		try {
			return Optional.of(DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(time, Instant::from));
		}
		catch (DateTimeException ex) {
			return Optional.empty();
		}
	}

	@Override
	public boolean equals(@Nullable Object obj) {
		return obj instanceof StateItem other && this.key.equals(other.key) && Arrays.equals(this.value, other.value)
				&& Objects.equals(this.etag, other.etag) && Objects.equals(this.contentType, other.contentType)
				&& this.metadata.equals(other.metadata);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.key, Arrays.hashCode(this.value), this.etag, this.contentType, this.metadata);
	}

	/**
	 * The item without its value, which can be a secret.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "StateItem[key=" + this.key + ", value=" + this.value.length + " bytes, etag=" + this.etag
				+ ", contentType=" + this.contentType + ", metadata=" + this.metadata.keySet() + "]";
	}

}
