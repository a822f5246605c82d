package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.fixtures.ManualScheduler;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link WaitingCall}. The call behind the gate records its methods.
 */
@Timeout(60)
class WaitingCallTests {

	private static final Context.Key<String> KEY = Context.key("test");

	private static final Attributes.Key<String> TARGET = Attributes.Key.create("target");

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private final ManualScheduler scheduler = new ManualScheduler();

	private final Gate<String> gate = new Gate<>(this.scheduler);

	/**
	 * Tasks that the call has submitted to its executor. The test runs them.
	 */
	private final Queue<Runnable> tasks = new ArrayDeque<>();

	private final Answers answers = new Answers();

	private final List<RecordedCall> made = Collections.synchronizedList(new ArrayList<>());

	private String reason = "the process has ended";

	@AfterEach
	void stop() {
		this.scheduler.shutdownNow();
	}

	@Test
	void whenTheGateOpensThenTheCallIsMadeWithAllThatWasAsked() {
		ClientCall<String, String> call = started(this.tasks::add);
		call.request(2);
		call.sendMessage("one");
		call.setMessageCompression(true);
		call.sendMessage("two");
		call.halfClose();
		assertThat(call.isReady()).isFalse();
		assertThat(call.getAttributes()).isSameAs(Attributes.EMPTY);
		assertThat(this.made).isEmpty();
		this.gate.open("a");
		assertThat(this.made).as("the call is made where its callbacks run").isEmpty();
		run();
		assertThat(this.made.get(0).target).isEqualTo("a");
		assertThat(this.made.get(0).asked).containsExactly("start", "request 2", "send one", "compression true",
				"send two", "half-close");
		assertThat(call.isReady()).isTrue();
		this.made.get(0).listener.onMessage("answer");
		this.made.get(0).listener.onClose(Status.OK, new Metadata());
		assertThat(this.answers.events).containsExactly("answer", "OK");
	}

	@Test
	void whenTheGateHasOpenedBeforeTheStartThenTheCallPassesAtOnce() {
		ClientCall<String, String> call = newCall(CallOptions.DEFAULT, this.tasks::add);
		this.gate.open("a");
		call.start(this.answers, new Metadata());
		call.sendMessage("one");
		assertThat(this.made.get(0).asked).containsExactly("start", "send one");
		assertThat(this.tasks).isEmpty();
		assertThatIllegalStateException().isThrownBy(() -> call.start(this.answers, new Metadata()));
	}

	@Test
	void whenTheCallHasPassedThenTheRestIsAskedDirectly() {
		ClientCall<String, String> call = started(Runnable::run);
		this.gate.open("a");
		call.sendMessage("one");
		call.request(1);
		call.halfClose();
		call.cancel("enough", null);
		assertThat(this.made.get(0).asked).containsExactly("start", "send one", "request 1", "half-close",
				"cancel enough");
		assertThat(call.getAttributes().get(TARGET)).isEqualTo("a");
	}

	@Test
	void whenTheGateDoesNotOpenInTimeThenTheCallEndsWithTheReason() {
		ClientCall<String, String> call = started(this.tasks::add);
		call.sendMessage("one");
		this.scheduler.advance(Duration.ofSeconds(1));
		assertThat(this.answers.events).as("the end comes where callbacks run").isEmpty();
		run();
		assertUnavailable(Status.Code.UNAVAILABLE);
		this.gate.open("a");
		run();
		call.sendMessage("two");
		call.cancel("late", null);
		assertThat(this.made).isEmpty();
		assertThat(this.answers.events).hasSize(1);
	}

	@Test
	void whenTheDeadlinePassesBeforeTheGateOpensThenThatIsTheStatus() {
		TestTicker ticker = new TestTicker();
		ClientCall<String, String> call = newCall(
				CallOptions.DEFAULT.withDeadline(io.grpc.Deadline.after(300, TimeUnit.MILLISECONDS, ticker)),
				Runnable::run);
		call.start(this.answers, new Metadata());
		ticker.nanos = TimeUnit.MILLISECONDS.toNanos(300);
		this.scheduler.advance(Duration.ofMillis(299));
		assertThat(this.answers.events).isEmpty();
		this.scheduler.advance(Duration.ofMillis(1));
		assertUnavailable(Status.Code.DEADLINE_EXCEEDED);
	}

	@Test
	void whenTheDeadlineHasPassedAlreadyThenTheCallEndsAtOnce() {
		ClientCall<String, String> call = newCall(CallOptions.DEFAULT.withDeadlineAfter(-1, TimeUnit.SECONDS),
				Runnable::run);
		call.start(this.answers, new Metadata());
		assertUnavailable(Status.Code.DEADLINE_EXCEEDED);
	}

