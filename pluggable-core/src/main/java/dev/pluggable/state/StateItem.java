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
 * A stored value with its key and further facts. Two items are equal if their values have
 * the same content. Immutable, but for the value.
 *
 * @param key the key, not empty
 * @param value the value, may be empty; not copied
 * @param etag version of the value, which the store chose, not empty; {@code null} if
 * there is none
 * @param contentType media type of the value, not empty; {@code null} if not known
 * @param metadata further facts from the store, such as {@code ttlExpireTime}
 * @since 0.1.0
 */
public record StateItem(String key, byte[] value, @Nullable String etag, @Nullable String contentType,
		Map<String, String> metadata) {

	static final String TTL_EXPIRE_TIME = "ttlExpireTime";

	/**
	 * Create an item.
	 * @throws IllegalArgumentException if the key is {@code null} or empty, if the value
	 * is {@code null}, or if the etag or the content type is empty
	 */
	public StateItem {
		Checks.hasText(key, "key");
		Checks.notNull(value, "value");
		Checks.notEmpty(etag, "etag");
		Checks.notEmpty(contentType, "contentType");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Create an item without further facts.
	 * @param key the key, not empty
	 * @param value the value, not copied
	 * @return the item
	 */
	public static StateItem of(String key, byte[] value) {
		return new StateItem(key, value, null, null, Map.of());
	}

	/**
	 * Create the same item with another etag.
	 * @param etag version of the value, not empty; {@code null} if there is none
	 * @return a new item
	 */
	public StateItem withEtag(@Nullable String etag) {
		return new StateItem(this.key, this.value, etag, this.contentType, this.metadata);
	}

	/**
	 * Create the same item with another content type.
	 * @param contentType media type of the value, not empty; {@code null} if not known
	 * @return a new item
	 */
	public StateItem withContentType(@Nullable String contentType) {
		return new StateItem(this.key, this.value, this.etag, contentType, this.metadata);
	}

	/**
	 * Create the same item with other metadata.
	 * @param metadata metadata that replace the present ones
	 * @return a new item
	 */
	public StateItem withMetadata(Map<String, String> metadata) {
		return new StateItem(this.key, this.value, this.etag, this.contentType, metadata);
	}

	/**
	 * The value as a text in UTF-8.
	 * @return the text
	 */
	public String text() {
		return new String(this.value, StandardCharsets.UTF_8);
	}

	/**
	 * The moment at which the value expires, from the metadata {@code ttlExpireTime} in
	 * the form of RFC 3339.
	 * @return the moment, empty if the metadata do not contain it in this form
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
	 * The item without the value and the metadata, which can contain secrets.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "StateItem[key=" + this.key + ", value=" + this.value.length + " bytes, etag=" + this.etag
				+ ", contentType=" + this.contentType + ", metadata=" + this.metadata.keySet() + "]";
	}

}
