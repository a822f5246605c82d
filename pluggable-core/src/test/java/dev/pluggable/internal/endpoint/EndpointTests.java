package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentState;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.endpoint.FakeServer.Connection;
import dev.pluggable.internal.endpoint.FakeServer.Mode;
import dev.pluggable.internal.support.EndlessCalls;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Endpoint}, without a socket and without waiting.
 */
class EndpointTests {

	private static final Duration FIRST_RETRY = Duration.ofMillis(20);

	private static final Duration UNUSABLE_RETRY = Duration.ofSeconds(1);

	private FakeEndpoint fake = new FakeEndpoint();

	// The transitions

	private void connecting() {
		this.fake.server.mode = Mode.SILENT;
		this.fake.update("first");
	}

	private void lost() {
		this.fake.end(this.fake.ready());
	}

	private void lostAndDown() {
		Connection connection = this.fake.ready();
		this.fake.server.mode = Mode.DOWN;
		this.fake.end(connection);
		this.fake.advance(FIRST_RETRY);
	}

	private void flapping() {
		Connection connection = this.fake.ready();
		for (int i = 0; i < 2; i++) {
			this.fake.end(connection);
			this.fake.advance(Duration.ofMillis(100));
			connection = this.fake.server.latest();
		}
	}

	private void failed() {
		this.fake.server.mode = Mode.BROKEN;
		this.fake.update("first");
	}

	private void refused() {
		this.fake.server.mode = Mode.REFUSING;
		this.fake.update("first");
	}

	private void withdraw(EndpointState state) {
		this.fake.run(() -> this.fake.endpoint.withdraw(state, "the plugin has no process"));
	}

	private void retry(Mode mode) {
		this.fake.server.mode = mode;
		this.fake.advance(UNUSABLE_RETRY);
	}

	private record Scenario(Runnable before, Runnable step) {
	}

	private Map<String, Scenario> scenarios() {
		Map<String, Scenario> scenarios = new LinkedHashMap<>();
		scenarios.put("WAITING --> CONNECTING", new Scenario(() -> {
		}, this::connecting));
		scenarios.put("WAITING --> FAILED", new Scenario(() -> {
		}, () -> withdraw(EndpointState.FAILED)));
		scenarios.put("CONNECTING --> READY", new Scenario(this::connecting,
				() -> this.fake.run(() -> this.fake.server.latest().identify(Set.of()))));
		scenarios.put("CONNECTING --> FAILED", new Scenario(this::connecting,
				() -> this.fake.run(() -> this.fake.server.latest().fail(Status.INTERNAL))));
		scenarios.put("CONNECTING --> REFUSED", new Scenario(this::connecting,
				() -> this.fake.run(() -> this.fake.server.latest().refuse("uid 7 is not allowed"))));
		scenarios.put("CONNECTING --> LOST", new Scenario(() -> {
			Connection connection = this.fake.ready();
			this.fake.vanish();
			this.fake.end(connection);
			assertThat(this.fake.state()).isEqualTo(EndpointState.WAITING);
			this.fake.server.mode = Mode.SILENT;
			this.fake.update("second");
			this.fake.advance(FakeServer.CONNECT_TIMEOUT);
		}, () -> this.fake.advance(FakeServer.CONNECT_TIMEOUT)));
		scenarios.put("CONNECTING --> WAITING", new Scenario(() -> {
			connecting();
			this.fake.vanish();
		}, () -> this.fake.advance(FakeServer.CONNECT_TIMEOUT)));
		scenarios.put("READY --> LOST", new Scenario(this.fake::ready, () -> this.fake.end(this.fake.server.latest())));
		scenarios.put("READY --> FAILED", new Scenario(this::flapping, () -> this.fake.end(this.fake.server.latest())));
		scenarios.put("READY --> WAITING", new Scenario(() -> {
			this.fake.ready();
			this.fake.vanish();
		}, () -> this.fake.end(this.fake.server.latest())));
		scenarios.put("LOST --> READY", new Scenario(this::lost, () -> this.fake.advance(FIRST_RETRY)));
		scenarios.put("LOST --> FAILED", new Scenario(this::lostAndDown, () -> withdraw(EndpointState.FAILED)));
		scenarios.put("LOST --> REFUSED", new Scenario(this::lost, () -> retry(Mode.REFUSING)));
		scenarios.put("LOST --> WAITING", new Scenario(this::lostAndDown, this.fake::vanish));
		scenarios.put("FAILED --> READY", new Scenario(this::failed, () -> retry(Mode.SERVING)));
		scenarios.put("FAILED --> LOST", new Scenario(() -> {
			flapping();
			this.fake.end(this.fake.server.latest());
		}, () -> retry(Mode.BROKEN)));
		scenarios.put("FAILED --> REFUSED", new Scenario(this::failed, () -> retry(Mode.REFUSING)));
		scenarios.put("FAILED --> WAITING", new Scenario(this::failed, this.fake::vanish));
		scenarios.put("REFUSED --> READY", new Scenario(this::refused, () -> retry(Mode.SERVING)));
		scenarios.put("REFUSED --> LOST", new Scenario(() -> {
			lost();
			retry(Mode.REFUSING);
		}, () -> retry(Mode.BROKEN)));
		scenarios.put("REFUSED --> FAILED", new Scenario(this::refused, () -> retry(Mode.BROKEN)));
		scenarios.put("REFUSED --> WAITING", new Scenario(this::refused, this.fake::vanish));
		return scenarios;
	}

	@TestFactory
	Stream<DynamicTest> legalTransitions() {
		return scenarios().keySet().stream().map((arrow) -> DynamicTest.dynamicTest(arrow, () -> {
			this.fake = new FakeEndpoint();
			Scenario scenario = scenarios().get(arrow);
			String[] states = arrow.split(" --> ");
			scenario.before().run();
			assertThat(this.fake.state()).hasToString(states[0]);
			Instant since = this.fake.endpoint.status().since();
			this.fake.host.time().move(Duration.ofNanos(1));
			this.fake.reports.clear();
			scenario.step().run();
			assertThat(this.fake.state()).hasToString(states[1]);
			assertThat(this.fake.reports).contains(states[1]);
			assertThat(this.fake.endpoint.status().since()).isAfter(since);
			assertThat(this.fake.reason() == null).isEqualTo(Set.of("READY", "CONNECTING").contains(states[1]));
		}));
	}

