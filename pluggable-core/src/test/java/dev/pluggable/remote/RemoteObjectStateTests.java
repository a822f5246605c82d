package dev.pluggable.remote;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.fixtures.StateMachineDrawing;
import dev.pluggable.fixtures.TestComponent;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.support.RequestNotSentException;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.remote.RemoteObjectStatus.State;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the states of {@link RemoteObject}, without sockets and with fake time.
 */
@Timeout(60)
class RemoteObjectStateTests {

	private static final MethodDescriptor<String, String> METHOD = Texts.unary("test.Thing", "Do");

	private static final MethodDescriptor<String, String> IDEMPOTENT = METHOD.toBuilder().setIdempotent(true).build();

	private static final MethodDescriptor<String, String> STREAM = Texts.method("test.Thing", "Watch",
			MethodDescriptor.MethodType.SERVER_STREAMING);

	private final FakeHostThread host = new FakeHostThread();

	private final FakeBroker broker = new FakeBroker();

	/**
	 * Tasks that the object has submitted to the host's executor. The test runs them.
	 */
	private final List<Runnable> work = new ArrayList<>();

	private final Executor executor = this.work::add;

	private final TestComponent parent = new TestComponent("parent", this.executor, this.host.thread().scheduler(),
			new HostServiceRegistry());

	private final List<String> answers = new ArrayList<>();

	private int creations;

	private RemoteObject.Creator creator = (creation) -> {
		this.creations++;
		return creation.serve("thing", List.of());
	};

	private final RemoteObject object = new RemoteObject(this.parent, "thing",
			(creation) -> this.creator.create(creation), this.host.thread());

	@Test
	void whenItIsDrawnThenTheDrawingShowsItsTable() {
		StateMachineDrawing.verify("Remote object", RemoteObjectTransitions.TABLE);
	}

	@Test
	void whenItIsNewThenItWaitsForItsParent() {
		start();
		assertState(State.PENDING, "waiting for 'parent'", 0);
		assertThat(this.work).isEmpty();
	}

	@Test
	void whenItIsCreatedThenItIsReady() {
		start();
		Instant before = this.object.status().since();
		this.host.advance(Duration.ofSeconds(1));
		parentReady();
		run();
		assertState(State.PENDING, "waiting for 'parent'", 0);
		assertThat(this.object.status().since()).isEqualTo(before);
		CompletableFuture<Void> ready = this.object.ready().toCompletableFuture();
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertState(State.READY, null, 1);
		assertThat(this.object.status().since()).isEqualTo(before.plusSeconds(1));
		assertThat(ready).isCompleted();
		assertThat(this.object.connected()).isTrue();
	}

	@Test
	void whenTheFirstCreationFailsThenItIsPendingWithTheReasonAndTriesAgain() {
		this.creator = (creation) -> {
			throw Status.INTERNAL.withDescription("hunter2 is wrong").asRuntimeException();
		};
		start();
		parentReady();
		run();
		assertState(State.PENDING, "INTERNAL: *** is wrong", 0);
		assertThat(this.work).isEmpty();
		this.creator = (creation) -> 1;
		this.host.advance(CreationLoop.FIRST_RETRY);
		run();
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertState(State.READY, null, 1);
	}

	@Test
	void whenCreationsFailThenTheDelayDoublesUpToALimit() {
		List<Long> starts = new ArrayList<>();
		this.creator = (creation) -> {
			starts.add(this.host.time().nanos());
			throw new IllegalStateException("no");
		};
		start();
		parentReady();
		for (int i = 0; i < 4_000; i++) {
			run();
			this.host.advance(Duration.ofMillis(10));
		}
		List<Long> delays = new ArrayList<>();
		for (int i = 1; i < starts.size(); i++) {
			delays.add(TimeUnit.NANOSECONDS.toMillis(starts.get(i) - starts.get(i - 1)));
		}
		assertThat(delays).hasSizeBetween(10, 30).allSatisfy((delay) -> assertThat(delay).isBetween(50L, 5_010L));
		for (int i = 0; i < 6; i++) {
			assertThat(delays.get(i)).isBetween(50L << i, (100L << i) + 10);
		}
		assertThat(delays.get(delays.size() - 1)).isGreaterThanOrEqualTo(2_500);
	}

