package dev.pluggable.bindings;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * An event that an input binding has read. Two events are equal if their data have the
 * same content. Immutable, but for the data.
 *
 * @param id identifier of the delivery within its stream, which the component chose; may
 * be empty, and need not be unique
 * @param data the data, may be empty; not copied
 * @param contentType media type of the data, not empty; {@code null} if not known
 * @param metadata further facts about the data, from the component
 * @since 0.1.0
 */
public record BindingEvent(String id, byte[] data, @Nullable String contentType, Map<String, String> metadata) {

	/**
	 * Create an event.
	 * @throws IllegalArgumentException if the id or the data is {@code null}, or if the
	 * content type is empty
	 */
	public BindingEvent {
		Checks.notNull(id, "id");
		Checks.notNull(data, "data");
		Checks.notEmpty(contentType, "contentType");
		metadata = Map.copyOf(metadata);
	}

	@Override
	public boolean equals(@Nullable Object obj) {
		return obj instanceof BindingEvent other && this.id.equals(other.id) && Arrays.equals(this.data, other.data)
				&& Objects.equals(this.contentType, other.contentType) && this.metadata.equals(other.metadata);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.id, Arrays.hashCode(this.data), this.contentType, this.metadata);
	}

	/**
	 * The event without the data and the metadata, which can contain secrets.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "BindingEvent[id=" + this.id + ", data=" + this.data.length + " bytes, contentType=" + this.contentType
				+ ", metadata=" + this.metadata.keySet() + "]";
	}

}
