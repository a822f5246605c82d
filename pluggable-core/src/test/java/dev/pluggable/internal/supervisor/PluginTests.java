package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.fixtures.StateMachineDrawing;
import dev.pluggable.internal.supervisor.FakePlugin.FakeRun;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.plugin.RestartSettings.Mode;
import dev.pluggable.plugin.RestartSettings.Policy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Plugin}: each transition, without a process, a socket or a wait.
 */
class PluginTests {

	private FakePlugin fake = new FakePlugin(FakePlugin.restart(Policy.ALWAYS));

	// STOPPED

	@Test
	void whenCreatedThenStopped() {
		PluginStatus status = this.fake.plugin.status();
		assertThat(status.state()).isEqualTo(PluginState.STOPPED);
		assertThat(status.reason()).isEqualTo("was not started yet");
		assertThat(status.launches()).isZero();
		assertThat(status.pid()).isNull();
	}

	@Test
	void stoppedToStartingWhenStarted() {
		CompletableFuture<PluginStatus> ready = this.fake.start();
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		assertThat(this.fake.runs).hasSize(1);
		assertThat(this.fake.endpoint.calls).containsExactly("start");
		assertThat(ready).isNotDone();
	}

	@Test
	void whenStoppedTwiceThenTheSecondStopCompletesAtOnce() {
		this.fake.ready();
		this.fake.stop();
		this.fake.advance(Duration.ofSeconds(1));
		Instant since = this.fake.plugin.status().since();
		this.fake.advance(Duration.ofSeconds(1));
		assertThat(this.fake.stop()).isCompleted();
		assertState(PluginState.STOPPED, null);
		assertThat(this.fake.plugin.status().since()).isEqualTo(since);
	}

	// STARTING

	@Test
	void startingToReadyWhenTheEndpointIsSettled() {
		CompletableFuture<PluginStatus> ready = this.fake.start();
		FakeRun run = this.fake.latest();
		run.handshake();
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		this.fake.endpoint.settle();
		assertState(PluginState.READY, null);
		assertThat(ready).isCompletedWithValueMatching((status) -> status.state() == PluginState.READY);
		assertThat(this.fake.plugin.status().pid()).isEqualTo(101);
		assertThat(this.fake.plugin.status().answering()).isTrue();
	}

	@Test
	void whenTheProcessHasExitedBeforeItIsReadyThenThePluginDoesNotBecomeReady() {
		this.fake.start();
		FakeRun run = this.fake.latest();
		run.handshake();
		run.exitUnnoticed();
		this.fake.endpoint.settle();
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		run.exit(3);
		assertState(PluginState.RESTARTING, "it ended with exit code 3 before it was ready");
	}

	@Test
	void startingToRestartingWhenTheLaunchFails() {
		CompletableFuture<PluginStatus> ready = this.fake.start();
		this.fake.latest().failLaunch("no handshake", 3);
		assertState(PluginState.RESTARTING, "no handshake");
		assertThat(this.fake.plugin.status().lastExitCode()).isEqualTo(3);
		assertThat(this.fake.endpoint.reason).isEqualTo("Plugin 'store': no handshake");
		assertThat(ready).isNotDone();
	}

	@Test
	void startingToRestartingWhenTheStartTakesTooLong() {
		this.fake.start();
		FakeRun run = this.fake.latest();
		run.handshake();
		this.fake.endpoint.problem = "connection refused";
		this.fake.advance(FakePlugin.START_TIMEOUT.minusMillis(1));
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		this.fake.advance(Duration.ofMillis(1));
		assertThat(run.killed).isTrue();
		assertThat(this.fake.state()).isEqualTo(PluginState.RESTARTING);
		assertThat(this.fake.reason())
			.isEqualTo("it was not ready within 60s: the application cannot connect to it: connection refused");
	}

	@Test
	void startingToRestartingWhenTheHandshakeIsLate() {
		this.fake.start();
		this.fake.advance(FakePlugin.START_TIMEOUT);
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		FakeRun run = this.fake.latest();
		run.handshake();
		assertThat(this.fake.reason()).contains("not ready within 60s");
		assertThat(run.killed).isTrue();
	}

	@Test
	void startingToRestartingWhenTheConnectionIsLostAndTheProcessLives() {
		this.fake.start();
		FakeRun run = this.fake.latest();
		run.handshake();
		run.disconnect();
		this.fake.advance(Duration.ofMillis(499));
		assertThat(run.killed).isFalse();
		this.fake.advance(Duration.ofMillis(2));
		assertThat(run.killed).isTrue();
		assertState(PluginState.RESTARTING, "it closed its connection, although its process lives");
	}

