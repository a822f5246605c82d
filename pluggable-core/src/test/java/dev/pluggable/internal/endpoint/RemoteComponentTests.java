package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.ProbeResult;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.internal.endpoint.FakeServer.Connection;
import dev.pluggable.internal.endpoint.FakeServer.Init;
import dev.pluggable.internal.endpoint.FakeServer.Mode;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link RemoteComponent} and {@link ComponentInitializer}, without a socket
 * and without waiting.
 */
class RemoteComponentTests {

	private FakeEndpoint fake = new FakeEndpoint();

	private RemoteComponent<Object> component = this.fake.declare("A", "orders");

	private void reset() {
		this.fake = new FakeEndpoint();
		this.component = this.fake.declare("A", "orders");
	}

	private ComponentState state() {
		return this.component.status().state();
	}

	// The transitions

	private void ready() {
		this.fake.ready();
	}

	private void unavailable() {
		this.fake.end(this.fake.ready());
	}

	private void initFailed() {
		this.fake.server.init = Init.FAILS;
		this.fake.ready();
	}

	/** Let {@code Init} fail on a second generation, after the loss of the first one. */
	private void initFailedAfterReady() {
		unavailable();
		this.fake.server.init = Init.FAILS;
		this.fake.advance(Duration.ofMillis(20));
	}

	private void discovered() {
		this.fake = new FakeEndpoint();
		this.component = this.fake.discover("A");
	}

	private void gone() {
		discovered();
		this.fake.run(() -> this.fake.endpoint.markGone());
	}

	private void goneAfterReady() {
		discovered();
		unavailable();
		this.fake.vanish();
		this.fake.run(() -> this.fake.endpoint.markGone());
	}

	private void serve(Set<String> services, Init init) {
		this.fake.server.services = services;
		this.fake.server.init = init;
		this.fake.server.mode = Mode.SERVING;
		this.fake.update("second");
	}

	/**
	 * Let another component of the same declaration take the kind B, and serve no A.
	 */
	private void serveTwinOnly() {
		this.fake.declare("B", "orders");
		serve(Set.of("test.B"), Init.SUCCEEDS);
	}

	private record Scenario(Runnable before, Runnable step) {
	}

	private Map<String, Scenario> scenarios() {
		Set<String> all = Set.of("test.A");
		Map<String, Scenario> scenarios = new LinkedHashMap<>();
		scenarios.put("PENDING --> READY", new Scenario(() -> {
		}, this::ready));
		scenarios.put("PENDING --> INIT_FAILED", new Scenario(() -> {
		}, this::initFailed));
		scenarios.put("PENDING --> GONE", new Scenario(() -> {
		}, this::serveTwinOnly));
		scenarios.put("READY --> UNAVAILABLE",
				new Scenario(this::ready, () -> this.fake.end(this.fake.server.latest())));
		scenarios.put("READY --> INIT_FAILED", new Scenario(() -> {
			ready();
			this.fake.server.init = Init.SILENT;
			this.fake.update("second");
		}, () -> this.fake.run(() -> {
			// The failure arrives after the loss, and before the task that handles the
			// loss.
			this.fake.server.latest().inits.get("A orders").completeExceptionally(new IllegalStateException("no"));
			this.fake.server.connections.get(0).end();
		})));
		scenarios.put("READY --> GONE", new Scenario(this::ready, this::serveTwinOnly));
		scenarios.put("UNAVAILABLE --> READY", new Scenario(this::unavailable, () -> serve(all, Init.SUCCEEDS)));
		scenarios.put("UNAVAILABLE --> INIT_FAILED", new Scenario(this::unavailable, () -> serve(all, Init.FAILS)));
		scenarios.put("UNAVAILABLE --> GONE", new Scenario(this::unavailable, this::serveTwinOnly));
		scenarios.put("INIT_FAILED --> READY", new Scenario(this::initFailed, () -> {
			this.fake.server.init = Init.SUCCEEDS;
			this.fake.advance(Duration.ofSeconds(1));
		}));
		scenarios.put("INIT_FAILED --> PENDING",
				new Scenario(this::initFailed, () -> this.fake.end(this.fake.server.latest())));
		scenarios.put("INIT_FAILED --> UNAVAILABLE",
				new Scenario(this::initFailedAfterReady, () -> this.fake.end(this.fake.server.latest())));
		scenarios.put("INIT_FAILED --> GONE", new Scenario(this::initFailed, this::serveTwinOnly));
		scenarios.put("GONE --> READY", new Scenario(this::gone, () -> serve(all, Init.SUCCEEDS)));
		scenarios.put("GONE --> INIT_FAILED", new Scenario(this::gone, () -> serve(all, Init.FAILS)));
		scenarios.put("GONE --> PENDING", new Scenario(this::gone, () -> serve(Set.of("test.X"), Init.FAILS)));
		scenarios.put("GONE --> UNAVAILABLE",
				new Scenario(this::goneAfterReady, () -> serve(Set.of("test.X"), Init.FAILS)));
		return scenarios;
	}

