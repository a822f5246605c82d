package dev.pluggable.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import dev.pluggable.Component;
import dev.pluggable.internal.support.HostThread;

/**
 * Components that wait for secret stores. Each time a store becomes ready, its waiters
 * try again.
 */
final class SecretStoreWaiters implements Consumer<Component<?>> {

	private final HostThread thread;

	private final Map<String, List<Runnable>> waiters = new ConcurrentHashMap<>();

	SecretStoreWaiters(HostThread thread) {
		this.thread = thread;
	}

	/**
	 * Add a waiter.
	 * @param declaration the component, with references to the stores it waits for
	 * @param attempt begins to initialise the component, on the host's thread
	 */
	void add(ComponentDeclaration declaration, Runnable attempt) {
		SecretReferences.storesOf(declaration)
			.forEach((store) -> this.waiters.computeIfAbsent(store, (name) -> new ArrayList<>()).add(attempt));
	}

	/**
	 * A component changed.
	 */
	@Override
	public void accept(Component<?> component) {
		if (SecretReferences.isReadyStore(component)) {
			// Later, because the store is still in the middle of its change.
			this.waiters.getOrDefault(component.name(), List.of())
				.forEach((attempt) -> this.thread
					.execute("initialising a component that needs secret store '" + component.name() + "'", attempt));
		}
	}

}
