package dev.pluggable.observation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.observation.CallResult.Outcome;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import io.grpc.Metadata;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CallListener} with real sockets and processes.
 */
class CallListenerTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	private Path folder;

	private final Queue<String> started = new ConcurrentLinkedQueue<>();

	private final Queue<CallResult> results = new ConcurrentLinkedQueue<>();

	private final CountDownLatch begun = new CountDownLatch(1);

	private final List<CallListener> listeners = new ArrayList<>(List.of(this::started));

	private ComponentHost host;

	@AfterEach
	void close() {
		if (this.host != null) {
			this.host.close();
		}
	}

	@Test
	void hearsOfCallsToAProcessAndOfNoCallOfTheHost() {
		try (ComponentProcess process = ComponentProcess.stateStore(this.folder.resolve("java.sock"))) {
			start(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(5));
			assertThat(this.host.awaitRequired(TIMEOUT)).isEmpty();
			store().set("k", new byte[] { 1 });
			assertThat(store().get("k")).isPresent();
			assertThat(this.started).containsExactly("orders state java Set", "orders state java Get");
			assertThat(this.results).hasSize(2).containsOnly(new CallResult(Outcome.OK, Status.Code.OK, true, false));
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void aListenerThatThrowsDisturbsNoCallAndNoOtherListener(boolean atTheEnd) {
		CallListener throwing = (call, headers) -> {
			if (!atTheEnd) {
				throw new IllegalStateException("started");
			}
			return (result, status) -> {
				throw new IllegalStateException("ended");
			};
		};
		this.listeners.add(0, throwing);
		this.listeners.add(throwing);
		hearsOfCallsToAProcessAndOfNoCallOfTheHost();
	}

	@Test
	void hearsOfACallThatFindsNoComponent() {
		start(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(5));
		assertThat(this.host.awaitFirstLook(TIMEOUT)).isTrue();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store().get("k"));
		assertThat(this.results)
			.containsExactly(new CallResult(Outcome.UNAVAILABLE, Status.Code.UNAVAILABLE, false, false));
	}

	@Test
	void hearsOfACallThatWaitsForItsComponent() throws Exception {
		start(TIMEOUT, Duration.ZERO, Duration.ofSeconds(5));
		CompletableFuture<?> call = CompletableFuture.runAsync(() -> store().get("k"), (task) -> {
			Thread thread = new Thread(task, "caller");
			thread.start();
		});
		assertThat(this.begun.await(10, TimeUnit.SECONDS)).isTrue();
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("java.sock")).start()) {
			assertThat(call).succeedsWithin(TIMEOUT);
		}
		assertThat(this.results).containsExactly(new CallResult(Outcome.OK, Status.Code.OK, true, true));
	}

	@Test
	void tellsWhetherARequestMayHaveBeenApplied() throws Exception {
		start(Duration.ofMillis(1), Duration.ZERO, Duration.ofMillis(300));
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store().get("k"));
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("java.sock")).start()) {
			assertThat(this.host.awaitRequired(TIMEOUT)).isEmpty();
			server.getStatus = () -> Status.INVALID_ARGUMENT;
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> store().get("k"));
			server.getStatus = () -> Status.INTERNAL;
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> store().get("k"));
			server.getGate = new CountDownLatch(1);
			assertThatExceptionOfType(ComponentTimeoutException.class).isThrownBy(() -> store().get("k"));
			server.getGate.countDown();
		}
		assertThat(this.results).containsExactly(
				new CallResult(Outcome.UNAVAILABLE, Status.Code.UNAVAILABLE, false, true),
				new CallResult(Outcome.REJECTED, Status.Code.INVALID_ARGUMENT, true, false),
				new CallResult(Outcome.FAILED, Status.Code.INTERNAL, true, false),
				new CallResult(Outcome.TIMEOUT, Status.Code.DEADLINE_EXCEEDED, true, false));
	}

	private void start(Duration waitForReady, Duration outageGrace, Duration callTimeout) {
		ComponentSettings limits = new ComponentSettings(callTimeout, Duration.ofSeconds(5), waitForReady, outageGrace,
				4 * 1024 * 1024);
		HostSettings settings = HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(List
				.of(new ComponentDeclaration("orders", ComponentType.of("state.java"), true, Map.of(), limits)));
		this.host = new ComponentHost(settings, List.of(), List.of(), (endpoint, builder) -> {
		}, Observers.NONE.withCalls(CallListener.all(this.listeners)));
		this.host.start();
	}

	private CallListener.End started(ObservedCall call, Metadata headers) {
		this.started.add(call.component() + " " + call.kind() + " " + call.endpoint() + " " + call.operation());
		this.begun.countDown();
		return (result, status) -> this.results.add(result);
	}

	private StateStore store() {
		return this.host.registry().components(StateStoreKind.INSTANCE).get("orders");
	}

}
