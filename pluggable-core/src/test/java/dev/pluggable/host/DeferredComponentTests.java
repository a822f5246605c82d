package dev.pluggable.host;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.state.DeleteRequest;
import dev.pluggable.state.GetRequest;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link DeferredComponent} on its own.
 */
@Timeout(60)
class DeferredComponentTests {

	private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);

	@BeforeEach
	void begin() {
		this.executor.setRemoveOnCancelPolicy(true);
	}

	@AfterEach
	void end() throws InterruptedException {
		this.executor.shutdownNow();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	private DeferredComponent<StateStore> component(ComponentFactory<StateStore> factory) {
		DefaultComponentRegistry registry = new DefaultComponentRegistry(List.of(StateStoreKind.INSTANCE),
				Runnable::run);
		return new DeferredComponent<>(StateStoreKind.INSTANCE, factory,
				new ComponentContext("orders", ComponentType.of("state.mine"), Map.of(), ApplicationIdentity.UNKNOWN),
				false, new SecretReferences(Map.of(), registry, Runnable::run), this.executor, Runnable::run,
				(event) -> {
				});
	}

	private void attempt(DeferredComponent<?> component) throws Exception {
		this.executor.submit(component::attempt).get(10, TimeUnit.SECONDS);
		// What came of it was told after that.
		this.executor.submit(() -> {
		}).get(10, TimeUnit.SECONDS);
	}

	@Test
	void whenItsStoreBecomesReadyOftenThenThereIsOneAttemptToCome() throws Exception {
		AtomicInteger attempts = new AtomicInteger();
		DeferredComponent<StateStore> component = component((name, metadata) -> {
			attempts.incrementAndGet();
			throw new IllegalStateException("no");
		});
		for (int i = 0; i < 10; i++) {
			attempt(component);
		}
		assertThat(attempts).hasValueGreaterThanOrEqualTo(10);
		assertThat(component.status().state()).isEqualTo(ComponentState.INIT_FAILED);
		await().untilAsserted(() -> assertThat(this.executor.getQueue()).hasSize(1));
	}

	@Test
	void whenItsFeaturesCannotBeAskedForThenItIsClosedAndMadeAgain() throws Exception {
		AtomicInteger made = new AtomicInteger();
		AtomicInteger closed = new AtomicInteger();
		DeferredComponent<StateStore> component = component(
				(name, metadata) -> (made.incrementAndGet() == 1) ? new Broken(closed) : new InMemoryStateStore());
		attempt(component);
		assertThat(component.status().state()).isEqualTo(ComponentState.INIT_FAILED);
		assertThat(closed).hasValue(1);
		attempt(component);
		assertThat(component.status().state()).isEqualTo(ComponentState.READY);
		assertThat(component.instance().get("k")).isEmpty();
	}

	/**
	 * A store that does not say what it can do.
	 */
	private static final class Broken implements StateStore, AutoCloseable {

		private final AtomicInteger closed;

		Broken(AtomicInteger closed) {
			this.closed = closed;
		}

		@Override
		public Optional<StateItem> get(GetRequest request) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void set(SetRequest request) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void delete(DeleteRequest request) {
			throw new UnsupportedOperationException();
		}

		@Override
		public Set<String> features() {
			throw new IllegalStateException("no");
		}

		@Override
		public void close() {
			this.closed.incrementAndGet();
		}

	}

}
