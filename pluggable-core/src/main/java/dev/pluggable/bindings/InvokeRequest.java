package dev.pluggable.bindings;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * A request to invoke an operation of an output binding. Two requests are equal if their
 * data have the same content. Immutable, but for the data.
 *
 * @param operation name of the operation, not empty
 * @param data the data, may be empty; not copied, so that the caller must not change the
 * array while the request is in use
 * @param metadata hints for this request
 * @since 0.1.0
 */
public record InvokeRequest(String operation, byte[] data, Map<String, String> metadata) {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the operation is {@code null} or empty, or if
	 * the data is {@code null}
	 */
	public InvokeRequest {
		Checks.hasText(operation, "operation");
		Checks.notNull(data, "data");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Create a request without metadata.
	 * @param operation name of the operation, not empty
	 * @param data the data, not copied
	 * @return the request
	 */
	public static InvokeRequest of(String operation, byte[] data) {
		return new InvokeRequest(operation, data, Map.of());
	}

	/**
	 * Create the same request with other metadata.
	 * @param metadata hints that replace the present ones
	 * @return a new request
	 */
	public InvokeRequest withMetadata(Map<String, String> metadata) {
		return new InvokeRequest(this.operation, this.data, metadata);
	}

	@Override
	public boolean equals(@Nullable Object obj) {
		return obj instanceof InvokeRequest other && this.operation.equals(other.operation)
				&& Arrays.equals(this.data, other.data) && this.metadata.equals(other.metadata);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.operation, Arrays.hashCode(this.data), this.metadata);
	}

	/**
	 * The request without the data and the metadata, which can contain secrets.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "InvokeRequest[operation=" + this.operation + ", data=" + this.data.length + " bytes, metadata="
				+ this.metadata.keySet() + "]";
	}

}
