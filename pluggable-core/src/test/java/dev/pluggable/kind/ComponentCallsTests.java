package dev.pluggable.kind;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.fixtures.ManualScheduler;
import dev.pluggable.fixtures.TestComponent;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.broker.HostServiceRegistry;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ComponentCalls} while the component is not ready.
 */
@Timeout(60)
class ComponentCallsTests {

	private static final MethodDescriptor<String, String> METHOD = Texts.unary("test.Service", "Do");

	private final ManualScheduler scheduler = new ManualScheduler();

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final TestComponent component = new TestComponent("c", this.threads, this.scheduler,
			new HostServiceRegistry());

	private final ComponentCalls calls = new ComponentCalls(this.component, (failure) -> {
		throw new AssertionError("The kind is not asked about calls that were not sent");
	});

	@AfterEach
	void stop() {
		this.threads.shutdownNow();
		this.scheduler.shutdownNow();
	}

	@Test
	void whenTheCallMustNotWaitThenItFailsAtOnce() {
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> this.calls.unary(METHOD, "x"))
			.withMessage("Do on test component 'c': not available: the process has ended");
	}

	@Test
	void whenTheComponentIsReadyInTimeThenTheWaitingCallIsAnswered() throws Exception {
		Future<String> call = waiting();
		Awaitility.await().until(() -> this.scheduler.waiting() == 1);
		this.component.on(new EchoChannel(), Attributes.EMPTY);
		assertThat(call.get()).isEqualTo("echo x");
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenTheComponentIsNotReadyInTimeThenTheExceptionIsTheOneOfACallThatDoesNotWait() {
		Future<String> call = waiting();
		Awaitility.await().until(() -> this.scheduler.waiting() == 1);
		this.scheduler.advance(Duration.ofSeconds(10));
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(call::get)
			.satisfies((ex) -> assertThat(ex.getCause()).isInstanceOfSatisfying(ComponentUnavailableException.class,
					(cause) -> {
						assertThat(cause).hasMessage("Do on test component 'c': not available: the process has ended");
						assertThat(cause.mayHaveBeenApplied()).isFalse();
						assertThat(cause.getFailure()).isNull();
						assertThat(cause.getStackTrace()).as("the stack trace is the caller's")
							.anyMatch((frame) -> frame.getMethodName().equals("unary"));
					}));
	}

	@Test
	void whenTheThreadIsInterruptedWhileItWaitsThenItLearnsTheReasonAndStaysInterrupted() throws Exception {
		this.component.waitForReady = Duration.ofSeconds(10);
		AtomicReference<Thread> caller = new AtomicReference<>();
		Future<Boolean> interrupted = this.threads.submit(() -> {
			caller.set(Thread.currentThread());
			assertThatExceptionOfType(ComponentUnavailableException.class)
				.isThrownBy(() -> this.calls.unary(METHOD, "x"))
				.withMessageContaining("the process has ended");
			return Thread.interrupted();
		});
		Awaitility.await().until(() -> this.scheduler.waiting() == 1);
		caller.get().interrupt();
		assertThat(interrupted.get()).isTrue();
		assertThat(this.scheduler.waiting()).isZero();
	}

	private Future<String> waiting() {
		this.component.waitForReady = Duration.ofSeconds(10);
		return this.threads.submit(() -> this.calls.unary(METHOD, "x"));
	}

	/**
	 * Answers a request with itself, on the executor of the call.
	 */
	private static final class EchoChannel extends Channel {

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			return new ClientCall<>() {

				private @Nullable Listener<R> listener;

				private @Nullable Q request;

				@Override
				public void start(Listener<R> listener, Metadata headers) {
					this.listener = listener;
				}

				@Override
				public void request(int count) {
				}

				@Override
				public void cancel(@Nullable String message, @Nullable Throwable cause) {
				}

				@Override
				public void sendMessage(Q message) {
					this.request = message;
				}

				@Override
				public void halfClose() {
					options.getExecutor().execute(() -> {
						this.listener.onMessage(
								method.parseResponse(Texts.unary("a", "b").streamRequest("echo " + this.request)));
						this.listener.onClose(Status.OK, new Metadata());
					});
				}

			};
		}

		@Override
		public String authority() {
			return "echo";
		}

	}

}
