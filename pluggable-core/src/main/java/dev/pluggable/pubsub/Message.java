package dev.pluggable.pubsub;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * A received message. Two messages are equal if their data have the same content.
 * Immutable, but for the data.
 *
 * @param id identifier of the delivery within its subscription, which the component
 * chose; may be empty, and need not be unique
 * @param topic topic of the message according to the component
 * @param data the data, may be empty; not copied
 * @param contentType media type of the data, not empty; {@code null} if not known
 * @param metadata further facts about the message, from the component
 * @since 0.1.0
 */
public record Message(String id, String topic, byte[] data, @Nullable String contentType,
		Map<String, String> metadata) {

	/**
	 * Create a message.
	 * @throws IllegalArgumentException if the id, the topic or the data is {@code null},
	 * or if the content type is empty
	 */
	public Message {
		Checks.notNull(id, "id");
		Checks.notNull(topic, "topic");
		Checks.notNull(data, "data");
		Checks.notEmpty(contentType, "contentType");
		metadata = Map.copyOf(metadata);
	}

	@Override
	public boolean equals(@Nullable Object obj) {
		return obj instanceof Message other && this.id.equals(other.id) && this.topic.equals(other.topic)
				&& Arrays.equals(this.data, other.data) && Objects.equals(this.contentType, other.contentType)
				&& this.metadata.equals(other.metadata);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.id, this.topic, Arrays.hashCode(this.data), this.contentType, this.metadata);
	}

	/**
	 * The message without the data and the metadata, which can contain secrets.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "Message[id=" + this.id + ", topic=" + this.topic + ", data=" + this.data.length + " bytes, contentType="
				+ this.contentType + ", metadata=" + this.metadata.keySet() + "]";
	}

}
