package dev.pluggable.internal.endpoint;

import java.util.Map;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * Reads the part of a component's metadata that comes from secret stores. The endpoint
 * calls the methods on the host's thread.
 */
public interface MetadataSecrets {

	/**
	 * Return the reason for which the secrets cannot be read yet.
	 * @return a reason such as {@code waits for secret store 'vault'}; {@code null} if
	 * the secrets can be read
	 */
	@Nullable String waitsFor();

	/**
	 * Read the secrets again. This method does not block.
	 * @return completes with values by the keys of the metadata, or fails with an
	 * exception whose message names the secret and the cause
	 */
	CompletionStage<Map<String, String>> read();

}