	@Test
	void whenACreationTakesTooLongThenItEnds() {
		start();
		parentReady();
		run();
		this.host.advance(CreationAttempt.TIMEOUT);
		assertState(State.PENDING, "The object was not created within 30s", 0);
		assertThat(this.broker.last().closed()).isTrue();
		assertThat(this.broker.servers).singleElement().satisfies((server) -> assertThat(server.closed).isOne());
	}

	@Test
	void whenItIsClosedBeforeItIsCreatedThenNothingFollows() {
		start();
		parentReady();
		run();
		CompletableFuture<Void> ready = this.object.ready().toCompletableFuture();
		this.object.close();
		assertThat(ready).isCompletedExceptionally();
		run();
		assertState(State.CLOSED, "it was closed", 0);
		assertThat(this.broker.last().closed()).isTrue();
		assertThat(this.broker.servers.get(0).closed).isOne();
		assertThat(this.parent.listeners()).isZero();
		parentReady();
		run();
		assertThat(this.creations).isOne();
		assertThat(this.host.pending()).isZero();
	}

	@Test
	void whenItIsClosedWhileTheCreatorWorksThenItsResultIsClosed() {
		this.creator = (creation) -> {
			int number = creation.serve("thing", List.of());
			this.object.close();
			return number;
		};
		start();
		parentReady();
		run();
		assertState(State.CLOSED, "it was closed", 0);
		assertThat(this.broker.servers.get(0).closed).isOne();
		assertThat(this.broker.connections).allSatisfy((connection) -> assertThat(connection.closed()).isTrue());
	}

	@Test
	void whenTheConnectionIsLostThenItIsUnavailableAndCreatedAgainAtOnce() {
		ready();
		FakeBroker.Connection lost = this.broker.last();
		this.host.advance(Duration.ofSeconds(1));
		lost.become(ConnectivityState.IDLE);
		assertThat(this.object.connected()).as("the gate closes before the state follows").isFalse();
		this.host.runDue();
		assertState(State.UNAVAILABLE, "the connection was lost: its process has ended or closed it", 1);
		run();
		assertThat(this.creations).isEqualTo(2);
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertState(State.READY, null, 2);
		this.host.advance(ObjectGeneration.LATE_CALLS);
		assertThat(lost.closed()).isTrue();
		assertThat(this.broker.servers.get(0).closed).isOne();
		assertThat(this.broker.servers.get(1).closed).isZero();
	}

	@Test
	void whenItCannotBeCreatedAgainThenItIsUnavailableWithTheReason() {
		ready();
		Instant before = this.object.status().since();
		this.creator = (creation) -> {
			throw new IllegalStateException("no");
		};
		this.host.advance(Duration.ofSeconds(1));
		this.broker.last().become(ConnectivityState.IDLE);
		run();
		assertState(State.UNAVAILABLE, "java.lang.IllegalStateException: no", 1);
		assertThat(this.object.status().since()).isEqualTo(before.plusSeconds(1));
	}

	@Test
	void whenItIsClosedWhileItIsUnavailableThenNothingFollows() {
		ready();
		this.broker.last().become(ConnectivityState.IDLE);
		run();
		this.object.close();
		run();
		assertState(State.CLOSED, "it was closed", 1);
		this.host.advance(ObjectGeneration.LATE_CALLS);
		assertThat(this.broker.connections).hasSize(2)
			.allSatisfy((connection) -> assertThat(connection.closed()).isTrue());
		this.host.advance(Duration.ofMinutes(1));
		assertThat(this.work).isEmpty();
	}

