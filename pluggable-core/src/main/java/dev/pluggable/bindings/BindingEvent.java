package dev.pluggable.bindings;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * What an input binding has read. Two are equal if their data have the same content.
 *
 * @param id identifies the delivery within its stream, as the component chose it; may be
 * empty, and need not be unique
 * @param data the data, may be empty; not copied
 * @param contentType media type of the data; {@code null} if not known, never empty
 * @param metadata what is said of the data; immutable
 * @since 0.1.0
 */
public record BindingEvent(String id, byte[] data, @Nullable String contentType, Map<String, String> metadata) {

	/**
	 * Create it.
	 * @throws IllegalArgumentException if the data is null, the id is null, or the
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
	 * Everything but the data, which can be a secret.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "BindingEvent[id=" + this.id + ", data=" + this.data.length + " bytes, contentType=" + this.contentType
				+ ", metadata=" + this.metadata.keySet() + "]";
	}

}