	@Test
	void whenTheGateIsStoppedThenTheCallEnds() {
		started(Runnable::run);
		this.reason = "the application is stopping";
		this.gate.stop();
		assertUnavailable(Status.Code.UNAVAILABLE);
	}

	@Test
	void whenCancelledWhileItWaitsThenItEndsAndNothingIsSent() {
		ClientCall<String, String> call = started(this.tasks::add);
		IllegalArgumentException cause = new IllegalArgumentException();
		call.cancel("no longer needed", cause);
		call.cancel("again", null);
		assertThat(this.gate.waiting()).isZero();
		run();
		assertThat(this.answers.events).containsExactly("CANCELLED: no longer needed");
		assertThat(this.answers.status.getCause()).isSameAs(cause);
		this.gate.open("a");
		run();
		assertThat(this.made).isEmpty();
	}

	@Test
	void whenTheCallerIsInterruptedWhileItWaitsThenItLearnsWhatItWaitedFor() {
		ClientCall<String, String> call = started(Runnable::run);
		call.cancel("Thread interrupted", new InterruptedException());
		assertThat(this.answers.status.getCode()).isEqualTo(Status.Code.CANCELLED);
		assertThat(this.answers.status.getCause()).isInstanceOf(ComponentUnavailableException.class)
			.hasMessageContaining(this.reason);
	}

	@Test
	void whenCancelledBeforeTheStartThenItEndsWithTheStart() {
		ClientCall<String, String> call = newCall(CallOptions.DEFAULT, Runnable::run);
		call.cancel("no longer needed", null);
		call.start(this.answers, new Metadata());
		assertThat(this.answers.status.getCode()).isEqualTo(Status.Code.CANCELLED);
		assertThat(this.gate.waiting()).isZero();
	}

	@Test
	void whenCancelledBetweenTheOpeningAndTheCallThenNoCallIsMade() {
		ClientCall<String, String> call = started(this.tasks::add);
		this.gate.open("a");
		call.cancel("no longer needed", null);
		run();
		assertThat(this.made).isEmpty();
		assertThat(this.answers.events).containsExactly("CANCELLED: no longer needed");
	}

	@Test
	void whenManyCallsWaitThenOneTaskMakesThemAllInTheirOrder() {
		Executor executor = this.tasks::add;
		for (int i = 0; i < 1_000; i++) {
			started(executor).sendMessage(Integer.toString(i));
		}
		this.gate.open("a");
		assertThat(this.tasks).hasSize(1);
		run();
		assertThat(this.made).hasSize(1_000);
		for (int i = 0; i < 1_000; i++) {
			assertThat(this.made.get(i).asked).containsExactly("start", "send " + i);
		}
	}

	@Test
	void whenACallbackIsHeldBackThenTheNextCallDoesNotWaitForIt() {
		Executor executor = this.tasks::add;
		started(executor);
		started(executor);
		this.onStart = (made) -> made.listener.onMessage("early");
		this.gate.open("a");
		this.tasks.remove().run();
		assertThat(this.made).hasSize(2);
		assertThat(this.answers.events).isEmpty();
		run();
		assertThat(this.answers.events).containsExactly("early", "early");
	}

	@Test
	void whenTheContextIsCancelledThenTheCallEnds() {
		Context.CancellableContext context = Context.current().withCancellation();
		context.run(() -> started(Runnable::run));
		context.cancel(new IllegalArgumentException());
		assertThat(this.answers.status.getCode()).isEqualTo(Status.Code.CANCELLED);
		assertThat(this.gate.waiting()).isZero();
	}