	@Test
	void whenTheParentIsAnotherOneThenTheNextGenerationTakesOver() {
		ready();
		FakeBroker.Connection first = this.broker.last();
		ClientCall<String, String> call = call(METHOD);
		parentReady();
		run();
		assertState(State.READY, null, 1);
		assertThat(this.object.connected()).as("the first generation serves until the next is ready").isTrue();
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertState(State.READY, null, 2);
		this.host.advance(ObjectGeneration.LATE_CALLS);
		assertThat(first.closed()).as("a call is under way").isFalse();
		first.calls.get(0).end(Status.OK);
		assertThat(first.closed()).isTrue();
		assertThat(this.answers).containsExactly("OK");
		call.cancel("late", null);
	}

	@Test
	void whenTheProcessIsBeingStoppedThenTheConnectionEndsWithItsCalls() {
		ready();
		FakeBroker.Connection first = this.broker.last();
		call(METHOD);
		this.parent.stopping();
		run();
		assertState(State.UNAVAILABLE, "its process is being stopped", 1);
		assertThat(this.object.connected()).isFalse();
		this.host.advance(ObjectGeneration.LATE_CALLS);
		assertThat(first.closed()).as("a call is under way").isFalse();
		first.calls.get(0).end(Status.OK);
		assertThat(first.closed()).isTrue();
		assertThat(this.answers).containsExactly("OK");
		parentReady();
		run();
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertState(State.READY, null, 2);
	}

	@Test
	void whenTheProcessIsBeingStoppedThenAnObjectThatIsBeingCreatedLetsGoOfIt() {
		start();
		parentReady();
		run();
		FakeBroker.Connection first = this.broker.last();
		this.parent.stopping();
		run();
		assertThat(first.closed()).isTrue();
		assertState(State.PENDING, "waiting for 'parent'", 0);
		parentReady();
		run();
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertState(State.READY, null, 1);
	}

	@Test
	void whenACallDoesNotEndThenTheOldConnectionIsClosedAllTheSame() {
		ready();
		FakeBroker.Connection first = this.broker.last();
		call(METHOD);
		parentReady();
		run();
		this.broker.last().become(ConnectivityState.READY);
		run();
		this.host.advance(this.parent.drainTimeout().minusMillis(1));
		assertThat(first.closed()).isFalse();
		this.host.advance(Duration.ofMillis(1));
		assertThat(first.closed()).isTrue();
	}

	@Test
	void whenAnInterceptorThrowsThenTheCallDoesNotKeepAReplacedConnection() {
		ready();
		FakeBroker.Connection first = this.broker.last();
		first.failure = new IllegalStateException("no token");
		assertThatIllegalStateException().isThrownBy(() -> call(METHOD)).withMessage("no token");
		parentReady();
		run();
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertThat(first.closed()).isFalse();
		this.host.advance(ObjectGeneration.LATE_CALLS);
		assertThat(first.closed()).isTrue();
	}

	@Test
	void whenAStreamWithoutADeadlineIsOnAReplacedGenerationThenItEndsAfterTheCallTimeout() {
		ready();
		FakeBroker.Connection first = this.broker.last();
		call(STREAM);
		call(METHOD);
		parentReady();
		run();
		this.broker.last().become(ConnectivityState.READY);
		run();
		this.host.advance(ObjectGeneration.LATE_CALLS);
		this.host.advance(this.parent.callTimeout().minusMillis(1));
		assertThat(this.answers).isEmpty();
		this.host.advance(Duration.ofMillis(1));
		assertThat(this.answers).singleElement()
			.asString()
			.startsWith("UNAVAILABLE: The connection of this call was replaced")
			.contains("within 20s (call-timeout)");
		assertThat(first.closed()).as("a call with a deadline is under way").isFalse();
		first.calls.get(1).end(Status.OK);
		assertThat(first.closed()).isTrue();
	}

