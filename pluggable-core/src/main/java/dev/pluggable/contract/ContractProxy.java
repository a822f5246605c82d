package dev.pluggable.contract;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import dev.pluggable.Draining;

/**
 * The base of generated proxies. At the end of the application, the proxy of a component
 * is closed before the connections end. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public abstract class ContractProxy implements ContractObject, Draining {

	private final ComponentClient client;

	/**
	 * The calls of the proxy.
	 */
	protected final ContractCalls calls;

	/**
	 * Create a proxy.
	 * @param client access to the component or object
	 */
	protected ContractProxy(ComponentClient client) {
		this.client = client;
		this.calls = new ContractCalls(client);
	}

	@Override
	public final ComponentClient client() {
		return this.client;
	}

	@Override
	public void close() {
		this.calls.close();
	}

	/**
	 * Close the component, because its host closes.
	 */
	@Override
	public CompletionStage<?> drain(Duration timeout) {
		return CompletableFuture.runAsync(this::close, this.client.executor());
	}

	@Override
	public String toString() {
		return getClass().getSimpleName() + " of '" + this.client.component() + "'";
	}

}
