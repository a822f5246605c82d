package dev.pluggable.internal.host;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

import dev.pluggable.Component;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.ComponentState;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointSource;
import dev.pluggable.internal.endpoint.RemoteComponent;
import dev.pluggable.internal.support.HostThread;

/**
 * Lets threads wait until a host is ready for work. The host's thread checks what they
 * wait for after each change.
 */
public final class Readiness {

	private final HostThread thread;

	private final ComponentRegistry registry;

	private final HostEndpoints endpoints;

	private final List<EndpointSource> sources;

	private final Map<CompletableFuture<Boolean>, BooleanSupplier> waiting = new ConcurrentHashMap<>();

	private volatile boolean closed;

	/**
	 * Nobody waits yet.
	 * @param thread the host's thread
	 * @param registry the components
	 * @param endpoints the endpoints
	 * @param sources the sources of the endpoints; may grow until the host starts
	 */
	public Readiness(HostThread thread, ComponentRegistry registry, HostEndpoints endpoints,
			List<EndpointSource> sources) {
		this.thread = thread;
		this.registry = registry;
		this.endpoints = endpoints;
		this.sources = sources;
	}

	/**
	 * Wait until the host knows what each endpoint is.
	 * @param looked whether all sources have been asked at least once
	 * @param timeout the longest wait
	 * @return whether the host knows
	 */
	public boolean awaitIdentified(BooleanSupplier looked, Duration timeout) {
		return await(timeout, () -> looked.getAsBoolean() && this.endpoints.allMatch(this::isIdentified));
	}

	/**
	 * The endpoints of which the host does not know yet what they are.
	 * @return their names, in alphabetical order
	 */
	public List<String> unidentified() {
		return this.endpoints.all()
			.stream()
			.filter((endpoint) -> !isIdentified(endpoint))
			.map(Endpoint::name)
			.sorted()
			.toList();
	}

	private boolean isIdentified(Endpoint endpoint) {
		if (!this.sources.stream().allMatch((source) -> source.isSettled(endpoint.name()))) {
			return false;
		}
		return switch (endpoint.status().state()) {
			case CONNECTING -> false;
			case READY -> endpoint.components().stream().noneMatch(RemoteComponent::initializing);
			default -> true;
		};
	}

	/**
	 * Wait until the required components that the application uses are ready.
	 * @param timeout the longest wait
	 * @param used whether the application uses a component
	 * @return the required components that are not ready
	 */
	public List<Component<?>> awaitRequired(Duration timeout, Predicate<Component<?>> used) {
		await(timeout, () -> missing(used).isEmpty());
		return missing(used);
	}

	private List<Component<?>> missing(Predicate<Component<?>> used) {
		return this.registry.components()
			.stream()
			.filter((component) -> component.required() && component.status().state() != ComponentState.READY
					&& used.test(component))
			.toList();
	}

	private boolean await(Duration timeout, BooleanSupplier condition) {
		CompletableFuture<Boolean> future = new CompletableFuture<>();
		this.waiting.put(future, condition);
		try {
			if (this.closed) {
				return false;
			}
			this.thread.execute("checking what somebody waits for", this::check);
			return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException | ExecutionException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
		finally {
			this.waiting.remove(future);
		}
	}

	/**
	 * Something changed: let those go on whose condition is true. Belongs to the host's
	 * thread.
	 */
	public void check() {
		this.thread.assertCurrent();
		this.waiting.forEach((future, condition) -> {
			if (condition.getAsBoolean()) {
				future.complete(true);
			}
		});
	}

	/**
	 * Let everybody go on who waits, as if the time had passed.
	 */
	public void close() {
		this.closed = true;
		this.waiting.keySet().forEach((future) -> future.complete(false));
	}

}