	@Test
	void startingToFailedWhenThePolicyForbidsARestart() {
		this.fake = new FakePlugin(FakePlugin.restart(Policy.NEVER));
		CompletableFuture<PluginStatus> ready = this.fake.start();
		this.fake.latest().output = List.of("first", "the last words");
		this.fake.latest().failLaunch("no handshake", 3);
		assertState(PluginState.FAILED,
				"the restart policy NEVER forbids a restart; the last failure: no handshake; it said last: the last words");
		assertThatExceptionOfType(CompletionException.class).isThrownBy(ready::join)
			.withCauseInstanceOf(PluginException.class)
			.withMessageContaining("Plugin 'store': ")
			.withMessageContaining("it said last: the last words");
		assertThat(this.fake.endpoint.calls).endsWith("fail");
	}

	@Test
	void startingToRestartingInACrashLoopAndToReadyWhenTheProgramWorks() {
		this.fake.behaviour = FakePlugin.Behaviour.EXITS_EARLY;
		CompletableFuture<PluginStatus> ready = this.fake.start();
		this.fake.advance(Duration.ofMillis(5 * 50 + 100 + 200 + 400 + 800));
		assertThat(this.fake.runs).hasSize(5);
		assertState(PluginState.RESTARTING, "crash loop: 5 crashes within 60s, the next attempt follows in 1s; "
				+ "the last failure: no handshake");
		this.fake.advance(Duration.ofMillis(999));
		assertThat(this.fake.state()).isEqualTo(PluginState.RESTARTING);
		this.fake.behaviour = FakePlugin.Behaviour.WELL;
		this.fake.advance(Duration.ofMillis(1));
		assertState(PluginState.STARTING, "it has printed no handshake line yet; crash loop: 5 crashes within 60s; "
				+ "the last attempt failed: no handshake");
		this.fake.advance(Duration.ofMillis(200));
		assertState(PluginState.READY, null);
		assertThat(ready).isCompleted();
		assertThat(this.fake.plugin.status().restarts()).isEqualTo(5);
	}

	@Test
	void startingToFailedAndSlowlyAgainWhenTheFailureLasts() {
		try (LogCapture logs = new LogCapture()) {
			CompletableFuture<PluginStatus> ready = this.fake.start();
			for (int attempt = 1; attempt <= 5; attempt++) {
				assertThat(this.fake.runs).hasSize(attempt);
				this.fake.latest().failLaunch("it speaks version 11", 137, true);
				assertState(PluginState.FAILED, "it speaks version 11; the next attempt follows in 1s");
				assertThat(ready).isCompletedExceptionally();
				this.fake.advance(Duration.ofMillis(999));
				assertThat(this.fake.runs).hasSize(attempt);
				this.fake.advance(Duration.ofMillis(1));
			}
			assertThat(logs.text().lines().filter((line) -> line.startsWith("ERROR") || line.startsWith("WARN")))
				.singleElement()
				.asString()
				.contains("it speaks version 11");
		}
		this.fake.becomeReady();
		assertState(PluginState.READY, null);
	}

	@Test
	void startingStaysStartingWhenTheServicesAreUnknownAndNothingIsDeclared() {
		CompletableFuture<PluginStatus> ready = this.fake.start();
		FakeRun run = this.fake.latest();
		run.handshake();
		assertThat(this.fake.plugin.isSettled()).isFalse();
		this.fake.endpoint.needsDeclaration = true;
		this.fake.endpoint.failToConnect("no reflection");
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		assertThat(this.fake.reason()).contains("no gRPC reflection", "pluggable.components.<name>.type",
				"state.store");
		assertThat(this.fake.plugin.isSettled()).isTrue();
		assertThat(ready).failsWithin(Duration.ZERO)
			.withThrowableThat()
			.withMessageContaining("pluggable.components.<name>.type");
		assertThat(this.fake.start()).isCompletedExceptionally();
		this.fake.advance(FakePlugin.START_TIMEOUT.multipliedBy(5));
		assertThat(this.fake.runs).hasSize(1);
		assertThat(run.killed).isFalse();
		assertThat(this.fake.plugin.status().pid()).isEqualTo(101);
		CompletableFuture<PluginStatus> restarted = this.fake.restart();
		this.fake.advance(Duration.ofMillis(10));
		assertThat(this.fake.runs).hasSize(2);
		this.fake.endpoint.needsDeclaration = false;
		this.fake.becomeReady();
		assertThat(restarted).isCompleted();
		assertState(PluginState.READY, null);
	}

