package dev.pluggable.internal.endpoint;

import java.util.Map;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * Reads the part of a component's metadata that comes from secret stores. The endpoint
 * calls the methods on the host's thread unless their description says otherwise.
 */
public interface MetadataSecrets {

	/**
	 * Return the reason for which the secrets cannot be read yet.
	 * @return a reason such as {@code waits for secret store 'vault'}; {@code null} if
	 * the secrets can be read
	 */
	@Nullable String waitsFor();

	/**
	 * Tell whether the secrets can be read soon: the starts of the secret stores have
	 * ended or are under way. May be called from any thread.
	 * @return {@code true} if calls wait for the secrets
	 */
	default boolean isComing() {
		return false;
	}

	/**
	 * Read the secrets again. This method does not block.
	 * @return completes with values by the keys of the metadata, or fails with an
	 * exception whose message names the secret and the cause
	 */
	CompletionStage<Map<String, String>> read();

}