	@Test
	void eachLegalTransitionHasAScenario() {
		Set<String> legal = new TreeSet<>();
		EndpointTransitions.TABLE.table().forEach((from, next) -> next.forEach((to) -> legal.add(from + " --> " + to)));
		assertThat(scenarios()).containsOnlyKeys(legal);
	}

	@TestFactory
	Stream<DynamicTest> illegalTransitions() {
		Map<EndpointState, Runnable> ways = Map.of(EndpointState.WAITING, () -> {
		}, EndpointState.CONNECTING, this::connecting, EndpointState.READY, () -> this.fake.ready(), EndpointState.LOST,
				this::lost, EndpointState.FAILED, this::failed, EndpointState.REFUSED, this::refused);
		List<DynamicTest> tests = new ArrayList<>();
		ways.forEach((from, way) -> Stream.of(EndpointState.values())
			.filter((to) -> !EndpointTransitions.TABLE.allows(from, to))
			.forEach((to) -> tests.add(DynamicTest.dynamicTest(from + " -x-> " + to, () -> {
				this.fake = new FakeEndpoint();
				way.run();
				assertThat(this.fake.state()).isEqualTo(from);
				try (LogCapture log = new LogCapture()) {
					this.fake.run(() -> this.fake.endpoint.goTo(to, "a test wants it"));
					assertThat(log.text()).contains("ERROR Endpoint 'redis' refuses an illegal transition from " + from
							+ " to " + to + ": a test wants it");
				}
				assertThat(this.fake.state()).isEqualTo(from);
				this.fake.server.mode = Mode.SERVING;
				this.fake.update("second");
				this.fake.advance(UNUSABLE_RETRY);
				assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
			}))));
		assertThat(tests).isNotEmpty();
		return tests.stream();
	}

	// The thread

	@Test
	void whenAnotherThreadCallsThenItIsRefused() {
		Endpoint endpoint = this.fake.endpoint;
		List<Runnable> calls = List.of(() -> endpoint.update(FakeServer.target("first")), () -> endpoint.update(null),
				() -> endpoint.withdraw(EndpointState.WAITING, "test"), () -> endpoint.disconnect("test"),
				() -> endpoint.stop("test"), endpoint::start, () -> endpoint.revert(FakeServer.target("first")),
				endpoint::markGone, endpoint::connected, endpoint::close,
				() -> endpoint.isConnectedTo(FakeServer.target("first")),
				() -> endpoint.isReadyOn(FakeServer.target("first")),
				() -> endpoint.isSettledOn(FakeServer.target("first")),
				() -> endpoint.goTo(EndpointState.CONNECTING, null));
		for (Runnable call : calls) {
			assertThat(failureOnAnotherThread(call)).isInstanceOf(IllegalStateException.class)
				.hasMessageContaining("host's thread");
		}
		assertThat(this.fake.state()).isEqualTo(EndpointState.WAITING);
		assertThat(endpoint.isStopped()).isFalse();
	}

	private static void onAnotherThread(Runnable task) {
		assertThat(failureOnAnotherThread(task)).isNull();
	}

	private static @Nullable Throwable failureOnAnotherThread(Runnable task) {
		AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
		Thread thread = new Thread(task, "another");
		thread.setUncaughtExceptionHandler((failed, ex) -> failure.set(ex));
		thread.start();
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		return failure.get();
	}

	@Test
	void whenAListenerCallsBackThenTheTransitionHasEnded() {
		List<EndpointState> seen = new ArrayList<>();
		this.fake.onChanged = () -> {
			seen.add(this.fake.state());
			assertThat(StackWalker.getInstance()
				.<Boolean>walk((frames) -> frames.anyMatch((frame) -> frame.getMethodName().equals("goTo")))).isFalse();
			if (this.fake.state() == EndpointState.READY) {
				this.fake.endpoint.disconnect("the listener wants it");
			}
		};
		this.fake.ready();
		assertThat(seen).containsExactly(EndpointState.CONNECTING, EndpointState.READY, EndpointState.WAITING);
		assertThat(this.fake.reason()).isEqualTo("the listener wants it");
	}

	@Test
	void whenAListenerFailsThenTheLogTellsAndTheEndpointGoesOn() {
		this.fake.onIdentified = () -> {
			throw new IllegalStateException("no offer");
		};
		this.fake.onChanged = () -> {
			throw new IllegalStateException("no report");
		};
		try (LogCapture log = new LogCapture()) {
			this.fake.ready();
			assertThat(log.text()).contains("The services of endpoint 'redis' cannot be offered")
				.contains("no offer")
				.contains("The host's thread failed while reporting a change of endpoint 'redis'")
				.contains("no report");
		}
		assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
	}

	// Time

	@Test
	void whenTheClockIsSetBackThenALongGenerationIsStillLong() {
		Connection connection = this.fake.ready();
		this.fake.advance(Duration.ofSeconds(11));
		this.fake.host.time().setClock(Instant.EPOCH);
		this.fake.end(connection);
		this.fake.advance(Duration.ZERO);
		assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
		assertThat(this.fake.server.connections).hasSize(2);
	}

	@Test
	void whenTheClockIsSetForwardThenShortGenerationsAreStillShort() {
		Connection connection = this.fake.ready();
		for (int i = 0; i < 2; i++) {
			this.fake.host.time().setClock(this.fake.host.time().instant().plus(Duration.ofDays(1)));
			this.fake.end(connection);
			this.fake.advance(Duration.ofMillis(100));
			connection = this.fake.server.latest();
		}
		this.fake.end(connection);
		assertThat(this.fake.state()).isEqualTo(EndpointState.FAILED);
		assertThat(this.fake.reason()).contains("ends each connection soon");
	}

	@Test
	void whenNobodyListensThenTheDelaysDoubleUpToASecond() {
		this.fake.server.mode = Mode.DOWN;
		this.fake.update("first");
		assertThat(this.fake.server.connections).hasSize(1);
		assertThat(this.fake.reason()).contains("nobody listens");
		this.fake.advance(Duration.ofMillis(4));
		this.fake.server.mode = Mode.BROKEN;
		assertThat(this.fake.server.connections).hasSize(1);
		this.fake.advance(Duration.ofMillis(1));
		assertThat(this.fake.server.connections).hasSize(2);
	}

	@Test
	void whenTheServerIsOfNoUseThenTheDelaysDoubleUpToHalfAMinute() {
		failed();
		int expected = 1;
		for (int seconds : List.of(1, 2, 4, 8, 16, 30, 30)) {
			this.fake.advance(Duration.ofSeconds(seconds).minusNanos(1));
			assertThat(this.fake.server.connections).hasSize(expected++);
			this.fake.advance(Duration.ofNanos(1));
			assertThat(this.fake.server.connections).hasSize(expected);
		}
	}