	@TestFactory
	Stream<DynamicTest> legalTransitions() {
		return scenarios().keySet().stream().map((arrow) -> DynamicTest.dynamicTest(arrow, () -> {
			reset();
			Scenario scenario = scenarios().get(arrow);
			String[] states = arrow.split(" --> ");
			scenario.before().run();
			assertThat(state()).hasToString(states[0]);
			this.fake.componentEvents.clear();
			scenario.step().run();
			assertThat(state()).hasToString(states[1]);
			assertThat(this.component.routed()).isEqualTo(states[1].equals("READY"));
			assertThat(this.component.status().reason() == null).isEqualTo(states[1].equals("READY"));
			assertThat(this.fake.componentEvents.stream().filter((event) -> event.component() == this.component)).last()
				.satisfies((event) -> {
					assertThat(event.status().state()).isEqualTo(state());
					assertThat(event.status().reason()).isEqualTo(this.component.status().reason());
					assertThat(event.status().generation()).isEqualTo(this.component.status().generation());
				});
		}));
	}

	@Test
	void eachLegalTransitionHasAScenario() {
		Set<String> legal = new TreeSet<>();
		ComponentTransitions.TABLE.table()
			.forEach((from, next) -> next.forEach((to) -> legal.add(from + " --> " + to)));
		assertThat(scenarios()).containsOnlyKeys(legal);
	}

	@TestFactory
	Stream<DynamicTest> illegalTransitions() {
		Map<ComponentState, Runnable> ways = Map.of(ComponentState.PENDING, () -> {
		}, ComponentState.READY, this::ready, ComponentState.UNAVAILABLE, this::unavailable, ComponentState.INIT_FAILED,
				this::initFailed, ComponentState.GONE, this::gone);
		List<DynamicTest> tests = new ArrayList<>();
		ways.forEach((from, way) -> Stream.of(ComponentState.values())
			.filter((to) -> !ComponentTransitions.TABLE.allows(from, to))
			.forEach((to) -> tests.add(DynamicTest.dynamicTest(from + " -x-> " + to, () -> {
				reset();
				way.run();
				assertThat(state()).isEqualTo(from);
				try (LogCapture log = new LogCapture()) {
					this.fake.run(() -> assertThat(this.component.goTo(to, "a test wants it")).isFalse());
					assertThat(log.text()).contains("refuses an illegal transition from " + from + " to " + to);
				}
				assertThat(state()).isEqualTo(from);
			}))));
		assertThat(tests).isNotEmpty();
		return tests.stream();
	}

	// Init