	@Test
	void startingToFailedWhenTheProcessServesTlsAndPlainTextIsConfigured() {
		this.fake.start();
		FakeRun run = this.fake.latest();
		run.servesTls = true;
		run.handshake();
		run.disconnect();
		this.fake.advance(Duration.ofMillis(501));
		assertThat(this.fake.state()).isEqualTo(PluginState.FAILED);
		assertThat(this.fake.reason()).startsWith("it serves TLS").contains("'tls.bundle'", "'auto-mtls'");
		assertThat(this.fake.runs).hasSize(1);
	}

	@Test
	void startingToFailedWhenTheEndpointFailsBecauseTheProcessServesTls() {
		this.fake.start();
		FakeRun run = this.fake.latest();
		run.servesTls = true;
		run.handshake();
		this.fake.endpoint.failToConnect("the process ended the connection");
		this.fake.advance(Duration.ofMillis(1));
		assertThat(this.fake.reason()).startsWith("it serves TLS");
	}

	@Test
	void whenTheConnectionFailsThenTheReasonOfStartingTellsWhy() {
		this.fake.start();
		this.fake.latest().handshake();
		this.fake.endpoint.failToConnect("the socket has gone");
		assertState(PluginState.STARTING, "the application cannot connect to it: the socket has gone");
	}

	@Test
	void startingToStoppingWhenStopped() {
		CompletableFuture<PluginStatus> ready = this.fake.start();
		FakeRun run = this.fake.latest();
		run.lingers = true;
		CompletableFuture<PluginStatus> stopped = this.fake.stop();
		assertState(PluginState.STOPPING, null);
		assertThat(run.killed).isTrue();
		assertThat(ready).isCompletedExceptionally();
		assertThat(stopped).isNotDone();
		run.failLaunch("cancelled", 137);
		assertState(PluginState.STOPPED, null);
		assertThat(stopped).isCompleted();
	}

	@Test
	void whenStartedAgainWhileItStartsThenBothCallersWaitForTheSameProcess() {
		CompletableFuture<PluginStatus> one = this.fake.start();
		CompletableFuture<PluginStatus> other = this.fake.restart();
		this.fake.becomeReady();
		assertThat(one).isCompleted();
		assertThat(other).isCompleted();
		assertThat(this.fake.runs).hasSize(1);
	}

	// READY

	@Test
	void readyStaysReadyWhenStarted() {
		this.fake.ready();
		assertThat(this.fake.start()).isCompleted();
		assertThat(this.fake.runs).hasSize(1);
	}

	@Test
	void readyToReadyWithAReasonWhenAPingIsNotAnsweredAndBackWhenOneIs() {
		FakeRun run = this.fake.ready();
		run.answers = false;
		this.fake.advance(Duration.ofSeconds(6));
		assertThat(this.fake.state()).isEqualTo(PluginState.READY);
		assertThat(this.fake.reason()).isEqualTo("no answer to health checks since 2026-01-01T00:00:02.500Z");
		assertThat(this.fake.plugin.status().answering()).isFalse();
		run.answers = true;
		this.fake.advance(Duration.ofSeconds(4));
		assertState(PluginState.READY, null);
		assertThat(this.fake.plugin.status().answering()).isTrue();
		assertThat(run.killed).isFalse();
	}

	@Test
	void readyToReadyWithAnotherProcessWhenRestarted() {
		FakeRun before = this.fake.ready();
		this.fake.endpoint.busy.add(before.target());
		CompletableFuture<PluginStatus> replaced = this.fake.restart();
		assertState(PluginState.READY, null);
		assertThat(this.fake.plugin.status().launches()).isEqualTo(2);
		assertThat(this.fake.plugin.status().pid()).isEqualTo(101);
		this.fake.becomeReady();
		assertState(PluginState.READY, null);
		assertThat(replaced).isCompleted();
		assertThat(this.fake.plugin.status().pid()).isEqualTo(102);
		assertThat(this.fake.plugin.status().restarts()).isZero();
		assertThat(this.fake.latest().replaced).isSameAs(before);
		assertThat(before.asked).as("has calls in flight").isFalse();
		this.fake.endpoint.busy.clear();
		this.fake.advance(Duration.ofMillis(50));
		assertThat(before.asked).isTrue();
	}

