package dev.pluggable.internal.endpoint;

/**
 * Something that makes endpoints known to a host: socket folders, launched plugins. The
 * host treats all sources alike and does not know which there are.
 * <p>
 * A source gets {@link EndpointClaims} when it is created. It claims the endpoints that
 * it knows, and a name belongs to the source that claims it first.
 * <p>
 * This interface belongs to the package of {@link Endpoint}: each source and the host
 * need {@link Endpoint}, and no source needs the host.
 */
public interface EndpointSource extends AutoCloseable {

	/**
	 * Begin to look for endpoints. The host calls this method once, on any thread.
	 * Returns at once.
	 * @param hint the source calls it, from any thread, when something may have changed;
	 * the host calls {@link #reconcile()} soon after
	 */
	void start(Runnable hint);

	/**
	 * Compare the existing endpoints with the claims, and change the claims. The host
	 * calls this method on its thread after {@link #start}, after each hint, and
	 * periodically. Must not block. A source that changes its claims by itself does
	 * nothing here.
	 */
	default void reconcile() {
	}

	/**
	 * Tell whether the outcome of the start of an endpoint is known. May be called from
	 * any thread.
	 * @param endpoint name of an endpoint, of this source or not
	 * @return {@code false} while the source still brings up the endpoint
	 */
	default boolean isSettled(String endpoint) {
		return true;
	}

	/**
	 * An endpoint changed its state, or a component on it was initialised. The host calls
	 * this method on its thread.
	 * @param endpoint an endpoint, of this source or not
	 */
	default void endpointChanged(Endpoint endpoint) {
	}

	/**
	 * End the source and everything that it started. The host calls this method once its
	 * endpoints are closed, on a thread other than its own, which still runs. May block.
	 */
	@Override
	void close();

}