	@Test
	void whenInitFailsAgainAndAgainThenTheDelaysDoubleUpToHalfAMinute() {
		initFailed();
		List<Integer> attempts = new ArrayList<>();
		this.fake.server.init = Init.SILENT;
		this.fake.advance(Duration.ofSeconds(1).minusNanos(1));
		attempts.add(this.fake.server.latest().inits.size());
		this.fake.advance(Duration.ofNanos(1));
		attempts.add(this.fake.server.latest().inits.size());
		assertThat(attempts).containsExactly(0, 1);
		this.fake.advance(FakeServer.INIT_TIMEOUT);
		assertThat(this.component.status().reason()).startsWith("Init failed: no answer within 3s");
		this.fake.server.init = Init.SUCCEEDS;
		this.fake.advance(Duration.ofSeconds(2).minusNanos(1));
		assertThat(state()).isEqualTo(ComponentState.INIT_FAILED);
		this.fake.advance(Duration.ofNanos(1));
		assertThat(state()).isEqualTo(ComponentState.READY);
	}

	@Test
	void whenTheFutureOfAKindNeverEndsThenInitFailsASecondAfterItsTime() {
		this.fake.server.init = Init.NEVER_ENDS;
		ready();
		this.fake.advance(FakeServer.INIT_TIMEOUT.plusSeconds(1).minusNanos(1));
		assertThat(this.component.initializing()).isTrue();
		this.fake.advance(Duration.ofNanos(1));
		assertThat(this.component.initializing()).isFalse();
		assertThat(state()).isEqualTo(ComponentState.INIT_FAILED);
	}

	@Test
	void whenAKindThrowsThenInitFailed() {
		this.fake.server.init = Init.THROWS;
		ready();
		assertThat(state()).isEqualTo(ComponentState.INIT_FAILED);
		assertThat(this.component.status().reason()).contains("the kind throws");
	}

	@Test
	void whenTheConnectionIsLostDuringInitThenTheReasonTells() {
		this.fake.server.init = Init.SILENT;
		ready();
		this.fake.end(this.fake.server.latest());
		assertThat(this.component.status().reason()).contains("lost during Init");
		assertThat(this.component.initializing()).isFalse();
	}

	@Test
	void whenInitFailsOnANewGenerationThenTheEarlierOneStaysInUse() {
		ready();
		this.fake.server.init = Init.FAILS;
		this.fake.update("second");
		assertThat(state()).isEqualTo(ComponentState.READY);
		assertThat(this.component.status().reason()).startsWith("generation 2 is not used: Init failed");
		assertThat(this.component.status().generation()).isEqualTo(1);
		this.fake.server.init = Init.SUCCEEDS;
		this.fake.advance(Duration.ofSeconds(1));
		assertThat(this.component.status().generation()).isEqualTo(2);
		assertThat(this.component.status().reason()).isNull();
	}

	@Test
	void whenResumedDuringInitThenThereIsStillOneInit() {
		this.fake.server.init = Init.SILENT;
		ready();
		this.fake.run(() -> this.fake.endpoint.resume(this.component));
		this.fake.run(() -> this.fake.server.latest().inits.get("A orders").complete(Set.of("X")));
		assertThat(state()).isEqualTo(ComponentState.READY);
		assertThat(this.component.status().features()).containsExactly("X");
	}

	@Test
	void whenAComponentIsAttachedToAReadyEndpointThenItIsInitialised() {
		ready();
		RemoteComponent<Object> late = this.fake.declare("B", "late");
		assertThat(late.status().state()).isEqualTo(ComponentState.READY);
	}

	@Test
	void whenTheServerHasNoReflectionThenOneOfTwoTwinsIsGone() {
		RemoteComponent<Object> twin = this.fake.declare("B", "orders");
		this.fake.server.mode = Mode.WITHOUT_REFLECTION;
		this.fake.server.init = Init.SILENT;
		this.fake.update("first");
		Connection connection = this.fake.server.latest();
		this.fake.run(() -> connection.inits.get("B orders").complete(Set.of()));
		this.fake.run(() -> connection.inits.get("A orders")
			.completeExceptionally(Status.UNIMPLEMENTED.asRuntimeException()));
		assertThat(twin.status().state()).isEqualTo(ComponentState.READY);
		assertThat(state()).isEqualTo(ComponentState.GONE);
	}