	@Test
	void readyToReadyWithTheSameProcessWhenTheReplacementFails() {
		FakeRun before = this.fake.ready();
		CompletableFuture<PluginStatus> replaced = this.fake.restart();
		this.fake.latest().failLaunch("a broken handshake", 9);
		assertThat(this.fake.state()).isEqualTo(PluginState.READY);
		assertThat(this.fake.reason()).startsWith("the new process was not used: a broken handshake")
			.contains("'restart.mode'", "'stop-first'");
		assertThat(replaced).isCompletedExceptionally();
		assertThat(this.fake.plugin.status().pid()).isEqualTo(101);
		assertThat(this.fake.endpoint.calls).endsWith("revert");
		assertThat(before.asked).isFalse();
	}

	@Test
	void readyToReadyWithTheSameProcessWhenComponentsCannotMove() {
		this.fake.ready();
		this.fake.restart();
		this.fake.endpoint.componentsReady = false;
		FakeRun replacement = this.fake.becomeReady();
		assertThat(this.fake.reason())
			.startsWith("the new process was not used: its components cannot be used: Init of 'orders' failed")
			.contains("The process before still runs", "'stop-first'");
		assertThat(replacement.killed).isTrue();
	}

	@Test
	void whenAReplacementFailsThenTheReasonQuotesItsLastWords() {
		this.fake.ready();
		this.fake.restart();
		this.fake.latest().output = List.of("listen tcp :8080: bind: address already in use");
		this.fake.latest().failLaunch("it ended with exit code 1", 1);
		assertThat(this.fake.reason()).contains(
				"it ended with exit code 1; it said last: listen tcp :8080: bind: " + "address already in use",
				"'stop-first'");
	}

	@Test
	void readyToRestartingToReadyWhenTheOldProcessStopsFirst() {
		this.fake = new FakePlugin(FakePlugin.restart(Policy.ALWAYS).withMode(Mode.STOP_FIRST));
		FakeRun before = this.fake.ready();
		this.fake.endpoint.busy.add(before.target());
		CompletableFuture<PluginStatus> replaced = this.fake.restart();
		assertThat(this.fake.state()).isEqualTo(PluginState.RESTARTING);
		assertThat(this.fake.reason()).contains("'restart.mode'");
		assertThat(this.fake.endpoint.calls).endsWith("abandon");
		this.fake.advance(Duration.ofSeconds(1));
		assertThat(before.asked).as("has calls in flight").isFalse();
		assertThat(this.fake.runs).hasSize(1);
		this.fake.endpoint.busy.clear();
		this.fake.advance(Duration.ofMillis(55));
		assertThat(before.asked).isTrue();
		assertThat(this.fake.runs).as("the old process has not ended").hasSize(1);
		this.fake.advance(Duration.ofMillis(10));
		assertThat(before.gone).isTrue();
		assertThat(this.fake.runs).hasSize(2);
		this.fake.becomeReady();
		assertState(PluginState.READY, null);
		assertThat(replaced).isCompleted();
		assertThat(this.fake.plugin.status().restarts()).isZero();
	}

	@Test
	void whenTheNewProcessFailsAfterTheOldOneHasStoppedThenItIsTriedAgain() {
		this.fake = new FakePlugin(FakePlugin.restart(Policy.ALWAYS).withMode(Mode.STOP_FIRST));
		this.fake.ready();
		CompletableFuture<PluginStatus> replaced = this.fake.restart();
		this.fake.advance(Duration.ofMillis(11));
		this.fake.latest().failLaunch("no handshake", 3);
		assertState(PluginState.RESTARTING, "no handshake");
		this.fake.advance(FakePlugin.INITIAL_DELAY);
		this.fake.becomeReady();
		assertThat(replaced).isCompleted();
	}

	@Test
	void whenTheHostHasNotHeardOfAnExitThenTheStatusIsNotReady() {
		FakeRun run = this.fake.ready();
		run.exitUnnoticed();
		PluginStatus status = this.fake.plugin.status();
		assertThat(status.state()).isEqualTo(PluginState.RESTARTING);
		assertThat(status.answering()).isFalse();
		assertThat(status.pid()).isNull();
	}

