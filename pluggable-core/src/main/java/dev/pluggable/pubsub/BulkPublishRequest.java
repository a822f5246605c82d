package dev.pluggable.pubsub;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * A request to publish several messages to one topic. Immutable.
 *
 * @param topic the topic, not empty
 * @param entries the messages, with different ids
 * @param metadata hints for the whole request
 * @since 0.1.0
 */
public record BulkPublishRequest(String topic, List<Entry> entries, Map<String, String> metadata) {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the topic is {@code null} or empty, or if two
	 * entries have the same id
	 */
	public BulkPublishRequest {
		Checks.hasText(topic, "topic");
		entries = List.copyOf(entries);
		metadata = Map.copyOf(metadata);
		Set<String> ids = new HashSet<>();
		for (Entry entry : entries) {
			if (!ids.add(entry.id())) {
				throw new IllegalArgumentException("Two entries have the id '" + entry.id() + "'");
			}
		}
	}

	/**
	 * Create a request without metadata.
	 * @param topic the topic, not empty
	 * @param entries the messages, with different ids
	 * @return the request
	 */
	public static BulkPublishRequest of(String topic, List<Entry> entries) {
		return new BulkPublishRequest(topic, entries, Map.of());
	}

	/**
	 * Create the same request with other metadata.
	 * @param metadata hints that replace the present ones
	 * @return a new request
	 */
	public BulkPublishRequest withMetadata(Map<String, String> metadata) {
		return new BulkPublishRequest(this.topic, this.entries, metadata);
	}

	/**
	 * A message of the request. Two entries are equal if their data have the same
	 * content. Immutable, but for the data.
	 *
	 * @param id identifier of the entry within the request, not empty
	 * @param data the data, may be empty; not copied
	 * @param contentType media type of the data, not empty; {@code null} if not known
	 * @param metadata hints for this message
	 */
	public record Entry(String id, byte[] data, @Nullable String contentType, Map<String, String> metadata) {

		/**
		 * Create an entry.
		 * @throws IllegalArgumentException if the id is {@code null} or empty, the data
		 * is {@code null}, or the content type is empty
		 */
		public Entry {
			Checks.hasText(id, "id");
			Checks.notNull(data, "data");
			Checks.notEmpty(contentType, "contentType");
			metadata = Map.copyOf(metadata);
		}

		/**
		 * Create an entry without content type and metadata.
		 * @param id identifier of the entry within the request, not empty
		 * @param data the data, not copied
		 * @return the entry
		 */
		public static Entry of(String id, byte[] data) {
			return new Entry(id, data, null, Map.of());
		}

		/**
		 * Create the same entry with another content type.
		 * @param contentType media type of the data, not empty; {@code null} if not known
		 * @return a new entry
		 */
		public Entry withContentType(@Nullable String contentType) {
			return new Entry(this.id, this.data, contentType, this.metadata);
		}

		@Override
		public boolean equals(@Nullable Object obj) {
			return obj instanceof Entry other && this.id.equals(other.id) && Arrays.equals(this.data, other.data)
					&& Objects.equals(this.contentType, other.contentType) && this.metadata.equals(other.metadata);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.id, Arrays.hashCode(this.data), this.contentType, this.metadata);
		}

		/**
		 * The entry without the data and the metadata, which can contain secrets.
		 * @return the text
		 */
		@Override
		public String toString() {
			return "Entry[id=" + this.id + ", data=" + this.data.length + " bytes, contentType=" + this.contentType
					+ ", metadata=" + this.metadata.keySet() + "]";
		}

	}

}