	// Secrets

	private static final class Secrets implements MetadataSecrets {

		private @Nullable String waitsFor = "waits for secret store 'vault'";

		private CompletableFuture<Map<String, String>> values = new CompletableFuture<>();

		@Override
		public @Nullable String waitsFor() {
			return this.waitsFor;
		}

		@Override
		public CompletionStage<Map<String, String>> read() {
			return this.values;
		}

	}

	@Test
	void whenSecretsAreMissingThenInitWaitsForThem() {
		Secrets secrets = new Secrets();
		RemoteComponent<Object> needy = this.fake.declare("B", "needy", secrets);
		ready();
		assertThat(needy.status().state()).isEqualTo(ComponentState.PENDING);
		assertThat(needy.status().reason()).isEqualTo("waits for secret store 'vault'");
		secrets.waitsFor = null;
		this.fake.run(() -> this.fake.endpoint.resume(needy));
		assertThat(needy.initializing()).isTrue();
		assertThat(this.fake.server.latest().inits).isEmpty();
		this.fake.run(() -> secrets.values.complete(Map.of("password", "hunter2")));
		assertThat(needy.status().state()).isEqualTo(ComponentState.READY);
		assertThat(needy.secrets().mask("it is hunter2")).doesNotContain("hunter2");
	}

	@Test
	void whenSecretsAreNotReadInTimeThenInitFailed() {
		Secrets secrets = new Secrets();
		secrets.waitsFor = null;
		RemoteComponent<Object> needy = this.fake.declare("B", "needy", secrets);
		ready();
		this.fake.advance(FakeServer.INIT_TIMEOUT);
		assertThat(needy.status().reason()).startsWith("its secrets cannot be read: no answer within 3s");
		secrets.values = CompletableFuture.completedFuture(Map.of());
		this.fake.advance(Duration.ofSeconds(1));
		assertThat(needy.status().state()).isEqualTo(ComponentState.READY);
	}

	// Outages

