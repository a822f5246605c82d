package dev.pluggable.contract;

import dev.pluggable.ComponentClient;

/**
 * The base of generated proxies. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public abstract class ContractProxy implements ContractObject {

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

	@Override
	public String toString() {
		return getClass().getSimpleName() + " of '" + this.client.component() + "'";
	}

}
