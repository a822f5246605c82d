package dev.pluggable.pubsub;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * A request to publish a message. Two requests are equal if their data have the same
 * content. Immutable, but for the data.
 *
 * @param topic the topic, not empty
 * @param data the data, may be empty; not copied, so that the caller must not change the
 * array while the request is in use
 * @param contentType media type of the data, not empty; {@code null} if not known
 * @param metadata hints for this message
 * @since 0.1.0
 */
public record PublishRequest(String topic, byte[] data, @Nullable String contentType, Map<String, String> metadata) {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the topic is {@code null} or empty, the data is
	 * {@code null}, or the content type is empty
	 */
	public PublishRequest {
		Checks.hasText(topic, "topic");
		Checks.notNull(data, "data");
		Checks.notEmpty(contentType, "contentType");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Create a request without content type and metadata.
	 * @param topic the topic, not empty
	 * @param data the data, not copied
	 * @return the request
	 */
	public static PublishRequest of(String topic, byte[] data) {
		return new PublishRequest(topic, data, null, Map.of());
	}

	/**
	 * Create a request with a text in UTF-8 and the content type {@code text/plain}.
	 * @param topic the topic, not empty
	 * @param text the text
	 * @return the request
	 */
	public static PublishRequest of(String topic, String text) {
		return new PublishRequest(topic, text.getBytes(StandardCharsets.UTF_8), "text/plain", Map.of());
	}

	/**
	 * Create the same request with another content type.
	 * @param contentType media type of the data, not empty; {@code null} if not known
	 * @return a new request
	 */
	public PublishRequest withContentType(@Nullable String contentType) {
		return new PublishRequest(this.topic, this.data, contentType, this.metadata);
	}

	/**
	 * Create the same request with other metadata.
	 * @param metadata hints that replace the present ones
	 * @return a new request
	 */
	public PublishRequest withMetadata(Map<String, String> metadata) {
		return new PublishRequest(this.topic, this.data, this.contentType, metadata);
	}

	@Override
	public boolean equals(@Nullable Object obj) {
		return obj instanceof PublishRequest other && this.topic.equals(other.topic)
				&& Arrays.equals(this.data, other.data) && Objects.equals(this.contentType, other.contentType)
				&& this.metadata.equals(other.metadata);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.topic, Arrays.hashCode(this.data), this.contentType, this.metadata);
	}

	/**
	 * The request without the data and the metadata, which can contain secrets.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "PublishRequest[topic=" + this.topic + ", data=" + this.data.length + " bytes, contentType="
				+ this.contentType + ", metadata=" + this.metadata.keySet() + "]";
	}

}