	@Test
	void whenAProcessExitsThenTheReasonTellsItsLastWordsAsSoonAsTheyAreRead() {
		FakeRun run = this.fake.ready();
		run.exitOnly(2);
		assertState(PluginState.RESTARTING, "it ended with exit code 2");
		run.output = List.of("panic: boom");
		run.goneWith(2);
		this.fake.advance(FakePlugin.INITIAL_DELAY);
		assertThat(this.fake.reason())
			.endsWith("the last attempt failed: it ended with exit code 2; " + "it said last: panic: boom");
	}

	@Test
	void readyToStartingWhenTheProcessExitsWhileItsReplacementStarts() {
		FakeRun before = this.fake.ready();
		CompletableFuture<PluginStatus> replaced = this.fake.restart();
		before.exit(9);
		assertState(PluginState.STARTING,
				"it has printed no handshake line yet; the last attempt failed: it ended with exit code 9");
		assertThat(this.fake.endpoint.calls).endsWith("awaitProcess");
		this.fake.becomeReady();
		assertState(PluginState.READY, null);
		assertThat(replaced).isCompleted();
		assertThat(this.fake.plugin.status().launches()).isEqualTo(2);
		assertThat(this.fake.plugin.status().restarts()).isZero();
	}

	@Test
	void whenTheReplacementIsLaunchedThenTheEndOfTheProcessDoesNotDisturbItsConnection() {
		FakeRun before = this.fake.ready();
		this.fake.restart();
		this.fake.latest().handshake();
		before.exit(9);
		assertThat(this.fake.endpoint.calls).endsWith("prepare");
		this.fake.endpoint.settle();
		assertState(PluginState.READY, null);
	}

	@Test
	void readyToRestartingAsSoonAsTheProcessExits() {
		FakeRun run = this.fake.ready();
		run.exitOnly(137);
		assertState(PluginState.RESTARTING, "it ended by signal 9");
		assertThat(this.fake.plugin.status().pid()).isNull();
		assertThat(this.fake.plugin.status().answering()).isFalse();
		assertThat(this.fake.plugin.status().lastExitCode()).isEqualTo(137);
	}

	@Test
	void readyToRestartingWhenTheProcessHangs() {
		FakeRun run = this.fake.ready();
		run.answers = false;
		this.fake.advance(Duration.ofSeconds(12));
		assertThat(run.killed).isFalse();
		this.fake.advance(Duration.ofSeconds(3));
		assertThat(run.killed).isTrue();
		assertThat(this.fake.runs).hasSize(2);
		this.fake.becomeReady();
		assertState(PluginState.READY, null);
	}

	@Test
	void whenASinglePingIsLateThenThatIsNoHang() {
		FakeRun run = this.fake.ready();
		run.answers = false;
		this.fake.advance(Duration.ofMillis(2500));
		// The application itself was suspended.
		this.fake.host.time().move(Duration.ofMinutes(5));
		this.fake.host.runDue();
		run.answers = true;
		this.fake.advance(Duration.ofSeconds(5));
		assertThat(run.killed).isFalse();
		assertState(PluginState.READY, null);
	}

	@Test
	void whenTheClockIsSetThenDurationsAreNotAffected() {
		FakeRun run = this.fake.ready();
		run.answers = false;
		this.fake.advance(Duration.ofSeconds(6));
		this.fake.host.time().setClock(Instant.parse("2030-01-01T00:00:00Z"));
		this.fake.advance(Duration.ofSeconds(6));
		assertThat(run.killed).isFalse();
		run.answers = true;
		this.fake.advance(Duration.ofSeconds(5));
		for (int i = 0; i < 4; i++) {
			this.fake.host.time().setClock(Instant.parse("2000-01-01T00:00:00Z").plusSeconds(100_000L * i));
			this.fake.latest().exit(1);
			this.fake.advance(Duration.ofSeconds(2));
			this.fake.becomeReady();
		}
		this.fake.latest().exit(1);
		assertThat(this.fake.reason()).contains("crash loop: 5 crashes");
	}

	@Test
	void readyToRestartingWhenItsConnectionIsLostAndTheProcessLives() {
		FakeRun run = this.fake.ready();
		run.disconnect();
		this.fake.advance(Duration.ofMillis(500));
		assertThat(run.killed).isTrue();
		this.fake.advance(Duration.ofMillis(1));
		assertState(PluginState.RESTARTING, "it closed its connection, although its process lives");
	}