	@Test
	void whenFaultsAlternateThenEachIsLoggedOncePerTarget() {
		try (LogCapture log = new LogCapture()) {
			for (String target : List.of("first", "second")) {
				this.fake.server.mode = Mode.SILENT;
				this.fake.update(target);
				for (int i = 0; i < 10; i++) {
					this.fake.advance(Duration.ofMinutes(1));
					this.fake.server.mode = (i % 2 == 0) ? Mode.BROKEN : Mode.SILENT;
				}
			}
			List<String> warnings = log.text().lines().filter((line) -> line.startsWith("WARN")).toList();
			assertThat(warnings).hasSize(4);
			assertThat(warnings).filteredOn((line) -> line.contains("broken")).hasSize(2);
			assertThat(warnings).filteredOn((line) -> line.contains("no answer within 15s")).hasSize(2);
		}
	}

	// Targets

	@Test
	void whenATargetAppearsDuringAnAttemptThenTheAttemptIsReplaced() {
		connecting();
		Connection first = this.fake.server.latest();
		this.fake.server.mode = Mode.SERVING;
		this.fake.update("second");
		assertThat(first.isShutdown()).isTrue();
		assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
		this.fake.run(() -> first.identify(Set.of("late")));
		assertThat(this.fake.endpoint.status().services()).doesNotContain("late");
		assertThat(this.fake.endpoint.status().generation()).isEqualTo(1);
	}

	@Test
	void whenItsProcessIsGivenUpOnPurposeThenStreamsAreToldSoThatTheProcessCanEnd() {
		RemoteComponent<Object> component = this.fake.declare("A", "redis");
		List<String> heard = new ArrayList<>();
		((EndpointChannel) component.instance()).onStop(() -> heard.add("stop"));
		this.fake.ready();
		this.fake.run(() -> this.fake.endpoint.disconnect("it is being restarted"));
		assertThat(heard).containsExactly("stop");
		this.fake.ready();
		this.fake.run(() -> this.fake.endpoint.stop("it is stopped"));
		assertThat(heard).containsExactly("stop", "stop");
	}

	@ParameterizedTest
	@EnumSource(names = { "WAITING", "FAILED" })
	void whenTheEndOfTheProcessIsKnownBeforeThatOfItsConnectionThenTheComponentTellsWhyTheProcessEnded(
			EndpointState state) {
		RemoteComponent<Object> component = this.fake.declare("A", "redis");
		Connection connection = this.fake.ready();
		withdraw(state);
		this.fake.end(connection);
		assertThat(component.status().reason()).isEqualTo("the plugin has no process");
		assertThat(this.fake.state()).isEqualTo(state);
		assertThat(this.fake.reason()).isEqualTo("the plugin has no process");
	}

	@Test
	void whenTheSocketHasGoneBeforeTheConnectionThenTheComponentTellsThatTheConnectionWasLost() {
		RemoteComponent<Object> component = this.fake.declare("A", "redis");
		Connection connection = this.fake.ready();
		this.fake.vanish();
		this.fake.end(connection);
		assertThat(component.status().reason()).startsWith("the connection was lost").isEqualTo(this.fake.reason());
	}

	@Test
	void whenDisconnectedDuringAnAttemptThenItWaits() {
		connecting();
		this.fake.run(() -> this.fake.endpoint.disconnect("the plugin has not started"));
		assertThat(this.fake.state()).isEqualTo(EndpointState.WAITING);
		assertThat(this.fake.reason()).isEqualTo("the plugin has not started");
		assertThat(this.fake.server.latest().isShutdown()).isTrue();
	}

	@Test
	void whenTheCurrentGenerationIsLostDuringAnAttemptWithoutTargetThenTheAttemptStillCounts() {
		Connection connection = this.fake.ready();
		this.fake.server.mode = Mode.SILENT;
		this.fake.update("second");
		this.fake.vanish();
		this.fake.end(connection);
		assertThat(this.fake.state()).isEqualTo(EndpointState.LOST);
		this.fake.run(() -> this.fake.server.latest().identify(Set.of()));
		assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
		assertThat(this.fake.endpoint.status().generation()).isEqualTo(2);
	}

	@Test
	void whenStoppedThenLossesAreNoFaultsUntilItStarts() {
		RemoteComponent<Object> component = this.fake.declare("A", "orders");
		this.fake.ready();
		this.fake.run(() -> this.fake.endpoint.stop("plugin 'redis' is stopped"));
		assertThat(this.fake.endpoint.isStopped()).isTrue();
		assertThat(component.status().reason()).isEqualTo("plugin 'redis' is stopped");
		assertThat(this.fake.state()).isEqualTo(EndpointState.WAITING);
		assertThat(this.fake.endpoint.status().lastError()).isNull();
		this.fake.run(() -> this.fake.endpoint.start());
		this.fake.update("second");
		assertThat(component.status().state()).isEqualTo(ComponentState.READY);
		assertThat(this.fake.endpoint.isStopped()).isFalse();
	}

	// Generations

	@Test
	void whenANewProcessTakesOverThenTheEarlierConnectionDrainsWithinItsTime() {
		RemoteComponent<Object> component = this.fake.declare("A", "orders");
		Connection first = this.fake.ready();
		this.fake.server.busy = true;
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.update("second");
		Connection second = this.fake.server.latest();
		assertThat(this.fake.endpoint.status().generation()).isEqualTo(2);
		assertThat(component.status().state()).isEqualTo(ComponentState.READY);
		assertThat(component.status().generation()).isEqualTo(1);
		assertThat(first.isShutdown()).isFalse();
		this.fake.run(() -> second.inits.get("A orders").complete(Set.of()));
		assertThat(component.status().generation()).isEqualTo(2);
		assertThat(first.isShutdown()).isTrue();
		assertThat(first.ended).isFalse();
		assertThat(connectedTo("first")).isTrue();
		this.fake.advance(FakeEndpoint.DRAIN_TIMEOUT);
		assertThat(first.ended).isTrue();
		assertThat(connectedTo("first")).isFalse();
		assertThat(second.isShutdown()).isFalse();
		assertThat(this.fake.endpoint.status().reconnects()).isEqualTo(1);
	}

