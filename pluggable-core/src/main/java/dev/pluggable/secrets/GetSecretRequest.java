package dev.pluggable.secrets;

import java.util.Map;

import dev.pluggable.internal.support.Checks;

/**
 * A request to read a secret. Immutable.
 *
 * @param name name of the secret, not empty
 * @param metadata hints for this request
 * @since 0.1.0
 */
public record GetSecretRequest(String name, Map<String, String> metadata) {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the name is {@code null} or empty
	 */
	public GetSecretRequest {
		Checks.hasText(name, "name");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Create a request without metadata.
	 * @param name name of the secret, not empty
	 * @return the request
	 */
	public static GetSecretRequest of(String name) {
		return new GetSecretRequest(name, Map.of());
	}

	/**
	 * Create the same request with other metadata.
	 * @param metadata hints that replace the present ones
	 * @return a new request
	 */
	public GetSecretRequest withMetadata(Map<String, String> metadata) {
		return new GetSecretRequest(this.name, metadata);
	}

}
