package dev.pluggable.secrets;

import java.util.Map;

import dev.pluggable.internal.support.Checks;

/**
 * Reads a secret.
 *
 * @param name name of the secret, not empty
 * @param metadata hints for this request only; immutable
 * @since 0.1.0
 */
public record GetSecretRequest(String name, Map<String, String> metadata) {

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the name is null or empty
	 */
	public GetSecretRequest {
		Checks.hasText(name, "name");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Read a secret with nothing else specified.
	 * @param name name of the secret, not empty
	 * @return the request
	 */
	public static GetSecretRequest of(String name) {
		return new GetSecretRequest(name, Map.of());
	}

	/**
	 * The same request with other metadata.
	 * @param metadata hints that replace those there are
	 * @return a new request
	 */
	public GetSecretRequest withMetadata(Map<String, String> metadata) {
		return new GetSecretRequest(this.name, metadata);
	}

}