	@Test
	void whenAnotherProcessTakesOverThenACallWithADeadlineEndsOnTheEarlierOneHoweverLongItTakes() {
		RemoteComponent<Object> component = this.fake.declare("A", "orders");
		Connection first = this.fake.ready();
		List<Status> outcomes = new ArrayList<>();
		call(component, CallOptions.DEFAULT.withDeadlineAfter(120, TimeUnit.SECONDS), outcomes);
		this.fake.advance(Duration.ofSeconds(25));
		this.fake.update("second");
		assertThat(component.status().generation()).isEqualTo(2);
		this.fake.advance(FakeEndpoint.DRAIN_TIMEOUT.minusMillis(1));
		assertThat(outcomes).isEmpty();
		assertThat(connectedTo("first")).isTrue();
		first.calls.get(0).end(Status.OK);
		assertThat(outcomes).containsExactly(Status.OK);
		assertThat(connectedTo("first")).isFalse();
	}

	@Test
	void whenAnotherProcessTakesOverThenACallWithoutADeadlineEndsAfterTheCallTimeout() {
		RemoteComponent<Object> component = this.fake.declare("A", "orders");
		Connection first = this.fake.ready();
		List<Status> outcomes = new ArrayList<>();
		List<Status> handedOver = new ArrayList<>();
		call(component, CallOptions.DEFAULT, outcomes);
		call(component, CallOptions.DEFAULT.withOption(EndlessCalls.HANDED_OVER, true), handedOver);
		this.fake.advance(Duration.ofMinutes(5));
		this.fake.update("second");
		this.fake.advance(FakeEndpoint.CALL_TIMEOUT.minusMillis(1));
		assertThat(outcomes).isEmpty();
		this.fake.advance(Duration.ofMillis(1));
		assertThat(outcomes).singleElement().satisfies((status) -> {
			assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
			assertThat(status.getDescription()).contains("was replaced", "no deadline", "within 5s (call-timeout)");
		});
		assertThat(handedOver).isEmpty();
		assertThat(connectedTo("first")).isTrue();
		first.calls.get(1).end(Status.OK);
		assertThat(connectedTo("first")).isFalse();
	}