	@Test
	void whenTheProcessExitsAfterItsConnectionThenTheExitIsTheReason() {
		FakeRun run = this.fake.ready();
		run.disconnect();
		this.fake.advance(Duration.ofMillis(400));
		run.exit(7);
		this.fake.advance(Duration.ofMillis(90));
		assertState(PluginState.RESTARTING, "it ended with exit code 7");
		assertThat(run.killed).isFalse();
	}

	@Test
	void readyToFailedWhenThePolicyForbidsARestart() {
		this.fake = new FakePlugin(FakePlugin.restart(Policy.NEVER));
		this.fake.ready().exit(7);
		assertThat(this.fake.state()).isEqualTo(PluginState.FAILED);
		assertThat(this.fake.reason()).contains("restart policy NEVER").endsWith("it ended with exit code 7");
		this.fake.advance(Duration.ofHours(1));
		assertThat(this.fake.runs).hasSize(1);
	}

	@Test
	void whenThePolicyIsOnFailureThenOnlyAnExitWithZeroIsFinal() {
		this.fake = new FakePlugin(FakePlugin.restart(Policy.ON_FAILURE));
		this.fake.ready().exit(7);
		assertThat(this.fake.state()).isEqualTo(PluginState.RESTARTING);
		this.fake.advance(Duration.ofSeconds(1));
		FakeRun second = this.fake.becomeReady();
		second.exit(0);
		assertThat(this.fake.state()).isEqualTo(PluginState.FAILED);
		assertThat(this.fake.reason()).contains("exit code 0").contains("restart policy ON_FAILURE");
	}

	@Test
	void readyToStoppingWhenStopped() {
		FakeRun run = this.fake.ready();
		this.fake.endpoint.busy.add(run.target());
		CompletableFuture<PluginStatus> stopped = this.fake.stop();
		assertState(PluginState.STOPPING, null);
		assertThat(this.fake.endpoint.calls).endsWith("stop");
		assertThat(this.fake.plugin.status().answering()).isFalse();
		assertThat(run.asked).as("has calls in flight").isFalse();
		this.fake.endpoint.busy.clear();
		this.fake.advance(Duration.ofMillis(60));
		assertThat(stopped).isCompletedWithValueMatching((status) -> status.state() == PluginState.STOPPED);
	}

	// RESTARTING

