package dev.pluggable.internal.host;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ComponentState;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.RemoteComponent;
import dev.pluggable.internal.host.TestHost.FakeSource;
import dev.pluggable.state.StateStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Reconciler} with {@link HostEndpoints} and fake sources.
 */
class ReconcilerTests {

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private static final Duration GONE_AFTER = Duration.ofSeconds(30);

	private final TestHost host = new TestHost();

	private final FakeSource plugins = new FakeSource(this.host.endpoints.claims("plugin"));

	private final FakeSource sockets = new FakeSource(this.host.endpoints.claims("socket"));

	private final AtomicInteger rounds = new AtomicInteger();

	private final Reconciler reconciler = new Reconciler(this.host.thread.thread(), List.of(this.plugins, this.sockets),
			this.host.endpoints, INTERVAL, GONE_AFTER, this.rounds::incrementAndGet);

	private LogCapture log;

	@BeforeEach
	void capture() {
		this.log = new LogCapture();
	}

	@AfterEach
	void close() {
		this.log.close();
		this.host.close();
	}

	@Test
	void whenItStartsThenItAsksAllSourcesAtOnceAndThenPeriodically() {
		this.reconciler.start();
		assertThat(this.reconciler.done()).isFalse();
		this.host.thread.runDue();
		assertThat(this.reconciler.done()).isTrue();
		assertThat(this.plugins.reconciliations).isEqualTo(1);
		assertThat(this.sockets.reconciliations).isEqualTo(1);
		this.host.thread.advance(INTERVAL.multipliedBy(3));
		assertThat(this.sockets.reconciliations).isEqualTo(4);
		assertThat(this.rounds).hasValue(4);
	}

	@Test
	void whenHintsComeThenOneRoundAnswersAllOfThem() {
		this.reconciler.start();
		this.host.thread.runDue();
		this.sockets.hint.run();
		this.plugins.hint.run();
		this.sockets.hint.run();
		this.host.thread.runDue();
		assertThat(this.rounds).hasValue(2);
		this.sockets.hint.run();
		this.host.thread.runDue();
		assertThat(this.rounds).hasValue(3);
	}

	@Test
	void whenItIsStoppedThenNoRoundFollows() {
		this.reconciler.start();
		this.host.thread.runDue();
		this.reconciler.stop();
		this.sockets.hint.run();
		this.host.thread.advance(INTERVAL.multipliedBy(3));
		assertThat(this.rounds).hasValue(1);
	}

	@Test
	void whenASourceFailsThenTheOthersAreAskedAndItIsAskedAgain() {
		this.plugins.reconcile = () -> {
			throw new IllegalStateException("no");
		};
		this.reconciler.start();
		this.host.thread.advance(INTERVAL);
		assertThat(this.plugins.reconciliations).isEqualTo(2);
		assertThat(this.sockets.reconciliations).isEqualTo(2);
		assertThat(this.rounds).hasValue(2);
		assertThat(this.log.text()).contains("Looking after");
	}

	@Test
	void whenTwoSourcesClaimANameThenItBelongsToTheFirstAndTheLogSaysSoOnce() {
		Endpoint endpoint = this.plugins.claims.claim("Relayer");
		assertThat(endpoint).isNotNull();
		assertThat(this.plugins.claims.claim("relayer")).isSameAs(endpoint);
		assertThat(this.sockets.claims.claim("relayer")).isNull();
		assertThat(this.sockets.claims.claim("RELAYER")).isNull();
		assertThat(this.log.text()).containsOnlyOnce("is not used, because the plugin 'Relayer' has its name");
		this.sockets.claims.withdraw("relayer");
		assertThat(this.host.endpoints.unclaimed()).isEmpty();
		this.plugins.claims.withdraw("relayer");
		assertThat(this.host.endpoints.unclaimed()).containsExactly(endpoint);
		assertThat(this.sockets.claims.claim("relayer")).isSameAs(endpoint);
	}

	@Test
	void whenNoSourceClaimsAnEndpointWithoutComponentsThenItIsForgotten() {
		this.sockets.claims.claim("guest");
		this.reconciler.start();
		this.host.thread.advance(INTERVAL);
		assertThat(this.host.endpoints.all()).extracting(Endpoint::name).containsExactly("guest");
		this.sockets.claims.withdraw("guest");
		this.host.thread.advance(INTERVAL);
		assertThat(this.host.endpoints.all()).isEmpty();
	}

	@Test
	void whenNoSourceClaimsTheEndpointOfADiscoveredComponentThenTheComponentGoesAfterAWhile() {
		RemoteComponent<StateStore> guest = this.host.component("guest", false, false);
		this.reconciler.start();
		this.host.thread.advance(GONE_AFTER.minus(INTERVAL));
		assertThat(guest.status().state()).isEqualTo(ComponentState.PENDING);
		this.host.thread.advance(INTERVAL.multipliedBy(2));
		assertThat(guest.status().state()).isEqualTo(ComponentState.GONE);
		assertThat(this.host.endpoints.all()).hasSize(1);
	}

	@Test
	void whenASourceClaimsTheEndpointAgainThenTheWaitBeginsAnew() {
		RemoteComponent<StateStore> guest = this.host.component("guest", false, false);
		this.reconciler.start();
		this.host.thread.advance(GONE_AFTER.minus(INTERVAL));
		this.sockets.claims.claim("guest");
		this.host.thread.advance(INTERVAL.multipliedBy(2));
		this.sockets.claims.withdraw("guest");
		this.host.thread.advance(GONE_AFTER.minus(INTERVAL));
		assertThat(guest.status().state()).isEqualTo(ComponentState.PENDING);
	}

	@Test
	void whenTheClockIsSetThenNothingGoesEarly() {
		RemoteComponent<StateStore> guest = this.host.component("guest", false, false);
		this.reconciler.start();
		this.host.thread.advance(INTERVAL);
		this.host.thread.time().setClock(java.time.Instant.parse("2040-01-01T00:00:00Z"));
		this.host.thread.advance(INTERVAL);
		assertThat(guest.status().state()).isEqualTo(ComponentState.PENDING);
	}

	@Test
	void whenADeclaredComponentHasNoEndpointThenItStays() {
		RemoteComponent<StateStore> orders = this.host.component("orders", true, true);
		this.reconciler.start();
		this.host.thread.advance(GONE_AFTER.multipliedBy(3));
		assertThat(orders.status().state()).isEqualTo(ComponentState.PENDING);
		assertThat(this.host.endpoints.all()).hasSize(1);
	}

}
