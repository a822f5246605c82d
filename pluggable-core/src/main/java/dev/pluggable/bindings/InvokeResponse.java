package dev.pluggable.bindings;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * The response of an output binding. Two responses are equal if their data have the same
 * content. Immutable, but for the data.
 *
 * @param data the data, may be empty; not copied
 * @param contentType media type of the data, not empty; {@code null} if not known
 * @param metadata further facts about the data, from the component
 * @since 0.1.0
 */
public record InvokeResponse(byte[] data, @Nullable String contentType, Map<String, String> metadata) {

	/**
	 * Create a response.
	 * @throws IllegalArgumentException if the data is {@code null}, or if the content
	 * type is empty
	 */
	public InvokeResponse {
		Checks.notNull(data, "data");
		Checks.notEmpty(contentType, "contentType");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Create a response without content type and metadata.
	 * @param data the data, not copied
	 * @return the response
	 */
	public static InvokeResponse of(byte[] data) {
		return new InvokeResponse(data, null, Map.of());
	}

	@Override
	public boolean equals(@Nullable Object obj) {
		return obj instanceof InvokeResponse other && Arrays.equals(this.data, other.data)
				&& Objects.equals(this.contentType, other.contentType) && this.metadata.equals(other.metadata);
	}

	@Override
	public int hashCode() {
		return Objects.hash(Arrays.hashCode(this.data), this.contentType, this.metadata);
	}

	/**
	 * The response without the data and the metadata, which can contain secrets.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "InvokeResponse[data=" + this.data.length + " bytes, contentType=" + this.contentType + ", metadata="
				+ this.metadata.keySet() + "]";
	}

}