	@Test
	void restartingToStartingAfterADelayThatDoubles() {
		this.fake.start();
		for (Duration delay : List.of(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400),
				Duration.ofMillis(800))) {
			int launches = this.fake.runs.size();
			this.fake.latest().failLaunch("no handshake", 3);
			this.fake.advance(delay.minusMillis(1));
			assertThat(this.fake.state()).isEqualTo(PluginState.RESTARTING);
			this.fake.advance(Duration.ofMillis(1));
			assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
			assertThat(this.fake.runs).hasSize(launches + 1);
		}
	}

	@Test
	void whenTheProcessWasReadyForLongThenTheDelayBeginsAnew() {
		for (int i = 0; i < 20; i++) {
			FakeRun run = (i == 0) ? this.fake.ready() : this.fake.becomeReady();
			this.fake.advance(Duration.ofSeconds(30));
			run.exit(1);
			this.fake.advance(FakePlugin.INITIAL_DELAY);
			assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		}
	}

	@Test
	void restartingToStartingAtOnceWhenRestarted() {
		this.fake.ready().exit(1);
		CompletableFuture<PluginStatus> ready = this.fake.restart();
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		this.fake.becomeReady();
		assertThat(ready).isCompleted();
		this.fake.advance(Duration.ofMinutes(1));
		assertThat(this.fake.runs).as("the back-off was cancelled").hasSize(2);
	}

	@Test
	void whenStartedWhileItRestartsThenTheDelayStays() {
		this.fake.ready().exit(1);
		CompletableFuture<PluginStatus> ready = this.fake.start();
		assertThat(this.fake.state()).isEqualTo(PluginState.RESTARTING);
		this.fake.advance(FakePlugin.INITIAL_DELAY);
		this.fake.becomeReady();
		assertThat(ready).isCompleted();
	}

	@Test
	void whenTheProcessBeforeIsNotGoneThenTheNextLaunchWaits() {
		FakeRun run = this.fake.ready();
		run.exitOnly(1);
		this.fake.advance(Duration.ofSeconds(5));
		assertThat(this.fake.state()).isEqualTo(PluginState.RESTARTING);
		assertThat(this.fake.runs).hasSize(1);
		run.goneWith(1);
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		assertThat(this.fake.runs).hasSize(2);
	}

	@Test
	void restartingToStoppingWhenStopped() {
		CompletableFuture<PluginStatus> ready = this.fake.start();
		this.fake.latest().failLaunch("no handshake", 3);
		assertThat(this.fake.stop()).isCompleted();
		assertState(PluginState.STOPPED, null);
		assertThat(ready).isCompletedExceptionally();
		this.fake.advance(Duration.ofHours(1));
		assertThat(this.fake.runs).hasSize(1);
	}

	@Test
	void whenAReplacementWaitsAndTheProcessExitsThenTheReplacementStartsWithoutDelay() {
		this.fake.ready();
		this.fake.restart();
		FakeRun dropped = this.fake.latest();
		dropped.lingers = true;
		dropped.handshake();
		this.fake.endpoint.componentsReady = false;
		this.fake.endpoint.settle();
		this.fake.endpoint.componentsReady = true;
		CompletableFuture<PluginStatus> replaced = this.fake.restart();
		assertThat(this.fake.runs).as("waits for the dropped process").hasSize(2);
		this.fake.runs.get(0).exit(1);
		assertState(PluginState.RESTARTING, "it ended with exit code 1");
		dropped.exit(137);
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		this.fake.becomeReady();
		assertThat(replaced).isCompleted();
	}

	// STOPPING

	@Test
	void stoppingToStoppedWhenTheProcessIsGone() {
		FakeRun run = this.fake.ready();
		run.ignoresEnd = true;
		CompletableFuture<PluginStatus> stopped = this.fake.stop();
		this.fake.advance(FakePlugin.STOP_TIMEOUT.minusMillis(1));
		assertState(PluginState.STOPPING, null);
		this.fake.advance(Duration.ofMillis(1));
		assertState(PluginState.STOPPED, null);
		assertThat(stopped).isCompletedWithValueMatching((status) -> status.lastExitCode() == 137);
	}

	@Test
	void stoppingToStoppedToStartingWhenStartedMeanwhile() {
		this.fake.ready();
		CompletableFuture<PluginStatus> stopped = this.fake.stop();
		CompletableFuture<PluginStatus> ready = this.fake.start();
		assertState(PluginState.STOPPING, null);
		assertThat(this.fake.runs).hasSize(1);
		this.fake.advance(Duration.ofMillis(10));
		assertThat(stopped).isCompletedWithValueMatching((status) -> status.state() == PluginState.STOPPED);
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		this.fake.becomeReady();
		assertThat(ready).isCompleted();
	}

	// FAILED

	@Test
	void failedToStartingWhenStartedAndCrashesAreForgotten() {
		this.fake = new FakePlugin(FakePlugin.restart(Policy.ON_FAILURE));
		this.fake.ready().exit(0);
		this.fake.behaviour = FakePlugin.Behaviour.EXITS_EARLY;
		assertThat(this.fake.state()).isEqualTo(PluginState.FAILED);
		CompletableFuture<PluginStatus> ready = this.fake.start();
		assertThat(this.fake.state()).isEqualTo(PluginState.STARTING);
		this.fake.advance(Duration.ofMillis(50));
		assertThat(this.fake.state()).isEqualTo(PluginState.RESTARTING);
		this.fake.behaviour = FakePlugin.Behaviour.WELL;
		this.fake.advance(Duration.ofSeconds(1));
		assertState(PluginState.READY, null);
		assertThat(ready).isCompleted();
	}

	@Test
	void failedToStoppingWhenStopped() {
		this.fake = new FakePlugin(FakePlugin.restart(Policy.NEVER));
		FakeRun run = this.fake.ready();
		run.exitOnly(7);
		assertThat(this.fake.state()).isEqualTo(PluginState.FAILED);
		CompletableFuture<PluginStatus> stopped = this.fake.stop();
		assertState(PluginState.STOPPING, null);
		run.goneWith(7);
		assertState(PluginState.STOPPED, null);
		assertThat(stopped).isCompleted();
	}

	// All states

	@Test
	void whenTheMachineIsDrawnThenTheDrawingShowsItsTable() {
		StateMachineDrawing.verify("Plugin", PluginTransitions.TABLE);
	}

	@Test
	void whenATransitionIsIllegalThenItIsLoggedAndTheStateStays() {
		for (PluginState state : PluginState.values()) {
			if (!PluginTransitions.TABLE.allows(PluginState.STOPPED, state)) {
				try (LogCapture logs = new LogCapture()) {
					this.fake.plugin.goTo(state, "for a test");
					assertThat(logs.text()).contains("cannot go from STOPPED to " + state);
				}
				assertState(PluginState.STOPPED, "was not started yet");
			}
		}
	}

	@Test
	void whenAnotherThreadCallsThenItIsRefused() {
		assertThat(CompletableFuture.supplyAsync(this.fake.plugin::start)).failsWithin(Duration.ofSeconds(20))
			.withThrowableThat()
			.withRootCauseInstanceOf(IllegalStateException.class);
	}

	@Test
	void whenADrainingProcessStaysBusyThenItEndsAfterTheDrainTimeout() {
		FakeRun before = this.fake.ready();
		before.dialed = List.of(new BrokeredConnection(1, "keystore", Instant.EPOCH));
		this.fake.restart();
		this.fake.becomeReady();
		this.fake.advance(FakePlugin.DRAIN_TIMEOUT.minusMillis(1));
		assertThat(before.asked).isFalse();
		this.fake.advance(Duration.ofMillis(50));
		assertThat(before.asked).isTrue();
	}

	@Test
	void whenRestartedTwiceThenOneProcessDrainsAtMost() {
		FakeRun first = this.fake.ready();
		this.fake.endpoint.busy.add(first.target());
		this.fake.restart();
		FakeRun second = this.fake.becomeReady();
		this.fake.endpoint.busy.add(second.target());
		this.fake.restart();
		assertThat(first.asked).isFalse();
		this.fake.becomeReady();
		assertThat(first.asked).isTrue();
		assertThat(second.asked).isFalse();
	}

	@Test
	void whenClosedThenCallsInFlightAreNotAwaitedAndNothingStartsAgain() {
		FakeRun run = this.fake.ready();
		this.fake.endpoint.busy.add(run.target());
		CompletableFuture<PluginStatus> closed = this.fake.close();
		assertThat(run.asked).isTrue();
		this.fake.advance(Duration.ofSeconds(1));
		assertThat(closed).isCompleted();
		assertThat(this.fake.start()).failsWithin(Duration.ZERO)
			.withThrowableThat()
			.withMessageContaining("the application is stopping");
		assertThat(this.fake.restart()).isCompletedExceptionally();
		assertThat(this.fake.runs).hasSize(1);
	}

	@Test
	void whenAProcessThatIsLeftAloneIsGoneThenItsExitIsNotAwaited() {
		FakeRun run = this.fake.ready();
		run.goneWith(0);
		assertThat(this.fake.state()).isEqualTo(PluginState.RESTARTING);
	}

	@Test
	void whenACallerReactsThenItIsNotInsideTheTransition() {
		List<PluginState> seen = new ArrayList<>();
		CompletableFuture<PluginStatus> ready = this.fake.start();
		ready.thenAccept((status) -> {
			seen.add(this.fake.state());
			this.fake.plugin.stop();
		});
		this.fake.becomeReady();
		assertThat(seen).containsExactly(PluginState.READY);
		this.fake.advance(Duration.ofSeconds(1));
		assertState(PluginState.STOPPED, null);
	}

	@Test
	void whenRestartSettingsHaveNoResetThenAProcessThatWasNeverReadyStillCounts() {
		this.fake = new FakePlugin(new RestartSettings(Policy.ALWAYS, Duration.ofMillis(10), Duration.ofMillis(10), 0,
				3, Duration.ofHours(1), Duration.ZERO, Duration.ZERO));
		this.fake.behaviour = FakePlugin.Behaviour.EXITS_EARLY;
		this.fake.start();
		this.fake.advance(Duration.ofMinutes(1));
		assertThat(this.fake.reason()).contains("crash loop: 3 crashes");
		this.fake.stop();
		this.fake.behaviour = FakePlugin.Behaviour.CRASHES;
		this.fake.start();
		this.fake.advance(Duration.ofMinutes(1));
		assertThat(String.valueOf(this.fake.reason())).as("was ready each time").doesNotContain("crash loop");
		assertThat(this.fake.plugin.status().restarts()).isGreaterThan(20);
	}

	private void assertState(PluginState state, String reason) {
		assertThat(this.fake.state()).isEqualTo(state);
		assertThat(this.fake.reason()).isEqualTo(reason);
	}

}
