package dev.pluggable.internal.endpoint;

import java.util.Map;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * The part of a component's metadata that comes from secret stores. Its methods are
 * called on the host's thread.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public interface MetadataSecrets {

	/**
	 * What has to be there before the secrets can be read.
	 * @return what is waited for, such as {@code waits for secret store 'vault'};
	 * {@code null} if all is there
	 */
	@Nullable String waitsFor();

	/**
	 * Read the secrets anew. Does not block.
	 * @return completes with values by the keys of the metadata, or fails with an
	 * exception whose message says which secret cannot be read and why
	 */
	CompletionStage<Map<String, String>> read();

}
