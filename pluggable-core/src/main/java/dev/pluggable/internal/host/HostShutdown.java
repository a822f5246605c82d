package dev.pluggable.internal.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import dev.pluggable.Component;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.Draining;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointSource;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.stream.HandlerRunner;
import io.grpc.ManagedChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps in which a host ends its components and endpoints. A step that fails or takes
 * too long is logged and does not keep the next one from beginning.
 */
public final class HostShutdown {

	private static final Logger logger = LoggerFactory.getLogger(HostShutdown.class);

	private static final Duration THREAD_TIMEOUT = Duration.ofSeconds(5);

	/**
	 * How long an instance may take to answer after its grace.
	 */
	private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(2);

	private final HostThread thread;

	private final HostEndpoints endpoints;

	private final Duration grace;

	/**
	 * A shutdown that has not begun.
	 * @param thread the host's thread
	 * @param endpoints the endpoints
	 * @param grace how long work in progress may go on
	 */
	public HostShutdown(HostThread thread, HostEndpoints endpoints, Duration grace) {
		this.thread = thread;
		this.endpoints = endpoints;
		this.grace = grace;
	}

	/**
	 * Let components finish the work that they have taken on their own.
	 * @param registry the components
	 * @return whether the calling thread handles a message, for which the host does not
	 * wait
	 */
	public boolean drain(ComponentRegistry registry) {
		// A component that is gone is not in the registry, and may still handle
		// something.
		Stream<Component<?>> onEndpoints = this.endpoints.all()
			.stream()
			.flatMap((endpoint) -> endpoint.components().stream());
		CompletableFuture<?>[] drained = Stream.concat(registry.components().stream(), onEndpoints)
			.distinct()
			.map(Component::instance)
			.filter(Draining.class::isInstance)
			.map((instance) -> drain((Draining) instance))
			.toArray(CompletableFuture[]::new);
		boolean inHandler = HandlerRunner.detachCurrent();
		try {
			CompletableFuture.allOf(drained).get(this.grace.plus(DRAIN_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.warn("Components did not finish their work in order", ex);
		}
		return inHandler;
	}

	private CompletableFuture<?> drain(Draining instance) {
		try {
			return instance.drain(this.grace).toCompletableFuture();
		}
		catch (RuntimeException | Error ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	/**
	 * Close all endpoints, and wait for the calls in flight.
	 */
	public void closeEndpoints() {
		long deadline = System.nanoTime() + this.grace.toNanos();
		closeOnThread().forEach((channel) -> terminate(channel, deadline));
	}

	private List<ManagedChannel> closeOnThread() {
		CompletableFuture<List<ManagedChannel>> closing = CompletableFuture.supplyAsync(() -> {
			List<ManagedChannel> channels = new ArrayList<>();
			for (Endpoint endpoint : this.endpoints.all()) {
				try {
					channels.addAll(endpoint.close());
				}
				catch (RuntimeException | Error ex) {
					logger.error("Closing {} failed", endpoint, ex);
				}
			}
			return channels;
		}, this.thread.executor("closing endpoints"));
		try {
			return closing.get(THREAD_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return List.of();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.warn("Endpoints did not close in order", ex);
			return List.of();
		}
	}

	/**
	 * Close sources and everything that they started.
	 * @param sources the sources
	 */
	public void closeSources(List<EndpointSource> sources) {
		for (EndpointSource source : sources) {
			try {
				source.close();
			}
			catch (RuntimeException | Error ex) {
				logger.error("Closing a source of endpoints failed", ex);
			}
		}
	}

	private static void terminate(ManagedChannel channel, long deadline) {
		try {
			if (!channel.awaitTermination(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
				channel.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			channel.shutdownNow();
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * End the host's thread: nothing changes any more.
	 */
	public void endThread() {
		this.thread.close(THREAD_TIMEOUT);
	}

	/**
	 * Wait for the last tasks of executors that take no more tasks.
	 * @param executors the executors
	 */
	public void awaitEnd(ExecutorService... executors) {
		for (ExecutorService executor : executors) {
			try {
				if (!executor.awaitTermination(THREAD_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
					executor.shutdownNow();
				}
			}
			catch (InterruptedException ex) {
				executor.shutdownNow();
				Thread.currentThread().interrupt();
			}
		}
	}

}
