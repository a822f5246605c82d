package dev.pluggable.internal.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.internal.endpoint.MetadataSecrets;
import dev.pluggable.state.DeleteRequest;
import dev.pluggable.state.GetRequest;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link DeferredComponent} with fake time.
 */
class DeferredComponentTests {

	private final FakeHostThread thread = new FakeHostThread();

	private final List<ComponentState> told = new ArrayList<>();

	private @Nullable String waitsFor;

	private DeferredComponent<StateStore> component(ComponentFactory<StateStore> factory) {
		return new DeferredComponent<>(StateStoreKind.INSTANCE, factory,
				new ComponentContext("orders", ComponentType.of("state.mine"), Map.of(), ApplicationIdentity.UNKNOWN),
				false, new MetadataSecrets() {

					@Override
					public @Nullable String waitsFor() {
						return DeferredComponentTests.this.waitsFor;
					}

					@Override
					public CompletionStage<Map<String, String>> read() {
						return CompletableFuture.completedFuture(Map.of("pw", "hunter2"));
					}

				}, this.thread.thread(), Runnable::run, (event) -> this.told.add(event.status().state()), null);
	}

	private void attempt(DeferredComponent<?> component) {
		this.thread.run(component::attempt);
	}

	@Test
	void whenItsStoreIsNotReadyThenItWaitsAndCallsSayWhy() {
		this.waitsFor = "waits for secret store 'vault'";
		DeferredComponent<StateStore> component = component((name, metadata) -> new InMemoryStateStore());
		attempt(component);
		assertThat(component.status().state()).isEqualTo(ComponentState.PENDING);
		assertThat(this.told).isEmpty();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> component.instance().get("k"))
			.withMessageContaining("waits for secret store 'vault'");
		this.waitsFor = null;
		attempt(component);
		assertThat(component.status().state()).isEqualTo(ComponentState.READY);
		assertThat(this.told).containsExactly(ComponentState.READY);
	}

	@Test
	void whenItCannotBeCreatedThenItIsTriedAgainWithoutAnybodyAsking() {
		AtomicInteger attempts = new AtomicInteger();
		DeferredComponent<StateStore> component = component((name, metadata) -> {
			if (attempts.incrementAndGet() < 3) {
				throw new IllegalStateException("refused: " + metadata.get("pw"));
			}
			return new InMemoryStateStore();
		});
		attempt(component);
		assertThat(component.status().state()).isEqualTo(ComponentState.INIT_FAILED);
		assertThat(component.status().reason()).contains("refused: ******").doesNotContain("hunter2");
		this.thread.advance(Duration.ofSeconds(1));
		assertThat(attempts).hasValue(2);
		this.thread.advance(Duration.ofSeconds(2));
		assertThat(component.status().state()).isEqualTo(ComponentState.READY);
		this.thread.advance(Duration.ofMinutes(5));
		assertThat(attempts).hasValue(3);
		assertThat(this.told).containsExactly(ComponentState.INIT_FAILED, ComponentState.READY);
	}

	@Test
	void whenItsStoreBecomesReadyOftenThenThereIsOneAttemptToCome() {
		AtomicInteger attempts = new AtomicInteger();
		DeferredComponent<StateStore> component = component((name, metadata) -> {
			attempts.incrementAndGet();
			throw new IllegalStateException("no");
		});
		for (int i = 0; i < 10; i++) {
			attempt(component);
		}
		assertThat(attempts).hasValue(10);
		assertThat(component.status().state()).isEqualTo(ComponentState.INIT_FAILED);
		assertThat(this.thread.pending()).isEqualTo(1);
	}

	@Test
	void whenItsFeaturesCannotBeAskedForThenItIsClosedAndMadeAgain() {
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
	 * A store whose features cannot be read.
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