	private static void call(RemoteComponent<Object> component, CallOptions options, List<Status> outcomes) {
		ClientCall<String, String> call = ((ComponentClient) component.instance()).channel()
			.newCall(Texts.method("test.A", "Watch", MethodDescriptor.MethodType.BIDI_STREAMING), options);
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onClose(Status status, Metadata trailers) {
				outcomes.add(status);
			}

		}, new Metadata());
	}

	private boolean connectedTo(String identity) {
		List<Boolean> connected = new ArrayList<>();
		this.fake.run(() -> connected.add(this.fake.endpoint.isConnectedTo(FakeServer.target(identity))));
		return connected.get(0);
	}

	@Test
	void whenTheNewProcessIsOfNoUseThenTheCurrentGenerationStays() {
		Connection first = this.fake.ready();
		this.fake.server.mode = Mode.BROKEN;
		try (LogCapture log = new LogCapture()) {
			this.fake.update("second");
			assertThat(log.text()).contains("WARN Endpoint 'redis' keeps generation 1");
		}
		assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
		assertThat(this.fake.endpoint.status().lastError()).contains("broken");
		assertThat(first.isShutdown()).isFalse();
		assertThat(this.fake.server.latest().isShutdown()).isTrue();
	}

	@Test
	void whenAnAttemptGetsNoAnswerThenTheNextOneHasMoreTimeAndNothingIsReported() {
		try (LogCapture log = new LogCapture()) {
			connecting();
			this.fake.advance(FakeServer.CONNECT_TIMEOUT);
			assertThat(this.fake.state()).isEqualTo(EndpointState.CONNECTING);
			assertThat(this.fake.server.connections).hasSize(2);
			assertThat(this.fake.server.connections.get(0).isShutdown()).isTrue();
			this.fake.run(() -> this.fake.server.latest().identify(Set.of()));
			assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
			assertThat(this.fake.endpoint.status().lastError()).isNull();
			assertThat(log.text()).doesNotContain("WARN");
		}
	}

	// Peaceful ends

	@Test
	void whenTheServerEndsAConnectionInPeaceThenTheGenerationOnlyGetsAnotherNumber() {
		RemoteComponent<Object> component = this.fake.declare("A", "orders");
		Connection connection = this.fake.ready();
		this.fake.reports.clear();
		try (LogCapture log = new LogCapture()) {
			for (int i = 2; i < 20; i++) {
				this.fake.run(connection::goAway);
				assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
				assertThat(component.status().state()).isEqualTo(ComponentState.READY);
				this.fake.run(connection::renew);
				assertThat(this.fake.endpoint.status().generation()).isEqualTo(i);
				assertThat(component.status().generation()).isEqualTo(i);
				this.fake.advance(Duration.ofMillis(1));
			}
			assertThat(log.text()).doesNotContain("WARN").doesNotContain("INFO");
		}
		assertThat(this.fake.server.connections).hasSize(1);
		assertThat(this.fake.reports).doesNotContain("LOST", "FAILED", "A UNAVAILABLE");
		assertThat(this.fake.endpoint.status().lastError()).isNull();
	}

	@Test
	void whenTheProcessIsGoneAfterAPeacefulEndThenItConnectsAtOnceAndCallsInFlightMayEnd() {
		Connection first = this.fake.ready();
		this.fake.server.busy = true;
		this.fake.run(first::goAway);
		this.fake.run(first::retire);
		assertThat(first.isShutdown()).isTrue();
		assertThat(first.ended).isFalse();
		this.fake.advance(Duration.ZERO);
		assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
		assertThat(this.fake.server.connections).hasSize(2);
	}

	@Test
	void whenProcessesEndInPeaceAgainAndAgainThenTheServerIsNotCalledUnstable() {
		this.fake.ready();
		for (int i = 0; i < 10; i++) {
			Connection connection = this.fake.server.latest();
			this.fake.run(connection::goAway);
			this.fake.run(connection::retire);
			this.fake.advance(Duration.ZERO);
			assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
		}
		assertThat(this.fake.reports).doesNotContain("FAILED");
	}

	@Test
	void whenAConnectionIsNotRenewedInTimeThenTheGenerationIsLost() {
		Connection first = this.fake.ready();
		this.fake.run(first::goAway);
		this.fake.advance(FakeServer.CONNECT_TIMEOUT.minusNanos(1));
		assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
		this.fake.server.mode = Mode.DOWN;
		this.fake.advance(Duration.ofNanos(1));
		assertThat(this.fake.state()).isEqualTo(EndpointState.LOST);
	}

	@Test
	void whenARetiredGenerationIsRenewedThenTheCurrentOneHasTheHighestNumber() {
		RemoteComponent<Object> component = this.fake.declare("A", "orders");
		Connection first = this.fake.ready();
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.update("second");
		this.fake.run(first::goAway);
		this.fake.run(first::renew);
		assertThat(component.status().generation()).isEqualTo(3);
		assertThat(this.fake.endpoint.status().generation()).isEqualTo(4);
		this.fake.run(() -> this.fake.server.latest().inits.get("A orders").complete(Set.of()));
		assertThat(component.status().generation()).isEqualTo(4);
	}

	@Test
	void whenTheNextGenerationIsBeingMadeAfterAPeacefulEndThenItsOutcomeIsAwaited() {
		RemoteComponent<Object> component = this.fake.declare("A", "orders");
		Connection first = this.fake.ready();
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.run(first::goAway);
		this.fake.run(first::retire);
		assertThat(this.fake.endpoint.isAwaited(component)).isTrue();
		this.fake.advance(Duration.ZERO);
		assertThat(component.status().state()).isEqualTo(ComponentState.UNAVAILABLE);
		assertThat(this.fake.endpoint.isAwaited(component)).isTrue();
		this.fake.advance(FakeServer.INIT_TIMEOUT);
		assertThat(component.status().state()).isEqualTo(ComponentState.INIT_FAILED);
		assertThat(this.fake.endpoint.isAwaited(component)).isFalse();
	}

	@Test
	void whenTheFirstGenerationIsBeingMadeThenItsOutcomeIsAwaited() {
		RemoteComponent<Object> component = this.fake.declare("A", "orders");
		assertThat(this.fake.endpoint.isAwaited(component)).isFalse();
		connecting();
		assertThat(this.fake.endpoint.isAwaited(component)).isTrue();
		this.fake.advance(FakeServer.CONNECT_TIMEOUT.multipliedBy(2));
		assertThat(this.fake.state()).isEqualTo(EndpointState.FAILED);
		assertThat(this.fake.endpoint.isAwaited(component)).isFalse();
		this.fake.advance(UNUSABLE_RETRY);
		assertThat(this.fake.endpoint.isAwaited(component)).isFalse();
	}

	@Test
	void whenAConnectionIsLostThenNobodyWaitsForTheNextGeneration() {
		RemoteComponent<Object> component = this.fake.declare("A", "orders");
		Connection first = this.fake.ready();
		this.fake.server.mode = Mode.SILENT;
		this.fake.end(first);
		this.fake.advance(FIRST_RETRY);
		assertThat(this.fake.server.connections).hasSize(2);
		assertThat(this.fake.endpoint.isAwaited(component)).isFalse();
	}

	@Test
	void whenRevertedThenTheEarlierGenerationIsCurrentUnderANewNumber() {
		this.fake.server.init = FakeServer.Init.SILENT;
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.run(() -> first.inits.get("A orders").complete(Set.of()));
		this.fake.run(() -> first.inits.get("B orders2").completeExceptionally(Status.INTERNAL.asRuntimeException()));
		this.fake.update("second");
		Connection second = this.fake.server.latest();
		this.fake.run(() -> second.inits.get("B orders2").complete(Set.of()));
		assertThat(b.status().generation()).as("no process served it").isEqualTo(2);
		this.fake.server.init = FakeServer.Init.SUCCEEDS;
		this.fake.run(() -> this.fake.endpoint.revert(FakeServer.target("first")));
		assertThat(second.isShutdown()).isTrue();
		assertThat(first.isShutdown()).isFalse();
		assertThat(this.fake.endpoint.status().generation()).isEqualTo(3);
		assertThat(List.of(a, b)).allSatisfy((component) -> {
			assertThat(component.status().state()).isEqualTo(ComponentState.READY);
			assertThat(component.status().generation()).isEqualTo(3);
		});
		assertThat(this.fake.componentEvents).extracting((event) -> event.status().state())
			.contains(ComponentState.UNAVAILABLE);
	}

	@Test
	void whenRevertedDuringInitThenTheRunningInitIsUsed() {
		this.fake.server.init = FakeServer.Init.SILENT;
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.run(() -> first.inits.get("A orders").complete(Set.of()));
		this.fake.update("second");
		this.fake.run(() -> this.fake.endpoint.revert(FakeServer.target("first")));
		assertThat(b.initializing()).isTrue();
		this.fake.run(() -> first.inits.get("B orders2").complete(Set.of("MINE")));
		assertThat(a.status().state()).isEqualTo(ComponentState.READY);
		assertThat(b.status().state()).isEqualTo(ComponentState.READY);
		assertThat(b.status().features()).containsExactly("MINE");
	}

	@Test
	void whenAnotherProcessTakesOverThenAllComponentsMoveTogether() {
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.update("second");
		Connection second = this.fake.server.latest();
		this.fake.run(() -> second.inits.get("B orders2").complete(Set.of("NEW")));
		this.fake.update("second");
		assertThat(List.of(a, b)).allSatisfy((component) -> assertThat(component.status().generation()).isEqualTo(1));
		assertThat(first.isShutdown()).isFalse();
		this.fake.run(() -> second.inits.get("A orders").complete(Set.of()));
		assertThat(List.of(a, b)).allSatisfy((component) -> {
			assertThat(component.status().state()).isEqualTo(ComponentState.READY);
			assertThat(component.status().generation()).isEqualTo(2);
		});
		assertThat(b.status().features()).containsExactly("NEW");
		assertThat(first.isShutdown()).isTrue();
	}

	@Test
	void whenAnInitFailsOnTheProcessThatTakesOverThenAllComponentsStayUntilItSucceeds() {
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.update("second");
		Connection second = this.fake.server.latest();
		this.fake.run(() -> second.inits.get("B orders2").complete(Set.of()));
		this.fake.run(() -> second.inits.get("A orders").completeExceptionally(Status.INTERNAL.asRuntimeException()));
		assertThat(List.of(a, b)).allSatisfy((component) -> assertThat(component.status().generation()).isEqualTo(1));
		assertThat(a.status().reason()).startsWith("generation 2 is not used: Init failed");
		assertThat(first.isShutdown()).isFalse();
		this.fake.server.init = FakeServer.Init.SUCCEEDS;
		this.fake.advance(Duration.ofMinutes(1));
		assertThat(List.of(a, b)).allSatisfy((component) -> {
			assertThat(component.status().reason()).isNull();
			assertThat(component.status().generation()).isEqualTo(2);
		});
		assertThat(first.isShutdown()).isTrue();
	}

	@Test
	void whenTheEarlierProcessEndsDuringATakeoverThenComponentsComeBackOneByOne() {
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.update("second");
		Connection second = this.fake.server.latest();
		this.fake.run(() -> second.inits.get("B orders2").complete(Set.of()));
		this.fake.end(first);
		assertThat(b.status().state()).isEqualTo(ComponentState.READY);
		assertThat(b.status().generation()).isEqualTo(2);
		assertThat(a.status().state()).isEqualTo(ComponentState.UNAVAILABLE);
		this.fake.run(() -> second.inits.get("A orders").complete(Set.of()));
		assertThat(a.status().state()).isEqualTo(ComponentState.READY);
		assertThat(a.status().generation()).isEqualTo(2);
	}

	@Test
	void whenOneMoreProcessTakesOverBeforeAllHaveMovedThenAllMoveToTheLastOne() {
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.update("second");
		Connection second = this.fake.server.latest();
		this.fake.run(() -> second.inits.get("B orders2").complete(Set.of()));
		this.fake.vanish();
		assertThat(b.status().generation()).as("a missing socket moves nothing").isEqualTo(1);
		this.fake.update("third");
		Connection third = this.fake.server.latest();
		this.fake.run(() -> third.inits.get("A orders").complete(Set.of()));
		assertThat(List.of(a, b)).allSatisfy((component) -> assertThat(component.status().generation()).isEqualTo(1));
		assertThat(first.isShutdown()).isFalse();
		assertThat(second.isShutdown()).isTrue();
		this.fake.run(() -> third.inits.get("B orders2").complete(Set.of()));
		assertThat(List.of(a, b)).allSatisfy((component) -> assertThat(component.status().generation()).isEqualTo(3));
		assertThat(first.isShutdown()).isTrue();
	}

	@Test
	void whenNoProcessServesAComponentThenATakeoverBringsItAtOnce() {
		this.fake.server.init = FakeServer.Init.SILENT;
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.run(() -> first.inits.get("A orders").complete(Set.of()));
		this.fake.run(() -> first.inits.get("B orders2").completeExceptionally(Status.INTERNAL.asRuntimeException()));
		this.fake.update("second");
		Connection second = this.fake.server.latest();
		this.fake.run(() -> second.inits.get("B orders2").complete(Set.of()));
		assertThat(b.status().generation()).isEqualTo(2);
		assertThat(a.status().generation()).isEqualTo(1);
		this.fake.run(() -> second.inits.get("A orders").complete(Set.of()));
		assertThat(a.status().generation()).isEqualTo(2);
		assertThat(first.isShutdown()).isTrue();
	}

	@Test
	void whenAReplacementIsPreparedThenAllComponentsMoveTogether() {
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.server.init = FakeServer.Init.SILENT;
		Connection second = this.fake.prepare("second");
		this.fake.run(() -> second.inits.get("B orders2").complete(Set.of("NEW")));
		assertThat(this.fake.isReadyOn("second")).isFalse();
		assertThat(b.status().generation()).isEqualTo(1);
		assertThat(b.status().features()).containsExactly("FEATURE");
		this.fake.run(() -> second.inits.get("A orders").complete(Set.of()));
		assertThat(this.fake.isReadyOn("second")).isTrue();
		assertThat(a.status().generation()).isEqualTo(1);
		assertThat(first.isShutdown()).isFalse();
		this.fake.run(this.fake.endpoint::handOver);
		assertThat(List.of(a, b)).allSatisfy((component) -> {
			assertThat(component.status().state()).isEqualTo(ComponentState.READY);
			assertThat(component.status().generation()).isEqualTo(2);
		});
		assertThat(b.status().features()).containsExactly("NEW");
		assertThat(first.isShutdown()).isTrue();
	}

	@Test
	void whenAnInitFailsOnAReplacementThenAllComponentsStay() {
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.componentEvents.clear();
		Connection second = this.fake.prepare("second");
		this.fake.run(() -> second.inits.get("B orders2").complete(Set.of()));
		this.fake.run(() -> second.inits.get("A orders").completeExceptionally(Status.INTERNAL.asRuntimeException()));
		assertThat(this.fake.isReadyOn("second")).isFalse();
		assertThat(a.status().reason()).startsWith("generation 2 is not used: Init failed");
		this.fake.run(() -> this.fake.endpoint.revert(FakeServer.target("first")));
		assertThat(second.isShutdown()).isTrue();
		assertThat(this.fake.endpoint.status().generation()).isEqualTo(1);
		assertThat(List.of(a, b)).allSatisfy((component) -> {
			assertThat(component.status().reason()).isNull();
			assertThat(component.status().generation()).isEqualTo(1);
		});
		assertThat(this.fake.componentEvents).allSatisfy((event) -> {
			assertThat(event.status().state()).isEqualTo(ComponentState.READY);
			assertThat(event.status().generation()).isEqualTo(1);
		});
		assertThat(first.isShutdown()).isFalse();
		assertThat(this.fake.server.connections).hasSize(2);
	}

	@Test
	void whenTheReplacementEndsThenTheEarlierConnectionStaysInUse() {
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.server.init = FakeServer.Init.SILENT;
		Connection second = this.fake.prepare("second");
		this.fake.run(() -> second.inits.get("B orders2").complete(Set.of()));
		this.fake.end(second);
		assertThat(this.fake.isReadyOn("second")).isFalse();
		this.fake.run(() -> this.fake.endpoint.revert(FakeServer.target("first")));
		assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
		assertThat(List.of(a, b)).allSatisfy((component) -> assertThat(component.status().generation()).isEqualTo(1));
		assertThat(first.isShutdown()).isFalse();
		assertThat(this.fake.server.connections).hasSize(2);
	}

	@Test
	void whenTheEarlierProcessEndsThenComponentsMoveOneByOne() {
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.server.init = FakeServer.Init.SILENT;
		Connection second = this.fake.prepare("second");
		this.fake.componentEvents.clear();
		this.fake.run(() -> second.inits.get("B orders2").complete(Set.of()));
		this.fake.end(first);
		assertThat(b.status().generation()).isEqualTo(2);
		assertThat(this.fake.componentEvents).filteredOn((event) -> event.component() == b)
			.allSatisfy((event) -> assertThat(event.status().state()).isEqualTo(ComponentState.READY));
		assertThat(a.status().state()).isEqualTo(ComponentState.UNAVAILABLE);
		assertThat(a.status().reason()).as("the Init goes on").startsWith("the connection was lost:");
		this.fake.run(() -> second.inits.get("A orders").complete(Set.of()));
		assertThat(a.status().state()).isEqualTo(ComponentState.READY);
		assertThat(a.status().generation()).isEqualTo(2);
	}

	@Test
	void whenAReplacementLacksADeclaredComponentThenItCannotTakeOver() {
		this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		this.fake.ready();
		this.fake.server.services = Set.of("test.A");
		this.fake.prepare("second");
		assertThat(this.fake.isReadyOn("second")).isFalse();
		assertThat(b.status().state()).isEqualTo(ComponentState.READY);
		assertThat(this.fake.endpoint.status().lastError()).contains("does not offer B");
	}

	@Test
	void whenAReplacementLacksADiscoveredComponentThenThatOneLeaves() {
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.discover("B");
		Connection first = this.fake.ready();
		this.fake.server.services = Set.of("test.A");
		this.fake.prepare("second");
		assertThat(this.fake.isReadyOn("second")).isTrue();
		this.fake.run(this.fake.endpoint::handOver);
		assertThat(a.status().generation()).isEqualTo(2);
		this.fake.end(first);
		assertThat(b.status().state()).isEqualTo(ComponentState.UNAVAILABLE);
	}

	@Test
	void whenAComponentWorksOnNeitherProcessThenOnlyARequiredOneKeepsTheReplacementFromTakingOver() {
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.declare("A", "orders");
		RemoteComponent<Object> b = this.fake.declare("B", "orders2");
		Connection first = this.fake.ready();
		this.fake.run(() -> first.inits.get("A orders").complete(Set.of()));
		this.fake.run(() -> first.inits.get("B orders2").completeExceptionally(Status.INTERNAL.asRuntimeException()));
		assertThat(b.status().state()).isEqualTo(ComponentState.INIT_FAILED);
		Connection second = this.fake.prepare("second");
		this.fake.run(() -> second.inits.get("A orders").complete(Set.of()));
		this.fake.run(() -> second.inits.get("B orders2").completeExceptionally(Status.INTERNAL.asRuntimeException()));
		assertThat(this.fake.isReadyOn("second")).isTrue();
		this.fake.server.init = FakeServer.Init.FAILS;
		this.fake.require("B", "orders3");
		assertThat(this.fake.isReadyOn("second")).isFalse();
	}

	@Test
	void whenAStartIsSlowThenTheComponentTellsWhatItWaitsFor() {
		RemoteComponent<Object> a = this.fake.declare("A", "orders");
		assertThat(a.status().reason()).isEqualTo("waiting for endpoint 'redis': no socket has this name");
		this.fake.run(() -> this.fake.endpoint.waitFor("Plugin 'redis': it is starting"));
		assertThat(a.status().reason()).isEqualTo("waiting for endpoint 'redis': Plugin 'redis': it is starting");
		assertThat(this.fake.reason()).isEqualTo("Plugin 'redis': it is starting");
		this.fake.server.mode = Mode.SILENT;
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.update("first");
		assertThat(a.status().reason()).isEqualTo("waiting for endpoint 'redis': the host connects to it");
		this.fake.run(() -> this.fake.endpoint.waitFor("too late"));
		assertThat(this.fake.state()).isEqualTo(EndpointState.CONNECTING);
		this.fake.advance(FakeServer.CONNECT_TIMEOUT);
		assertThat(a.status().reason()).startsWith("waiting for endpoint 'redis': no answer within 5s")
			.endsWith("The next attempt has more time");
		this.fake.run(() -> this.fake.server.latest().identify(this.fake.server.services));
		assertThat(a.status().reason()).isEqualTo("waiting for endpoint 'redis': Init has not ended yet");
		assertThat(this.fake.componentEvents).isEmpty();
		this.fake.run(() -> this.fake.server.latest().inits.get("A orders").complete(Set.of()));
		assertThat(a.status().state()).isEqualTo(ComponentState.READY);
		assertThat(a.status().reason()).isNull();
	}

	@Test
	void whenThereIsNothingToRevertToThenItConnects() {
		this.fake.ready();
		this.fake.run(() -> this.fake.endpoint.revert(FakeServer.target("second")));
		assertThat(this.fake.server.latest().target.identity()).isEqualTo("second");
		assertThat(this.fake.endpoint.status().generation()).isEqualTo(2);
	}

	@Test
	void whenClosedThenAllConnectionsEndAndNothingFollows() {
		this.fake.declare("A", "orders");
		Connection first = this.fake.ready();
		this.fake.server.busy = true;
		this.fake.server.init = FakeServer.Init.SILENT;
		this.fake.update("second");
		Connection second = this.fake.server.latest();
		this.fake.server.mode = Mode.SILENT;
		this.fake.update("third");
		Connection third = this.fake.server.latest();
		List<ManagedChannel> channels = new ArrayList<>();
		this.fake.run(() -> channels.addAll(this.fake.endpoint.close()));
		assertThat(List.of(first, second, third)).allMatch(ManagedChannel::isShutdown);
		assertThat(channels).containsExactly(first, second);
		assertThat(third.ended).isTrue();
		assertThat(this.fake.reason()).isEqualTo("the application is stopping");
		this.fake.reports.clear();
		this.fake.server.mode = Mode.SERVING;
		this.fake.update("fourth");
		this.fake.advance(Duration.ofMinutes(5));
		assertThat(this.fake.server.connections).hasSize(3);
		assertThat(this.fake.reports).doesNotContain("READY");
	}

	@Test
	void whenASuspectedGenerationStillTakesCallsThenItStays() {
		Connection first = this.fake.ready();
		Generation generation = this.fake.endpoint.current();
		assertThat(generation).isNotNull();
		onAnotherThread(() -> this.fake.endpoint.suspect(generation));
		this.fake.advance(Duration.ZERO);
		assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
		assertThat(first.isShutdown()).isFalse();
	}

	@Test
	void whenTakingOverAConnectionFailsThenTheLogTellsAndAnotherAttemptFollows() {
		this.fake.server.onListen = () -> {
			throw new IllegalStateException("boom");
		};
		try (LogCapture log = new LogCapture()) {
			this.fake.ready();
			assertThat(log.text()).contains("ERROR Taking over a connection to endpoint 'redis' failed")
				.contains("IllegalStateException: boom");
		}
		assertThat(this.fake.state()).isEqualTo(EndpointState.LOST);
		assertThat(this.fake.server.latest().isTerminated()).isTrue();
		this.fake.server.onListen = () -> {
		};
		this.fake.advance(FIRST_RETRY);
		assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
		assertThat(this.fake.server.connections).hasSize(2);
	}

	// Probes

	@Test
	void whenReadyThenItIsProbedAtOnceAndAtIntervals() {
		this.fake.server.services = Set.of("grpc.health.v1.Health");
		this.fake.ready();
		this.fake.advance(Duration.ZERO);
		assertThat(this.fake.probes).isEqualTo(1);
		assertThat(this.fake.endpoint.status().probe().health()).isEqualTo(ProbeResult.Health.UP);
		this.fake.advance(Duration.ofSeconds(10));
		assertThat(this.fake.probes).isEqualTo(2);
		this.fake.health = ProbeResult.Health.DOWN;
		this.fake.advance(Duration.ofSeconds(10));
		assertThat(this.fake.endpoint.status().probe().health()).isEqualTo(ProbeResult.Health.DOWN);
		int before = this.fake.probes;
		this.fake.advance(Duration.ofSeconds(5));
		assertThat(this.fake.probes).isEqualTo(before + 5);
	}

	@Test
	void whenAProbeTellsNothingNewThenItsResultWaitsForTheNextTick() {
		this.fake.server.services = Set.of("grpc.health.v1.Health");
		this.fake.ready();
		this.fake.advance(Duration.ofMillis(1));
		ProbeResult first = this.fake.endpoint.status().probe();
		awaitProbe(2);
		assertThat(this.fake.endpoint.status().probe()).isSameAs(first);
		this.fake.advance(Duration.ofMillis(500));
		assertThat(this.fake.endpoint.status().probe().at()).isAfter(first.at());
		this.fake.health = ProbeResult.Health.DOWN;
		awaitProbe(3);
		assertThat(this.fake.endpoint.status().probe().health()).as("news").isEqualTo(ProbeResult.Health.DOWN);
	}

	private void awaitProbe(int number) {
		for (int i = 0; i < 10_000 && this.fake.probes < number; i++) {
			this.fake.advance(Duration.ofMillis(1));
		}
		assertThat(this.fake.probes).isEqualTo(number);
	}

	@Test
	void whenAProbeTakesLongerThanATickThenItsResultIsPublishedAtOnce() {
		this.fake.server.services = Set.of("grpc.health.v1.Health");
		this.fake.ready();
		this.fake.advance(Duration.ofMillis(1));
		ProbeResult first = this.fake.endpoint.status().probe();
		CompletableFuture<?> answer = new CompletableFuture<>();
		this.fake.answer = answer;
		awaitProbe(2);
		this.fake.advance(Duration.ofMillis(600));
		answer.complete(null);
		this.fake.advance(Duration.ZERO);
		assertThat(this.fake.endpoint.status().probe().at()).isAfter(first.at());
	}

	@Test
	void whenNothingHappensThenAnIdleEndpointIsProbedOnceInAnInterval() {
		this.fake.server.services = Set.of("test.A");
		this.fake.declare("A", "redis");
		this.fake.ready();
		this.fake.advance(Duration.ofMillis(1));
		int before = this.fake.probes;
		this.fake.advance(Duration.ofSeconds(60));
		assertThat(this.fake.probes - before).isBetween(6, 7);
	}

	@Test
	void whenComponentsHaveJustAnsweredThenTwoOfThreeProbesAreSkipped() {
		this.fake.server.services = Set.of("test.A");
		RemoteComponent<Object> component = this.fake.declare("A", "redis");
		this.fake.ready();
		this.fake.advance(Duration.ofMillis(1));
		int before = this.fake.probes;
		for (int second = 0; second < 90; second++) {
			component.channel().succeeded();
			this.fake.advance(Duration.ofSeconds(1));
		}
		assertThat(this.fake.probes - before).isBetween(3, 4);
	}

	@Test
	void whenAProberThrowsThenTheProbeHasFailedAndProbingGoesOn() {
		this.fake.server.services = Set.of("test.A", "grpc.health.v1.Health");
		this.fake.declare("A", "redis");
		this.fake.onProbe = () -> {
			throw new IllegalStateException("boom");
		};
		this.fake.ready();
		this.fake.advance(Duration.ZERO);
		ProbeResult failed = this.fake.endpoint.status().probe();
		assertThat(failed.health()).isEqualTo(ProbeResult.Health.DOWN);
		assertThat(failed.detail()).contains("boom");
		this.fake.onProbe = () -> {
		};
		this.fake.advance(Duration.ofSeconds(1));
		assertThat(this.fake.endpoint.status().probe().health()).isEqualTo(ProbeResult.Health.UP);
	}

	@Test
	void whenACallMissesItsDeadlineThenItIsProbedAlthoughOtherCallsHaveSucceeded() {
		RemoteComponent<Object> component = this.fake.declare("A", "redis");
		EndpointChannel channel = (EndpointChannel) component.instance();
		this.fake.ready();
		this.fake.advance(Duration.ZERO);
		assertThat(this.fake.probes).isEqualTo(1);
		this.fake.advance(Duration.ofSeconds(1));
		channel.succeeded();
		this.fake.advance(Duration.ofSeconds(9));
		assertThat(this.fake.probes).as("calls have succeeded").isEqualTo(1);
		this.fake.advance(Duration.ofSeconds(1));
		channel.succeeded();
		channel.timedOut();
		this.fake.advance(Duration.ofSeconds(1));
		assertThat(this.fake.probes).isEqualTo(2);
	}

	@Test
	void whenCallsMissTheirDeadlineThenItIsProbedOnceInASecond() {
		this.fake.server.services = Set.of("grpc.health.v1.Health");
		this.fake.ready();
		this.fake.advance(Duration.ofMillis(500));
		onAnotherThread(() -> {
			this.fake.endpoint.probeSoon();
			this.fake.endpoint.probeSoon();
		});
		this.fake.advance(Duration.ofMillis(499));
		assertThat(this.fake.probes).isEqualTo(1);
		this.fake.advance(Duration.ofMillis(1));
		assertThat(this.fake.probes).isEqualTo(2);
	}

}
