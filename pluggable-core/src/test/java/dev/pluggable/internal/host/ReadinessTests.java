package dev.pluggable.internal.host;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.pluggable.Component;
import dev.pluggable.internal.host.TestHost.FakeSource;
import dev.pluggable.internal.support.HostThread;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Readiness} with a fake source and without sockets.
 */
class ReadinessTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final TestHost host = new TestHost();

	private final FakeSource source = new FakeSource(this.host.endpoints.claims("plugin"));

	private final HostThread thread = new HostThread("test-host");

	private final Readiness readiness = new Readiness(this.thread, this.host.registry, this.host.endpoints,
			List.of(this.source));

	@AfterEach
	void close() {
		this.thread.close(LONG);
		this.host.close();
	}

	@Test
	void whenASourceStillBringsUpAnEndpointThenTheEndpointIsNotIdentified() {
		this.host.component("b", true, false);
		this.host.component("a", true, false);
		assertThat(this.readiness.unidentified()).isEmpty();
		this.source.settled.put("b", false);
		this.source.settled.put("a", false);
		assertThat(this.readiness.unidentified()).containsExactly("a", "b");
		assertThat(this.readiness.awaitIdentified(() -> true, Duration.ofMillis(1))).isFalse();
	}

	@Test
	void whenTheLastEndpointIsIdentifiedThenTheWaitEnds() {
		AtomicBoolean looked = new AtomicBoolean();
		CompletableFuture<Boolean> waiting = CompletableFuture
			.supplyAsync(() -> this.readiness.awaitIdentified(looked::get, LONG));
		check();
		assertThat(waiting).isNotDone();
		looked.set(true);
		await().atMost(LONG).until(() -> {
			check();
			return waiting.isDone();
		});
		assertThat(waiting).isCompletedWithValue(true);
	}

	@Test
	void whenARequiredComponentIsNotReadyThenItIsNamed() {
		Component<?> orders = this.host.component("orders", true, true);
		this.host.component("other", true, false);
		assertThat(this.readiness.awaitRequired(Duration.ofMillis(1), (component) -> true)).isEqualTo(List.of(orders));
	}

	@Test
	void whenTheHostClosesThenEverybodyGoesOnAtOnce() {
		Component<?> orders = this.host.component("orders", true, true);
		CompletableFuture<List<Component<?>>> waiting = CompletableFuture
			.supplyAsync(() -> this.readiness.awaitRequired(Duration.ofMinutes(10), (component) -> true));
		this.readiness.close();
		assertThat(waiting).succeedsWithin(LONG).isEqualTo(List.of(orders));
		assertThat(this.readiness.awaitIdentified(() -> true, Duration.ofMinutes(10))).isFalse();
	}

	@Test
	void whenAnotherThreadChecksThenItIsRefused() {
		assertThatIllegalStateException().isThrownBy(this.readiness::check);
	}

	private void check() {
		CompletableFuture<Void> done = new CompletableFuture<>();
		this.thread.execute("checking", () -> {
			this.readiness.check();
			done.complete(null);
		});
		done.orTimeout(LONG.toSeconds(), TimeUnit.SECONDS).join();
	}

}
