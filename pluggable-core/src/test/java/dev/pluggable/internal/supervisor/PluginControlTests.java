package dev.pluggable.internal.supervisor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentEvent;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.endpoint.EndpointListener;
import dev.pluggable.internal.host.HostEndpoints;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.transport.TransportType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the requests of an application to a {@link PluginSupervisor}, without
 * processes.
 */
@Timeout(60)
class PluginControlTests implements EndpointListener {

	@Test
	void whenARequestCompletesThenItsContinuationMayBlock() throws Exception {
		Path folder = Files.createTempDirectory(Path.of("/tmp"), "plg");
		HostThread thread = new HostThread("test-host");
		ExecutorService handlers = Executors.newCachedThreadPool();
		try (Transport transport = Transport.create(TransportType.AUTO);
				PluginSupervisor supervisor = supervisor(folder, thread, handlers, transport)) {
			CountDownLatch attached = new CountDownLatch(1);
			thread.execute("waiting for the continuation", () -> await(attached));
			CompletableFuture<PluginStatus> second = supervisor.stop("store").thenApply((status) -> {
				assertThat(thread.isCurrent()).isFalse();
				return supervisor.stop("store").toCompletableFuture().join();
			}).toCompletableFuture();
			attached.countDown();
			assertThat(second.get(30, TimeUnit.SECONDS).state()).isEqualTo(PluginState.STOPPED);
		}
		finally {
			thread.close(Duration.ofSeconds(10));
			handlers.shutdownNow();
		}
		Files.delete(folder);
	}

	private PluginSupervisor supervisor(Path folder, HostThread thread, ExecutorService handlers, Transport transport) {
		EndpointContext context = new EndpointContext(thread, handlers, transport, PeerPolicy.allowing(Set.of()),
				new EndpointSettings(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(1),
						Duration.ofSeconds(1)),
				(endpoint, builder) -> {
				}, this);
		HostEndpoints endpoints = new HostEndpoints((name) -> new Endpoint(name, context));
		return new PluginSupervisor(List.of(PluginSettings.of("store", List.of("store"))), context,
				endpoints.claims("plugin"), new HostServiceRegistry(), folder, false, (plugin) -> null);
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void identified(Endpoint endpoint, Set<String> services) {
	}

	@Override
	public void changed(Endpoint endpoint) {
	}

	@Override
	public void initialized(Endpoint endpoint) {
	}

	@Override
	public void componentChanged(ComponentEvent event) {
	}

}