	@Test
	void whenTheContextIsCancelledAlreadyThenTheCallDoesNotWait() {
		Context.CancellableContext context = Context.current().withCancellation();
		context.cancel(null);
		context.run(() -> started(Runnable::run));
		assertThat(this.answers.status.getCode()).isEqualTo(Status.Code.CANCELLED);
		assertThat(this.gate.waiting()).isZero();
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenTheCallIsMadeThenItHasTheContextOfItsCaller() {
		Context.current().withValue(KEY, "caller").run(() -> started(Runnable::run));
		this.gate.open("a");
		assertThat(this.made.get(0).context).isEqualTo("caller");
	}

	@Test
	void whenCallbacksComeEarlyThenTheyAreHeldBackUntilTheCallIsReady() {
		ClientCall<String, String> call = newCall(CallOptions.DEFAULT, Runnable::run);
		call.start(new Answers() {

			@Override
			public void onReady() {
				this.events.add("ready: " + call.isReady());
			}

		}, new Metadata());
		call.sendMessage("one");
		List<String> seen = new ArrayList<>();
		this.onStart = (made) -> {
			made.listener.onReady();
			made.listener.onMessage("early");
			seen.addAll(((Answers) this.lastListener).events);
		};
		this.gate.open("a");
		assertThat(seen).isEmpty();
		assertThat(((Answers) this.lastListener).events).containsExactly("ready: true", "early");
		assertThat(this.made.get(0).asked).containsExactly("start", "send one");
	}

	@Test
	void whenACallbackThatWasHeldBackFailsThenTheCallIsCancelled() {
		IllegalStateException bug = new IllegalStateException("bug");
		ClientCall<String, String> call = newCall(CallOptions.DEFAULT, Runnable::run);
		Answers failing = new Answers() {

			@Override
			public void onMessage(String message) {
				this.events.add(message);
				throw bug;
			}

		};
		call.start(failing, new Metadata());
		this.onStart = (made) -> {
			made.listener.onMessage("one");
			made.listener.onMessage("two");
			made.close(Status.OK);
		};
		this.gate.open("a");
		assertThat(failing.events).hasSize(2).startsWith("one").last().asString().startsWith("CANCELLED");
		assertThat(failing.status.getCause()).isSameAs(bug);
		assertThat(this.made.get(0).asked).contains("cancel A callback of the call failed");
	}

	@Test
	void whenTheCallCannotBeMadeThenItEnds() {
		ClientCall<String, String> call = started(Runnable::run);
		this.onStart = (made) -> {
			throw Status.INTERNAL.withDescription("an interceptor failed").asRuntimeException();
		};
		this.gate.open("a");
		assertThat(this.answers.events).containsExactly("INTERNAL: an interceptor failed");
		call.sendMessage("one");
		call.cancel("late", null);
		assertThat(this.answers.events).hasSize(1);
	}

	@Test
	void whenARequestCannotBeHandedOnThenTheCallIsCancelled() {
		ClientCall<String, String> call = started(Runnable::run);
		call.sendMessage("bad");
		this.gate.open("a");
		assertThat(this.made.get(0).asked).containsExactly("start", "send bad",
				"cancel The request could not be forwarded");
	}

	@Test
	void whenARequestEndsInAnErrorThenTheCallIsCancelled() {
		ClientCall<String, String> call = started(Runnable::run);
		call.sendMessage("fatal");
		this.gate.open("a");
		assertThat(this.made.get(0).asked).containsExactly("start", "send fatal",
				"cancel The request could not be forwarded");
		assertThat(this.answers.events).containsExactly("CANCELLED: The request could not be forwarded");
	}

	@Test
	void whenACallbackThatWasHeldBackEndsInAnErrorThenTheCallIsCancelled() {
		AssertionError bug = new AssertionError("bug");
		ClientCall<String, String> call = newCall(CallOptions.DEFAULT, Runnable::run);
		Answers failing = new Answers() {

			@Override
			public void onMessage(String message) {
				throw bug;
			}

		};
		call.start(failing, new Metadata());
		this.onStart = (made) -> made.listener.onMessage("one");
		this.gate.open("a");
		assertThat(failing.status.getCode()).isEqualTo(Status.Code.CANCELLED);
		assertThat(failing.status.getCause()).isSameAs(bug);
		assertThat(this.made.get(0).asked).contains("cancel A callback of the call failed");
	}

	@Test
	void whenTheExecutorRejectsThenTheCallEndsAllTheSame() {
		started((task) -> {
			throw new RejectedExecutionException();
		});
		this.gate.stop();
		assertUnavailable(Status.Code.UNAVAILABLE);
	}

	@Test
	void whenTheOptionsHaveAnExecutorThenItIsUsed() {
		ClientCall<String, String> call = new WaitingCall<>(this.gate, SECOND,
				CallOptions.DEFAULT.withExecutor(this.tasks::add), Runnable::run, this::unavailable, this::make);
		call.start(this.answers, new Metadata());
		this.gate.open("a");
		assertThat(this.made).isEmpty();
		run();
		assertThat(this.made).hasSize(1);
	}

	@Test
	void whenManyAskWhileItOpensThenEachCallGetsEverythingInOrderOnce() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(3);
		try {
			long end = System.nanoTime() + SECOND;
			int rounds = 0;
			while (System.nanoTime() < end) {
				rounds++;
				race(threads, rounds);
			}
			assertThat(rounds).isGreaterThan(10);
		}
		finally {
			threads.shutdownNow();
		}
	}

