package dev.pluggable.internal.reflection;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * A {@link dev.pluggable.ComponentClient} whose server describes its services. Safe for
 * use by many threads.
 */
public interface DescribedClient {

	/**
	 * Return the services that the component needs, besides those of its kind.
	 * @return full names
	 */
	List<String> services();

	/**
	 * Return the description by the generation that calls reach now.
	 * @return completes when the description was read, or could not be read; {@code null}
	 * while the component is not ready
	 */
	@Nullable CompletableFuture<ReflectedServices> reflected();

}
