package dev.pluggable.bindings;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * The answer of an output binding. Two are equal if their data have the same content.
 *
 * @param data the data, may be empty; not copied
 * @param contentType media type of the data; {@code null} if not known, never empty
 * @param metadata what is said of the data; immutable
 * @since 0.1.0
 */
public record InvokeResponse(byte[] data, @Nullable String contentType, Map<String, String> metadata) {

	/**
	 * Create it.
	 * @throws IllegalArgumentException if the data is null, or the content type is empty
	 */
	public InvokeResponse {
		Checks.notNull(data, "data");
		Checks.notEmpty(contentType, "contentType");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Data with nothing else specified.
	 * @param data the data, not copied
	 * @return the answer
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
	 * Everything but the data, which can be a secret.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "InvokeResponse[data=" + this.data.length + " bytes, contentType=" + this.contentType + ", metadata="
				+ this.metadata.keySet() + "]";
	}

}