	private void race(ExecutorService threads, int round) throws Exception {
		Gate<String> contested = new Gate<>(this.scheduler);
		List<RecordedCall> recorded = Collections.synchronizedList(new ArrayList<>());
		AtomicInteger closed = new AtomicInteger();
		CountDownLatch end = new CountDownLatch(1);
		ClientCall<String, String> call = new WaitingCall<>(contested, SECOND, CallOptions.DEFAULT, threads,
				this::unavailable, (target) -> {
					RecordedCall made = new RecordedCall(target);
					recorded.add(made);
					return made;
				});
		CountDownLatch go = new CountDownLatch(1);
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onClose(Status status, Metadata trailers) {
				closed.incrementAndGet();
				end.countDown();
			}

		}, new Metadata());
		Future<?> opening = threads.submit(() -> {
			go.await();
			contested.open("a");
			return null;
		});
		Future<?> cancelling = threads.submit(() -> {
			go.await();
			if (round % 2 == 0) {
				call.cancel("race", null);
			}
			return null;
		});
		go.countDown();
		for (int i = 0; i < 50; i++) {
			call.sendMessage(Integer.toString(i));
		}
		opening.get();
		cancelling.get();
		call.cancel("the end", null);
		assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
		assertThat(recorded).hasSizeLessThanOrEqualTo(1);
		assertThat(closed).hasValue(1);
		for (RecordedCall made : recorded) {
			List<String> sent = made.asked.stream().filter((asked) -> asked.startsWith("send ")).toList();
			for (int i = 0; i < sent.size(); i++) {
				assertThat(sent.get(i)).isEqualTo("send " + i);
			}
		}
		assertThat(contested.waiting()).isZero();
	}

	private ClientCall<String, String> started(Executor executor) {
		ClientCall<String, String> call = newCall(CallOptions.DEFAULT, executor);
		call.start(this.answers, new Metadata());
		return call;
	}

	private ClientCall<String, String> newCall(CallOptions options, Executor executor) {
		return new WaitingCall<>(this.gate, SECOND, options, executor, this::unavailable, this::make);
	}

	private ComponentUnavailableException unavailable() {
		return new ComponentUnavailableException("c", "test", "Do", this.reason);
	}

	private RecordedCall make(String target) {
		RecordedCall call = new RecordedCall(target);
		this.made.add(call);
		return call;
	}

	private void run() {
		while (!this.tasks.isEmpty()) {
			this.tasks.remove().run();
		}
	}

	private void assertUnavailable(Status.Code code) {
		assertThat(this.answers.events)
			.containsExactly(code + ": Do on test component 'c': not available: " + this.reason);
		assertThat(this.answers.status.getCause()).isInstanceOfSatisfying(ComponentUnavailableException.class,
				(cause) -> assertThat(cause.mayHaveBeenApplied()).isFalse());
		assertThat(this.gate.waiting()).isZero();
	}

	private ClientCall.@Nullable Listener<String> lastListener;

	private Step onStart = (made) -> {
	};

	private interface Step {

		void accept(RecordedCall made);

	}

	private static final class TestTicker extends io.grpc.Deadline.Ticker {

		private long nanos;

		@Override
		public long nanoTime() {
			return this.nanos;
		}

	}

	/**
	 * Records the responses of the call, followed by its status.
	 */
	private class Answers extends ClientCall.Listener<String> {

		final List<String> events = new ArrayList<>();

		Status status = Status.OK;

		Answers() {
			WaitingCallTests.this.lastListener = this;
		}

		@Override
		public void onMessage(String message) {
			this.events.add(message);
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			this.status = status;
			this.events.add(status.isOk() ? "OK" : status.getCode() + ": " + status.getDescription());
		}

	}

	/**
	 * Records the methods that are called, and ends at a cancellation.
	 */
	private final class RecordedCall extends ClientCall<String, String> {

		private final String target;

		private final @Nullable String context = KEY.get();

		private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

		private final AtomicBoolean closed = new AtomicBoolean();

		private volatile Listener<String> listener = new Listener<>() {
		};

		RecordedCall(String target) {
			this.target = target;
		}

		@Override
		public void start(Listener<String> listener, Metadata headers) {
			this.listener = listener;
			this.asked.add("start");
			WaitingCallTests.this.onStart.accept(this);
		}

		@Override
		public void request(int count) {
			this.asked.add("request " + count);
		}

		@Override
		public void sendMessage(String message) {
			this.asked.add("send " + message);
			if (message.equals("bad")) {
				throw new IllegalStateException("bad");
			}
			if (message.equals("fatal")) {
				throw new AssertionError("fatal");
			}
		}

		@Override
		public void halfClose() {
			this.asked.add("half-close");
		}

		@Override
		public void setMessageCompression(boolean enabled) {
			this.asked.add("compression " + enabled);
		}

		@Override
		public void cancel(@Nullable String message, @Nullable Throwable cause) {
			this.asked.add("cancel " + message);
			close(Status.CANCELLED.withDescription(message));
		}

		void close(Status status) {
			if (this.closed.compareAndSet(false, true)) {
				this.listener.onClose(status, new Metadata());
			}
		}

		@Override
		public boolean isReady() {
			return true;
		}

		@Override
		public Attributes getAttributes() {
			return Attributes.newBuilder().set(TARGET, this.target).build();
		}

	}

}