	@Test
	void whenItIsClosedWhileItIsReadyThenEverythingIsClosed() {
		ready();
		this.object.close();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> call(METHOD))
			.withMessageContaining("it was closed");
		run();
		assertState(State.CLOSED, "it was closed", 1);
		assertThat(this.broker.last().closed()).isTrue();
		assertThat(this.broker.servers.get(0).closed).isOne();
		this.object.close();
		run();
		assertThat(this.broker.servers.get(0).closed).isOne();
		assertThat(this.host.pending()).isZero();
	}

	@Test
	void whenTheParentIsReplacedDuringTheCreationThenOneAttemptFollowsAnother() {
		start();
		parentReady();
		run();
		FakeBroker.Connection first = this.broker.last();
		parentReady();
		run();
		assertThat(first.closed()).isTrue();
		assertThat(this.broker.servers.get(0).closed).isOne();
		assertThat(this.creations).isEqualTo(2);
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertState(State.READY, null, 1);
	}

	@Test
	void whenTheParentIsNotThereThenNoAttemptBegins() {
		ready();
		this.parent.lost();
		this.broker.last().become(ConnectivityState.IDLE);
		run();
		this.host.advance(Duration.ofMinutes(1));
		run();
		assertState(State.UNAVAILABLE, "the connection was lost: its process has ended or closed it", 1);
		assertThat(this.creations).isOne();
		parentReady();
		run();
		assertThat(this.creations).isEqualTo(2);
	}

	@Test
	void whenAnIllegalTransitionIsTriedThenTheStateStaysAndAnErrorIsLogged() {
		start();
		this.object.close();
		this.host.runDue();
		try (LogCapture logs = new LogCapture()) {
			this.object.goTo(State.READY, null);
			assertThat(logs.text()).contains("ERROR Remote object 'thing' cannot change from CLOSED to READY");
		}
		assertState(State.CLOSED, "it was closed", 0);
	}

	@Test
	void whenAnotherThreadChangesTheStateThenThatIsRefused() throws Exception {
		List<Throwable> refused = new ArrayList<>();
		Thread other = new Thread(() -> {
			try {
				this.object.goTo(State.CLOSED, "no");
			}
			catch (IllegalStateException ex) {
				refused.add(ex);
			}
		});
		other.start();
		other.join();
		assertThat(refused).hasSize(1);
		assertState(State.PENDING, "waiting for 'parent'", 0);
	}

	@Test
	void whenACallMayWaitThenItPassesWhenTheObjectIsReady() {
		this.parent.waitForReady = Duration.ofSeconds(10);
		start();
		call(METHOD);
		assertThat(this.answers).isEmpty();
		parentReady();
		run();
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertThat(this.broker.last().calls).singleElement().satisfies((call) -> {
			assertThat(call.messages).hasSize(1);
			assertThat(call.halfClosed).isTrue();
		});
	}

	@Test
	void whenTheObjectIsNotReadyInTimeThenAWaitingCallEndsWithTheReason() {
		this.parent.waitForReady = Duration.ofSeconds(10);
		start();
		call(METHOD);
		this.host.advance(Duration.ofSeconds(10));
		run();
		assertThat(this.answers)
			.containsExactly("UNAVAILABLE: Do on test component 'thing': not available: waiting for 'parent'");
	}

	@Test
	void whenTheObjectIsClosedThenAWaitingCallEndsWithTheReason() {
		this.parent.waitForReady = Duration.ofSeconds(10);
		start();
		call(METHOD);
		this.object.close();
		run();
		assertThat(this.answers)
			.containsExactly("UNAVAILABLE: Do on test component 'thing': not available: it was closed");
	}

	@Test
	void whenTheHostClosesThenAWaitingCallEndsAndTheObjectNeverBecomesReady() {
		this.parent.waitForReady = Duration.ofSeconds(10);
		start();
		call(METHOD);
		CompletableFuture<Void> ready = this.object.ready().toCompletableFuture();
		this.host.thread().close(Duration.ZERO);
		run();
		assertThat(this.answers)
			.containsExactly("UNAVAILABLE: Do on test component 'thing': not available: the application is stopping");
		assertThat(ready).failsWithin(Duration.ZERO)
			.withThrowableThat()
			.withCauseInstanceOf(ComponentUnavailableException.class)
			.withMessageContaining("the application is stopping");
		assertState(State.CLOSED, "the application is stopping", 0);
	}

	@Test
	void whenTheHostHasClosedThenANewObjectIsClosedAtOnce() {
		this.host.thread().close(Duration.ZERO);
		this.object.start();
		assertThat(this.object.ready().toCompletableFuture()).isCompletedExceptionally();
		assertThat(this.object.unavailability()).isEqualTo("the application is stopping");
	}

	@Test
	void whenManyCallsReportALossThenTheHostsThreadHasOneTask() {
		ready();
		FakeBroker.Connection lost = this.broker.last();
		for (int i = 0; i < 100; i++) {
			call(METHOD);
		}
		int before = this.host.pending();
		lost.become(ConnectivityState.IDLE);
		lost.calls.forEach((call) -> call.end(Status.UNAVAILABLE));
		assertThat(this.answers).hasSize(100);
		assertThat(this.host.pending()).isEqualTo(before + 1);
		this.host.runDue();
		assertState(State.UNAVAILABLE, "the connection was lost: its process has ended or closed it", 1);
	}

	@Test
	void whenAnIdempotentCallIsLostThenItIsMadeOnceMoreOnTheNextGeneration() {
		ready();
		FakeBroker.Connection first = this.broker.last();
		call(IDEMPOTENT);
		first.become(ConnectivityState.IDLE);
		first.calls.get(0).end(Status.UNAVAILABLE);
		assertThat(this.answers).isEmpty();
		run();
		FakeBroker.Connection second = this.broker.last();
		second.become(ConnectivityState.READY);
		run();
		assertThat(second.calls).hasSize(1);
		second.become(ConnectivityState.IDLE);
		second.calls.get(0).end(Status.UNAVAILABLE.withDescription("the second time"));
		assertThat(this.answers).containsExactly("UNAVAILABLE: the second time");
	}

	@Test
	void whenACallIsLostThatIsNotIdempotentThenItFails() {
		ready();
		FakeBroker.Connection first = this.broker.last();
		call(METHOD);
		first.become(ConnectivityState.IDLE);
		first.calls.get(0).end(Status.UNAVAILABLE.withDescription("lost"));
		assertThat(this.answers).containsExactly("UNAVAILABLE: lost");
	}

	@Test
	void whenARequestWasNotSentThenTheCallIsMadeOnceMore() {
		ready();
		FakeBroker.Connection first = this.broker.last();
		call(METHOD);
		first.become(ConnectivityState.IDLE);
		first.calls.get(0).end(Status.UNAVAILABLE.withCause(new RequestNotSentException(null)));
		run();
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertThat(this.broker.last().calls).hasSize(1);
	}

	@Test
	void whenACallMustNotWaitThenItIsNotRepeatedLater() {
		ready();
		FakeBroker.Connection first = this.broker.last();
		call(METHOD, CallOptions.DEFAULT.withOption(ComponentClient.NO_WAIT, true));
		first.become(ConnectivityState.IDLE);
		first.calls.get(0).end(Status.UNAVAILABLE.withDescription("lost").withCause(new RequestNotSentException(null)));
		run();
		assertThat(this.answers).containsExactly("UNAVAILABLE: lost");
	}

	@Test
	void whenARepeatedCallIsCancelledWhileItWaitsThenItEnds() {
		ready();
		FakeBroker.Connection first = this.broker.last();
		ClientCall<String, String> call = call(IDEMPOTENT);
		first.become(ConnectivityState.IDLE);
		first.calls.get(0).end(Status.UNAVAILABLE);
		call.cancel("no longer needed", null);
		run();
		assertThat(this.answers).containsExactly("CANCELLED: no longer needed");
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertThat(this.broker.last().calls).isEmpty();
	}

	@Test
	void whenNoGenerationFollowsThenARepeatedCallEndsWithItsFirstFailure() {
		ready();
		this.creator = (creation) -> {
			throw new IllegalStateException("no");
		};
		FakeBroker.Connection first = this.broker.last();
		call(IDEMPOTENT);
		first.become(ConnectivityState.IDLE);
		first.calls.get(0).end(Status.UNAVAILABLE.withDescription("the first time"));
		for (int i = 0; i < 30; i++) {
			run();
			this.host.advance(Duration.ofSeconds(1));
		}
		run();
		assertThat(this.answers).containsExactly("UNAVAILABLE: the first time");
	}

	@Test
	void whenItListensThenEachGenerationIsToldOnce() {
		List<Long> before = new ArrayList<>();
		this.object.onGeneration((generation) -> before.add(generation.number()));
		ready();
		List<ComponentGeneration> after = new ArrayList<>();
		this.object.onGeneration(after::add);
		this.host.runDue();
		parentReady();
		run();
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertThat(before).containsExactly(1L, 2L);
		assertThat(after).extracting(ComponentGeneration::number).containsExactly(1L, 2L);
		assertThat(after.get(0).current()).isFalse();
		assertThat(after.get(1).current()).isTrue();
	}

	@Test
	void whenItsConnectionIsRenewedThenListenersHearOfAGenerationThatContinuesAndNothingIsCreated() {
		ready();
		List<ComponentGeneration> heard = new ArrayList<>();
		this.object.onGeneration(heard::add);
		RemoteObject child = new RemoteObject(this.object, "child", (creation) -> 1, this.host.thread());
		child.start();
		run();
		FakeBroker.Connection ofChild = this.broker.last();
		ofChild.become(ConnectivityState.READY);
		run();
		this.broker.connections.get(0).renew();
		run();
		assertState(State.READY, null, 2);
		assertThat(heard).extracting(ComponentGeneration::number).containsExactly(1L, 2L);
		assertThat(heard.get(1).continues(heard.get(0))).isTrue();
		assertThat(heard).extracting(ComponentGeneration::current).containsExactly(false, true);
		assertThat(this.creations).isOne();
		assertThat(this.broker.last()).as("the child stays").isSameAs(ofChild);
		assertThat(child.status().generation()).isOne();
		child.close();
	}

	private void start() {
		this.object.start();
		this.host.runDue();
	}

	/**
	 * Let another process of the parent become ready.
	 */
	private void parentReady() {
		this.parent.on(new FakeBroker.Connection(), Attributes.newBuilder().set(PluginBroker.KEY, this.broker).build());
		this.host.runDue();
	}

	private void ready() {
		start();
		parentReady();
		run();
		this.broker.last().become(ConnectivityState.READY);
		run();
		assertState(State.READY, null, 1);
	}

	/**
	 * Run all tasks that are due on the host's thread and on its executor.
	 */
	private void run() {
		this.host.runDue();
		while (!this.work.isEmpty()) {
			this.work.remove(0).run();
			this.host.runDue();
		}
	}

	private ClientCall<String, String> call(MethodDescriptor<String, String> method) {
		return call(method, CallOptions.DEFAULT);
	}

	private ClientCall<String, String> call(MethodDescriptor<String, String> method, CallOptions options) {
		ClientCall<String, String> call = this.object.channel().newCall(method, options);
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onClose(Status status, Metadata trailers) {
				RemoteObjectStateTests.this.answers
					.add(status.isOk() ? "OK" : status.getCode() + ": " + status.getDescription());
			}

		}, new Metadata());
		call.request(2);
		call.sendMessage("x");
		call.halfClose();
		return call;
	}

	private void assertState(State state, String reason, long generation) {
		RemoteObjectStatus status = this.object.status();
		assertThat(status.state()).isEqualTo(state);
		assertThat(status.reason()).isEqualTo(reason);
		assertThat(status.generation()).isEqualTo(generation);
	}

}
