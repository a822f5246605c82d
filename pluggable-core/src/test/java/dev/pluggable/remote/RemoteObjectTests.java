package dev.pluggable.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PatientAwaitility;
import dev.pluggable.Registration;
import dev.pluggable.fixtures.PluginSideBroker;
import dev.pluggable.fixtures.TestComponent;
import dev.pluggable.fixtures.TestProcess;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.transport.TransportType;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RemoteObject} on real sockets. A factory in the plugin creates the
 * object, which is a counter.
 */
@Timeout(120)
@ExtendWith(PatientAwaitility.class)
class RemoteObjectTests {

	private static final String FACTORY = "test.Factory";

	private static final String COUNTER = "test.Counter";

	private static final String KEYSTORE = "test.Keystore";

	/**
	 * Sockets on which the host listens before it needs them.
	 */
	private static final int READY_SOCKETS = 2;

	private final Path folder;

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);

	private final ThreadPoolExecutor handlers = new ThreadPoolExecutor(0, 1000, 1, TimeUnit.SECONDS,
			new SynchronousQueue<>());

	private final ExecutorService callers = Executors.newCachedThreadPool();

	private final List<TestProcess> processes = new ArrayList<>();

	private final List<RemoteObject> objects = new ArrayList<>();

	private final HostServices hostServices = new HostServiceRegistry();

	private final TestComponent component = new TestComponent("parent", this.handlers, this.scheduler,
			this.hostServices);

	RemoteObjectTests(@TempDir Path folder) {
		this.folder = folder;
		this.hostServices.add(Texts.service(KEYSTORE, "Sign", (text) -> "signed " + text));
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.objects.forEach(RemoteObject::close);
		Awaitility.await().until(() -> this.component.listeners() == 0);
		this.processes.forEach(TestProcess::close);
		this.callers.shutdownNow();
		this.handlers.shutdown();
		assertThat(this.handlers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		this.scheduler.shutdownNow();
		this.transport.close();
	}

	@Test
	void whenTheParentIsReadyThenTheObjectIsCreatedAndCanBeCalled() throws Exception {
		RemoteObject counter = counter();
		assertThat(counter.connected()).isFalse();
		assertThat(counter.status().state()).isEqualTo(RemoteObjectStatus.State.PENDING);
		assertThat(counter.status().reason()).isEqualTo("waiting for 'parent'");
		this.component.on(process("a"));
		ready(counter);
		assertThat(add(counter, "1")).isEqualTo("a1: 1");
		assertThat(counter.status().state()).isEqualTo(RemoteObjectStatus.State.READY);
		assertThat(counter.status().reason()).isNull();
		assertThat(counter.generation()).isEqualTo(1);
	}

	@Test
	void whenTheParentIsThereAlreadyThenTheObjectIsCreatedToo() throws Exception {
		this.component.on(process("a"));
		RemoteObject counter = counter();
		ready(counter);
		assertThat(add(counter, "1")).isEqualTo("a1: 1");
	}

	@Test
	void whenTheProcessIsReplacedThenTheSameObjectLeadsToTheNewOne() throws Exception {
		TestProcess first = process("a");
		this.component.on(first);
		RemoteObject counter = counter();
		ready(counter);
		lose(first);
		Awaitility.await().until(() -> !counter.connected());
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> add(counter, "1"))
			.withMessageContaining("counter")
			.satisfies((ex) -> assertThat(ex.mayHaveBeenApplied()).isFalse());
		this.component.on(process("b"));
		Awaitility.await().until(() -> counter.generation() == 2);
		assertThat(add(counter, "2")).isEqualTo("b1: 2");
	}

	@Test
	void whenAnotherProcessTakesOverThenTheOldConnectionIsClosedAfterTheSwap() throws Exception {
		TestProcess first = process("a");
		this.component.on(first);
		RemoteObject counter = counter();
		ready(counter);
		TestProcess second = process("b");
		CountDownLatch creating = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		this.beforeCreate = () -> {
			creating.countDown();
			go.await();
		};
		this.component.on(second);
		creating.await();
		assertThat(add(counter, "1")).as("the first generation serves until there is another").isEqualTo("a1: 1");
		go.countDown();
		Awaitility.await().until(() -> counter.generation() == 2);
		assertThat(add(counter, "2")).isEqualTo("b1: 2");
		Awaitility.await().until(() -> first.broker.dialed().isEmpty() && first.broker.served().isEmpty());
		assertThat(second.broker.dialed()).hasSize(1);
	}

	@Test
	void whenCallsAreUnderWayThenTheyEndOnTheOldConnection() throws Exception {
		this.component.on(process("a"));
		RemoteObject counter = counter();
		ready(counter);
		Future<String> slow = this.callers.submit(() -> Texts.call(counter.channel(), COUNTER, "Slow", "1"));
		this.slowCalls.take();
		this.component.on(process("b"));
		Awaitility.await().until(() -> counter.generation() == 2);
		assertThat(slow.isDone()).isFalse();
		this.slowCallsMayEnd.countDown();
		assertThat(slow.get(20, TimeUnit.SECONDS)).isEqualTo("slow 1");
		Awaitility.await().until(() -> this.processes.get(0).broker.dialed().isEmpty());
	}

	@Test
	void whenTheConnectionIsLostAndTheParentLivesThenTheObjectIsCreatedAgain() throws Exception {
		TestProcess process = process("a");
		this.component.on(process);
		RemoteObject counter = counter();
		ready(counter);
		this.counters.get(0).close();
		Awaitility.await().until(() -> counter.generation() == 2);
		assertThat(add(counter, "1")).isEqualTo("a2: 1");
		Awaitility.await().until(() -> process.broker.dialed().size() == 1);
		Awaitility.await().until(() -> process.broker.served().size() == 1);
	}

	@Test
	void whenCreationFailsThenItIsTriedUntilItWorks() throws Exception {
		AtomicInteger attempts = new AtomicInteger();
		this.component.on(process("a"));
		RemoteObject counter = create(this.component, "counter", (creation) -> {
			creation.offer(KEYSTORE);
			if (attempts.incrementAndGet() < 4) {
				throw Status.INTERNAL.withDescription("no, hunter2 \u0007failed").asRuntimeException();
			}
			return Integer.parseInt(Texts.call(creation.channel(), FACTORY, "New", "x"));
		});
		Awaitility.await()
			.until(() -> "INTERNAL: no, ***  failed".equals(counter.status().reason()) || counter.connected());
		ready(counter);
		assertThat(attempts).hasValue(4);
		assertThat(add(counter, "1")).isEqualTo("a1: 1");
		assertThat(this.processes.get(0).broker.served()).as("what failed attempts served is closed").hasSize(1);
		assertThat(sockets(this.processes.get(0))).hasSizeBetween(1, 1 + READY_SOCKETS);
	}

	@Test
	void whenCreationFailsThenThoseWhoCallGetTheReason() throws Exception {
		this.component.waitForReady = Duration.ofMillis(300);
		TestProcess first = process("a");
		this.component.on(first);
		RemoteObject counter = counter();
		ready(counter);
		this.beforeCreate = () -> {
			throw Status.INVALID_ARGUMENT.withDescription("the configuration is wrong").asRuntimeException();
		};
		lose(first);
		this.component.on(process("b"));
		Awaitility.await().until(() -> String.valueOf(counter.status().reason()).contains("configuration"));
		List<Future<String>> calls = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			ComponentCalls proxy = new ComponentCalls(counter, (failure) -> null);
			calls.add(this.callers.submit(() -> proxy.unary(Texts.unary(COUNTER, "Add"), "1")));
		}
		Future<String> withoutProxy = this.callers.submit(() -> add(counter, "1"));
		for (Future<String> call : calls) {
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> call.get(20, TimeUnit.SECONDS))
				.withCauseInstanceOf(ComponentUnavailableException.class)
				.withMessageContaining("INVALID_ARGUMENT: the configuration is wrong")
				.satisfies((ex) -> assertThat(((ComponentUnavailableException) ex.getCause()).mayHaveBeenApplied())
					.isFalse());
		}
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> withoutProxy.get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(StatusRuntimeException.class)
			.withRootCauseInstanceOf(ComponentUnavailableException.class)
			.withMessageContaining("UNAVAILABLE")
			.withMessageContaining("INVALID_ARGUMENT: the configuration is wrong");
	}

	@Test
	void whenACallMayWaitThenItWaitsForTheObject() throws Exception {
		this.component.waitForReady = Duration.ofSeconds(30);
		RemoteObject counter = counter();
		Future<String> call = this.callers.submit(() -> add(counter, "1"));
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> counter.channel()
			.newCall(Texts.unary(COUNTER, "Add"), CallOptions.DEFAULT.withOption(RemoteObject.NO_WAIT, true)));
		this.component.on(process("a"));
		assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("a1: 1");
	}

	@Test
	void whenTheNumberIsOfNoUseThenThatIsTheReason() throws Exception {
		this.component.on(process("a"));
		RemoteObject counter = create(this.component, "counter", (creation) -> 0);
		Awaitility.await().until(() -> String.valueOf(counter.status().reason()).contains("stands for no connection"));
		assertThat(counter.ready().toCompletableFuture()).isNotDone();
	}

	@Test
	void whenTheProcessHasNoBrokerThenThatIsTheReason() {
		RemoteObject counter = counter();
		this.component.on(process("a").channel(), Attributes.EMPTY);
		Awaitility.await().until(() -> String.valueOf(counter.status().reason()).contains("has a broker"));
	}

	@Test
	void whenTheHostServiceIsNotOfferedThenThatIsTheReason() {
		this.component.on(process("a"));
		RemoteObject counter = create(this.component, "counter", (creation) -> creation.offer("test.Other"));
		Awaitility.await()
			.until(() -> "There is no host service 'test.Other'; the application offers test.Keystore"
				.equals(counter.status().reason()));
	}

	@Test
	void whenHostServicesAreStillToComeThenTheCreatorIsNotCalledBefore() throws Exception {
		Registration expectation = this.hostServices.expectMore();
		AtomicInteger attempts = new AtomicInteger();
		this.component.on(process("a"));
		RemoteObject counter = create(this.component, "counter", (creation) -> {
			attempts.incrementAndGet();
			creation.serve("before", List.of(Texts.service("test.Before", "Echo", (text) -> text)));
			int other = creation.offer("test.Other");
			return Integer.parseInt(Texts.call(creation.channel(), FACTORY, "New", Integer.toString(other)));
		});
		Awaitility.await()
			.until(() -> "waiting for the host services, since the application is still starting"
				.equals(counter.status().reason()));
		this.hostServices.add(Texts.service("test.Other", "Echo", (text) -> text));
		assertThat(counter.status().state()).isEqualTo(RemoteObjectStatus.State.PENDING);
		assertThat(attempts).hasValue(0);
		expectation.close();
		ready(counter);
		assertThat(attempts).hasValue(1);
	}

	@Test
	void whenTheHostServiceDoesNotComeThenThatIsTheReason() {
		Registration expectation = this.hostServices.expectMore();
		this.component.on(process("a"));
		RemoteObject counter = create(this.component, "counter", (creation) -> creation.offer("test.Other"));
		Awaitility.await().until(() -> String.valueOf(counter.status().reason()).startsWith("waiting for the host"));
		expectation.close();
		Awaitility.await()
			.until(() -> "There is no host service 'test.Other'; the application offers test.Keystore"
				.equals(counter.status().reason()));
	}

	@Test
	void whenItIsClosedWhileItWaitsForHostServicesThenNothingOfItIsLeft() {
		Registration expectation = this.hostServices.expectMore();
		TestProcess process = process("a");
		this.component.on(process);
		AtomicInteger attempts = new AtomicInteger();
		RemoteObject counter = create(this.component, "counter", (creation) -> {
			attempts.incrementAndGet();
			return creation.offer(KEYSTORE);
		});
		Awaitility.await().until(() -> String.valueOf(counter.status().reason()).startsWith("waiting for the host"));
		counter.close();
		expectation.close();
		Awaitility.await().until(() -> counter.status().state() == RemoteObjectStatus.State.CLOSED);
		assertThat(attempts).hasValue(0);
		assertThat(process.broker.served()).isEmpty();
	}

	@Test
	void whenNobodyListensAtTheNumberThenTheAttemptFailsAndSaysWhy() {
		TestProcess process = process("a");
		this.component.on(process);
		RemoteObject counter = create(this.component, "counter", (creation) -> {
			process.plugin.announce(7, "unix", this.folder.resolve("nobody").toString());
			return 7;
		});
		Awaitility.await()
			.until(() -> String.valueOf(counter.status().reason()).startsWith("UNAVAILABLE: io exception ("));
		assertThat(counter.connected()).isFalse();
	}

	@Test
	void whenACallThatIsNotIdempotentIsLostThenItIsNotMadeAgain() throws Exception {
		TestProcess first = process("a");
		this.component.on(first);
		RemoteObject counter = counter();
		ready(counter);
		Future<String> slow = this.callers.submit(() -> Texts.call(counter.channel(), COUNTER, "Slow", "1"));
		this.slowCalls.take();
		lose(first);
		this.component.on(process("b"));
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> slow.get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(StatusRuntimeException.class)
			.withMessageContaining("UNAVAILABLE");
		ready(counter, 2);
		assertThat(this.slowCalls).isEmpty();
	}

	@Test
	void whenAnIdempotentCallIsLostThenItIsMadeOnceMore() throws Exception {
		TestProcess first = process("a");
		this.component.on(first);
		RemoteObject counter = counter();
		ready(counter);
		MethodDescriptor<String, String> method = Texts.unary(COUNTER, "Slow").toBuilder().setIdempotent(true).build();
		Future<String> slow = this.callers
			.submit(() -> ClientCalls.blockingUnaryCall(counter.channel(), method, CallOptions.DEFAULT, "1"));
		this.slowCalls.take();
		lose(first);
		TestProcess second = process("b");
		this.component.on(second);
		assertThat(this.slowCalls.poll(20, TimeUnit.SECONDS)).isEqualTo("1");
		this.slowCallsMayEnd.countDown();
		assertThat(slow.get(20, TimeUnit.SECONDS)).isEqualTo("slow 1");
	}

	@Test
	void whenTheCallThatWasMadeAgainIsLostTooThenItFails() throws Exception {
		TestProcess first = process("a");
		this.component.on(first);
		RemoteObject counter = counter();
		ready(counter);
		MethodDescriptor<String, String> method = Texts.unary(COUNTER, "Slow").toBuilder().setSafe(true).build();
		Future<String> slow = this.callers
			.submit(() -> ClientCalls.blockingUnaryCall(counter.channel(), method, CallOptions.DEFAULT, "1"));
		this.slowCalls.take();
		lose(first);
		TestProcess second = process("b");
		this.component.on(second);
		assertThat(this.slowCalls.poll(20, TimeUnit.SECONDS)).isEqualTo("1");
		lose(second);
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> slow.get(20, TimeUnit.SECONDS))
			.withMessageContaining("UNAVAILABLE");
	}

	@Test
	void whenNothingFollowsThenALostCallFailsAtItsDeadlineWithWhatHappened() throws Exception {
		TestProcess first = process("a");
		this.component.on(first);
		RemoteObject counter = counter();
		ready(counter);
		MethodDescriptor<String, String> method = Texts.unary(COUNTER, "Slow").toBuilder().setSafe(true).build();
		Future<String> slow = this.callers.submit(() -> ClientCalls.blockingUnaryCall(counter.channel(), method,
				CallOptions.DEFAULT.withDeadlineAfter(3, TimeUnit.SECONDS), "1"));
		this.slowCalls.take();
		lose(first);
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> slow.get(30, TimeUnit.SECONDS))
			.withMessageContaining("UNAVAILABLE");
	}

	@Test
	void whenTheObjectItselfSaysUnavailableThenThatIsTheAnswer() throws Exception {
		this.component.on(process("a"));
		RemoteObject counter = counter();
		ready(counter);
		MethodDescriptor<String, String> method = Texts.unary(COUNTER, "Busy").toBuilder().setIdempotent(true).build();
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> ClientCalls.blockingUnaryCall(counter.channel(), method, CallOptions.DEFAULT, "1"))
			.withMessageContaining("too busy");
		assertThat(counter.generation()).isEqualTo(1);
		assertThat(this.busyCalls).hasValue(1);
	}

	@Test
	void whenACallWasCertainlyNotSentThenItIsMadeOnTheNextGeneration() throws Exception {
		this.component.on(process("a"));
		RemoteObject counter = counter();
		ready(counter);
		ClientCall<String, String> early = counter.channel()
			.newCall(Texts.unary(COUNTER, "Add"), CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
		this.counters.get(0).close();
		Awaitility.await().until(() -> counter.generation() == 2);
		LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
		early.start(new ClientCall.Listener<>() {

			@Override
			public void onMessage(String message) {
				answers.add(message);
			}

			@Override
			public void onClose(Status status, Metadata trailers) {
				answers.add(status.isOk() ? "OK" : status.toString());
			}

		}, new Metadata());
		early.request(2);
		early.sendMessage("7");
		early.halfClose();
		assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo("a2: 7");
		assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo("OK");
	}

	@Test
	void whenAStreamBreaksThenItsReaderIsTold() throws Exception {
		TestProcess first = process("a");
		this.component.on(first);
		RemoteObject counter = counter();
		ready(counter);
		LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
		ClientCalls.asyncServerStreamingCall(
				counter.channel()
					.newCall(Texts.method(COUNTER, "Watch", MethodType.SERVER_STREAMING), CallOptions.DEFAULT),
				"x", new StreamObserver<>() {

					@Override
					public void onNext(String value) {
						events.add(value);
					}

					@Override
					public void onError(Throwable failure) {
						events.add(Status.fromThrowable(failure).getCode().name());
					}

					@Override
					public void onCompleted() {
						events.add("completed");
					}

				});
		assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("watching x");
		lose(first);
		this.component.on(process("b"));
		assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("UNAVAILABLE");
		ready(counter, 2);
		assertThat(events).isEmpty();
	}

	@Test
	void whenTheParentIsReplacedDuringTheCreationThenThatIsGivenUp() throws Exception {
		TestProcess first = process("a");
		CountDownLatch creating = new CountDownLatch(1);
		AtomicInteger interrupted = new AtomicInteger();
		AtomicInteger concurrent = new AtomicInteger();
		this.component.on(first);
		RemoteObject counter = create(this.component, "counter", (creation) -> {
			assertThat(concurrent.incrementAndGet()).isEqualTo(1);
			try {
				creation.offer(KEYSTORE);
				if (creating.getCount() > 0) {
					creating.countDown();
					try {
						new CountDownLatch(1).await();
					}
					catch (InterruptedException ex) {
						interrupted.incrementAndGet();
					}
				}
				return Integer.parseInt(Texts.call(creation.channel(), FACTORY, "New", "x"));
			}
			finally {
				concurrent.decrementAndGet();
			}
		});
		creating.await();
		this.component.on(process("b"));
		ready(counter);
		assertThat(add(counter, "1")).isEqualTo("b1: 1");
		assertThat(interrupted).hasValue(1);
		assertThat(first.broker.served()).isEmpty();
		assertThat(first.broker.dialed()).isEmpty();
	}

	@Test
	void whenItIsClosedThenEverythingOfItIs() throws Exception {
		TestProcess process = process("a");
		this.component.on(process);
		RemoteObject counter = counter();
		ready(counter);
		Future<String> slow = this.callers.submit(() -> Texts.call(counter.channel(), COUNTER, "Slow", "1"));
		this.slowCalls.take();
		counter.close();
		counter.close();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> slow.get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(StatusRuntimeException.class);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> add(counter, "1"))
			.withMessageContaining("it was closed");
		closed(counter, process);
		this.component.on(process("b"));
		assertThat(this.created).hasValue(1);
	}

	@Test
	void whenItIsClosedBeforeItWasThereThenThoseWhoWaitAreTold() {
		RemoteObject counter = counter();
		counter.close();
		assertThatExceptionOfType(CompletionException.class)
			.isThrownBy(() -> counter.ready().toCompletableFuture().join())
			.withCauseInstanceOf(ComponentUnavailableException.class);
	}

	@Test
	void whenThePluginIsThereThenItIsToldOfTheClose() throws Exception {
		this.component.on(process("a"));
		RemoteObject counter = counter();
		ready(counter);
		counter.close(Texts.unary(COUNTER, "Close"), "bye");
		assertThat(this.closed).containsExactly("bye");
		closed(counter, this.processes.get(0));
	}

	@Test
	void whenThePluginIsGoneThenClosingDoesNothingElse() throws Exception {
		TestProcess process = process("a");
		this.component.on(process);
		RemoteObject counter = counter();
		ready(counter);
		process.kill();
		counter.close(Texts.unary(COUNTER, "Close"), "bye");
		assertThat(this.closed).isEmpty();
		counter.close(Texts.unary(COUNTER, "Close"), "bye");
	}

	@Test
	void whenTheRemoteCloseFailsThenItIsClosedAllTheSame() throws Exception {
		TestProcess process = process("a");
		this.component.on(process);
		RemoteObject counter = counter();
		ready(counter);
		counter.close(Texts.unary(COUNTER, "Busy"), "bye");
		closed(counter, process);
	}

	@Test
	void whenItIsCalledLikeAComponentThenFailuresAreThoseOfComponents() throws Exception {
		TestProcess process = process("a");
		this.component.on(process);
		RemoteObject counter = counter();
		ready(counter);
		ComponentCalls calls = new ComponentCalls(counter, (failure) -> null);
		assertThat(calls.unary(Texts.unary(COUNTER, "Add"), "5")).isEqualTo("a1: 5");
		assertThatExceptionOfType(ComponentUnavailableException.class)
			.isThrownBy(() -> calls.unary(Texts.unary(COUNTER, "Busy"), "5"))
			.withMessageContaining("Busy on test component 'counter'")
			.satisfies((ex) -> assertThat(ex.mayHaveBeenApplied()).isTrue());
	}

	@Test
	void whenItIsCreatedThenThoseWhoListenHearOfEachGenerationInOrder() throws Exception {
		List<ComponentGeneration> heard = new CopyOnWriteArrayList<>();
		TestProcess first = process("a");
		this.component.on(first);
		RemoteObject counter = counter();
		ready(counter);
		counter.onGeneration(heard::add);
		Awaitility.await().until(() -> heard.size() == 1);
		assertThat(heard.get(0).attributes().get(PluginBroker.KEY)).isSameAs(first.broker);
		assertThat(heard.get(0).current()).isTrue();
		this.component.on(process("b"));
		Awaitility.await().until(() -> heard.size() == 2);
		assertThat(heard).extracting(ComponentGeneration::number).containsExactly(1L, 2L);
		assertThat(heard.get(0).current()).isFalse();
		assertThat(Texts.call(heard.get(1).channel(), COUNTER, "Add", "1")).isEqualTo("b1: 1");
	}

	@Test
	void whenTheParentIsClosedThenWhatItCreatedSaysSo() throws Exception {
		TestProcess process = process("a");
		this.component.on(process);
		RemoteObject parent = counter();
		RemoteObject child = create(parent, "child", (creation) -> {
			creation.offer(KEYSTORE);
			return Integer.parseInt(Texts.call(creation.channel(), COUNTER, "Child", "x"));
		});
		ready(child);
		assertThat(add(child, "1")).isEqualTo("child of a1: 1");
		parent.close();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> add(child, "1"))
			.withMessageContaining("'counter', which created it, was closed");
		RemoteObject late = create(parent, "late", (creation) -> 1);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> add(late, "1"))
			.withMessageContaining("'counter', which created it, was closed");
		closed(late, process);
	}

	@Test
	void whenThingsAreCreatedAgainManyTimesThenNothingIsLeft() throws Exception {
		this.component.waitForReady = Duration.ofSeconds(30);
		TestProcess process = process("a");
		this.component.on(process);
		RemoteObject counter = counter();
		ready(counter);
		for (int round = 2; round <= 11; round++) {
			this.counters.get(this.counters.size() - 1).close();
			ready(counter, round);
		}
		settled(process);
		long threads = threads();
		long descriptors = descriptors();
		for (int round = 12; round <= 111; round++) {
			if (round % 2 == 0) {
				this.counters.get(this.counters.size() - 1).close();
			}
			else {
				this.component.on(process);
			}
			ready(counter, round);
			assertThat(add(counter, "1")).endsWith(": 1");
		}
		this.counters.subList(0, this.counters.size() - 1).forEach(PluginSideBroker.Served::close);
		settled(process);
		Awaitility.await().untilAsserted(() -> {
			assertThat(descriptors()).isLessThanOrEqualTo(descriptors + 2);
			assertThat(threads()).isLessThanOrEqualTo(threads + 2);
		});
		assertThat(sockets(process)).hasSizeBetween(1, 1 + READY_SOCKETS);
		counter.close();
		closed(counter, process);
		assertThat(sockets(process)).hasSizeLessThanOrEqualTo(READY_SOCKETS);
		assertThat(this.scheduler.getQueue()).noneMatch((task) -> !((Future<?>) task).isCancelled());
	}

	private static void closed(RemoteObject object, TestProcess process) {
		Awaitility.await()
			.until(() -> object.status().state() == RemoteObjectStatus.State.CLOSED && process.broker.served().isEmpty()
					&& process.broker.dialed().isEmpty());
	}

	private void settled(TestProcess process) {
		Awaitility.await().until(() -> process.broker.served().size() == 1 && process.broker.dialed().size() == 1);
	}

	private static long descriptors() throws IOException {
		try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
			return files.count();
		}
	}

	private static long threads() {
		return Thread.getAllStackTraces().keySet().stream().filter((thread) -> !pooled(thread)).count();
	}

	/**
	 * Tell whether a thread belongs to a pool. The test does not count these threads,
	 * because a pool has a limit and its size depends on the load.
	 */
	private static boolean pooled(Thread thread) {
		return thread.getName().startsWith("pluggable-callback-") || thread.getName().startsWith("pool-")
				|| thread.getName().startsWith("grpc-default-executor") || thread.getName().contains("ompletableFuture")
				|| thread.getName().startsWith("ForkJoinPool");
	}

	private final AtomicInteger created = new AtomicInteger();

	private final AtomicInteger busyCalls = new AtomicInteger();

	private final LinkedBlockingQueue<String> slowCalls = new LinkedBlockingQueue<>();

	private final CountDownLatch slowCallsMayEnd = new CountDownLatch(1);

	private final List<String> closed = new CopyOnWriteArrayList<>();

	private final List<PluginSideBroker.Served> counters = new CopyOnWriteArrayList<>();

	private volatile Step beforeCreate = () -> {
	};

	private RemoteObject counter() {
		return create(this.component, "counter", (creation) -> {
			this.created.incrementAndGet();
			this.beforeCreate.run();
			int keystore = creation.offer(KEYSTORE);
			return Integer.parseInt(Texts.call(creation.channel(), FACTORY, "New", Integer.toString(keystore)));
		});
	}

	private RemoteObject create(dev.pluggable.ComponentClient parent, String name, RemoteObject.Creator creator) {
		RemoteObject object = RemoteObject.create(parent, name, creator);
		this.objects.add(object);
		return object;
	}

	private TestProcess process(String name) {
		AtomicInteger number = new AtomicInteger();
		return process((plugin) -> List.of(Texts.service(FACTORY, "New", (request) -> {
			PluginSideBroker.Served counter = plugin.serve(counter(plugin, name + number.incrementAndGet()));
			this.counters.add(counter);
			return Integer.toString(counter.id());
		})));
	}

	private ServerServiceDefinition counter(PluginSideBroker plugin, String name) {
		ServerServiceDefinition.Builder service = Texts.builder(COUNTER, "Add", (text) -> name + ": " + text);
		Texts.add(service, COUNTER, "Slow", (text) -> {
			this.slowCalls.add(text);
			try {
				this.slowCallsMayEnd.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			return "slow " + text;
		});
		Texts.add(service, COUNTER, "Busy", (text) -> {
			this.busyCalls.incrementAndGet();
			throw Status.UNAVAILABLE.withDescription("too busy").asRuntimeException();
		});
		Texts.add(service, COUNTER, "Close", (text) -> {
			this.closed.add(text);
			return "closed";
		});
		Texts.add(service, COUNTER, "Child",
				(text) -> Integer.toString(plugin.serve(counter(plugin, "child of " + name)).id()));
		service.addMethod(Texts.method(COUNTER, "Watch", MethodType.SERVER_STREAMING),
				ServerCalls.asyncServerStreamingCall((request, responses) -> responses.onNext("watching " + request)));
		return service.build();
	}

	private TestProcess process(Function<PluginSideBroker, List<ServerServiceDefinition>> services) {
		TestProcess process = new TestProcess(this.folder, this.transport, this.scheduler, this.handlers, services);
		this.processes.add(process);
		return process;
	}

	private void lose(TestProcess process) {
		this.component.lost();
		process.close();
	}

	private static void ready(RemoteObject object) throws Exception {
		object.ready().toCompletableFuture().get(30, TimeUnit.SECONDS);
	}

	private static void ready(RemoteObject object, long generation) {
		Awaitility.await().until(() -> object.generation() >= generation && object.connected());
	}

	private static String add(RemoteObject object, String text) {
		return Texts.call(object.channel(), COUNTER, "Add", text);
	}

	private static List<Path> sockets(TestProcess process) throws IOException {
		try (Stream<Path> files = Files.list(process.hostFolder)) {
			return files.toList();
		}
	}

	private interface Step {

		void run() throws Exception;

	}

}
