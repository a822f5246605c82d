package dev.pluggable.internal.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentType;
import dev.pluggable.Draining;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.DelegatingStateStore;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.internal.endpoint.EndpointSource;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStoreKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HostShutdown}, without sockets.
 */
class HostShutdownTests {

	private static final Duration GRACE = Duration.ofMillis(200);

	private final HostThread thread = new HostThread("test-host");

	private final TestHost host = new TestHost(this.thread);

	private final HostShutdown shutdown = new HostShutdown(this.thread, this.host.endpoints, GRACE);

	private final List<Duration> graces = new ArrayList<>();

	@AfterEach
	void close() {
		this.thread.close(Duration.ofSeconds(10));
		this.host.close();
	}

	@Test
	void whenAnInstanceCannotDrainThenTheOthersDoAllTheSame() {
		try (LogCapture log = new LogCapture()) {
			add("a", (grace) -> {
				throw new IllegalStateException("no");
			});
			add("b", (grace) -> {
				this.graces.add(grace);
				return CompletableFuture.completedFuture(null);
			});
			this.shutdown.drain(this.host.registry);
			assertThat(this.graces).containsExactly(GRACE);
			assertThat(log.text()).contains("Components did not finish their work in order");
		}
	}

	@Test
	void whenTheCallerIsInterruptedThenItStaysInterruptedAndTheNextStepFollows() {
		add("a", (grace) -> new CompletableFuture<>());
		Thread.currentThread().interrupt();
		this.shutdown.drain(this.host.registry);
		this.shutdown.closeEndpoints();
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void whenEndpointsCloseThenTheyCloseOnTheHostsThread() {
		this.host.endpoints.get("a");
		this.host.endpoints.get("b");
		this.shutdown.closeEndpoints();
		assertThat(this.host.endpoints.all()).allSatisfy((endpoint) -> {
			assertThat(endpoint.status().state()).isEqualTo(EndpointState.WAITING);
			assertThat(endpoint.status().reason()).isEqualTo("the application is stopping");
		});
	}

	@Test
	void whenAnEndpointCannotCloseThenTheOthersCloseAllTheSame() {
		try (TestHost foreign = new TestHost(); LogCapture log = new LogCapture()) {
			HostEndpoints mixed = new HostEndpoints(
					(name) -> (name.equals("b") ? foreign : this.host).endpoints.get(name));
			List.of("a", "b", "c").forEach(mixed::get);
			new HostShutdown(this.thread, mixed, GRACE).closeEndpoints();
			assertThat(List.of("a", "c")).allSatisfy(
					(name) -> assertThat(mixed.get(name).status().reason()).isEqualTo("the application is stopping"));
			assertThat(log.text()).contains("ERROR Closing endpoint 'b' failed");
		}
	}

	@Test
	void whenASourceCannotCloseThenTheOthersCloseAllTheSame() {
		List<String> closed = new ArrayList<>();
		List<EndpointSource> sources = new ArrayList<>();
		for (String name : List.of("first", "bad", "last")) {
			TestHost.FakeSource source = new TestHost.FakeSource(this.host.endpoints.claims(name));
			source.close = () -> {
				if (name.equals("bad")) {
					throw new IllegalStateException("boom");
				}
				closed.add(name);
			};
			sources.add(source);
		}
		try (LogCapture log = new LogCapture()) {
			this.shutdown.closeSources(sources);
			assertThat(closed).containsExactly("first", "last");
			assertThat(log.text()).contains("ERROR Closing a source of endpoints failed").contains("boom");
		}
	}

	@Test
	void whenAnExecutorDoesNotEndThenItIsInterruptedAfterAWhile() throws Exception {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		executor.execute(() -> {
			running.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
			}
		});
		running.await();
		executor.shutdown();
		Thread.currentThread().interrupt();
		this.shutdown.awaitEnd(executor);
		assertThat(Thread.interrupted()).isTrue();
		assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
	}

	private void add(String name, Draining draining) {
		this.host.registry
			.add(BuiltInComponent.declared(StateStoreKind.INSTANCE, (instance, metadata) -> new DrainingStore(draining),
					new ComponentContext(name, new ComponentType("state", name), Map.of(), ApplicationIdentity.UNKNOWN),
					Map.of(), false, null));
	}

	/**
	 * A store whose drain the test controls.
	 */
	private static final class DrainingStore extends DelegatingStateStore implements Draining {

		private final Draining draining;

		DrainingStore(Draining draining) {
			super(new InMemoryStateStore());
			this.draining = draining;
		}

		@Override
		public CompletionStage<?> drain(Duration grace) {
			return this.draining.drain(grace);
		}

	}

}