	/** Make a call while the gate is closed, and return its status when it ends. */
	private AtomicReference<@Nullable Status> call(CallOptions options) {
		AtomicReference<@Nullable Status> outcome = new AtomicReference<>();
		ClientCall<HealthCheckRequest, HealthCheckResponse> call = ((ComponentClient) this.component.instance())
			.channel()
			.newCall(HealthGrpc.getCheckMethod(), options.withExecutor(Runnable::run));
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onClose(Status status, Metadata trailers) {
				outcome.set(status);
			}

		}, new Metadata());
		return outcome;
	}

	private void assertThatCallsFailAtOnce() {
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> call(CallOptions.DEFAULT));
	}

	private void lostAndDown() {
		Connection connection = this.fake.ready();
		this.fake.server.mode = Mode.DOWN;
		this.fake.end(connection);
	}

	@Test
	void whenAnOutageIsShortThenCallsWaitAndTheTimeCountsFromTheLoss() {
		lostAndDown();
		this.fake.advance(Duration.ofMillis(1500));
		AtomicReference<@Nullable Status> call = call(CallOptions.DEFAULT);
		this.fake.advance(Duration.ofMillis(499));
		assertThat(call.get()).isNull();
		this.fake.advance(Duration.ofMillis(1));
		assertThat(call.get().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		assertThat(call.get().getCause()).isInstanceOf(ComponentUnavailableException.class);
		assertThatCallsFailAtOnce();
	}

	@Test
	void whenAnOutageIsOverWithinTheGraceThenTheNextOneHasItsOwnGrace() {
		lostAndDown();
		this.fake.advance(Duration.ofSeconds(2));
		assertThatCallsFailAtOnce();
		this.fake.server.mode = Mode.SERVING;
		this.fake.advance(Duration.ofSeconds(2));
		assertThat(state()).isEqualTo(ComponentState.READY);
		this.fake.server.mode = Mode.DOWN;
		this.fake.end(this.fake.server.latest());
		assertThat(call(CallOptions.DEFAULT).get()).isNull();
	}

	@Test
	void whenACallMustNotWaitThenItFailsAtOnceInAShortOutage() {
		lostAndDown();
		assertThatExceptionOfType(ComponentUnavailableException.class)
			.isThrownBy(() -> call(CallOptions.DEFAULT.withOption(ComponentClient.NO_WAIT, true)));
	}

	@Test
	void whenThereIsNoSocketThenCallsWaitWhileTheStartIsYoung() {
		assertThat(call(CallOptions.DEFAULT).get()).isNull();
		this.fake.advance(Duration.ofSeconds(2));
		assertThatCallsFailAtOnce();
		this.component.started();
		assertThat(call(CallOptions.DEFAULT).get()).isNull();
	}

	@Test
	void whenTheFirstInitTakesLongerThanTheGraceThenCallsWaitForItsOutcome() {
		this.fake.server.init = Init.SILENT;
		ready();
		this.fake.advance(Duration.ofMillis(2500));
		AtomicReference<@Nullable Status> call = call(CallOptions.DEFAULT);
		this.fake.advance(Duration.ofMillis(400));
		assertThat(call.get()).isNull();
		this.fake.advance(Duration.ofMillis(200));
		assertThat(state()).isEqualTo(ComponentState.INIT_FAILED);
		assertThat(call.get().getCause()).isInstanceOf(ComponentUnavailableException.class);
		assertThatCallsFailAtOnce();
	}

	@Test
	void whenACallHasADeadlineThenNothingHoldsItLonger() {
		this.fake.server.init = Init.SILENT;
		ready();
		AtomicReference<@Nullable Status> call = call(
				CallOptions.DEFAULT.withDeadline(Deadline.after(0, TimeUnit.NANOSECONDS)));
		this.fake.advance(Duration.ofMillis(1));
		assertThat(call.get().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
	}

	// Probes and the end

	@Test
	void whenAProbeFailsThenTheHealthIsReportedOnce() {
		ready();
		this.fake.health = ProbeResult.Health.DOWN;
		this.fake.advance(Duration.ofSeconds(30));
		assertThat(this.component.status().probe().health()).isEqualTo(ProbeResult.Health.DOWN);
		assertThat(this.fake.componentEvents.stream()
			.filter((event) -> event.status().probe().health() == ProbeResult.Health.DOWN)).hasSize(1);
		this.fake.server.mode = Mode.DOWN;
		this.fake.end(this.fake.server.latest());
		assertThat(this.component.status().probe()).isEqualTo(ProbeResult.NONE);
	}

	@Test
	void whenTheEndpointClosesThenTheComponentStops() {
		ready();
		this.fake.run(() -> this.fake.endpoint.close());
		assertThat(state()).isEqualTo(ComponentState.UNAVAILABLE);
		assertThat(this.component.unavailability()).isEqualTo("the application is stopping");
		assertThat(this.component.route()).isNull();
	}

	@Test
	void whenAnotherThreadChangesTheStateThenItIsRefused() throws InterruptedException {
		List<Throwable> failures = new ArrayList<>();
		Thread thread = new Thread(() -> this.component.notReady(ComponentState.GONE, "test"), "another");
		thread.setUncaughtExceptionHandler((failed, ex) -> failures.add(ex));
		thread.start();
		thread.join();
		assertThatIllegalStateException().isThrownBy(() -> {
			throw failures.get(0);
		}).withMessageContaining("host's thread");
		assertThat(state()).isEqualTo(ComponentState.PENDING);
	}

}
