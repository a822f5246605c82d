package dev.pluggable.kind;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.concurrent.TimeoutException;

import dev.pluggable.CallFailure;
import dev.pluggable.Component;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.Answers;
import dev.pluggable.fixtures.FakeGreeter;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetResponse;
import dev.pluggable.grpc.GrpcKind;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for asynchronous calls and streams of {@link ComponentCalls} on a real socket.
 */
@Timeout(60)
class AsyncCallsTests {

	private static final MethodDescriptor<GreetRequest, GreetResponse> GREET = GreeterGrpc.getGreetMethod();

	@TempDir
	Path folder;

	private FakeGreeter greeter;

	private ComponentHost host;

	private Component<Channel> component;

	private ComponentCalls calls;

	@BeforeEach
	void start() {
		this.greeter = new FakeGreeter(this.folder.resolve("greeter.sock"));
		ComponentSettings settings = new ComponentSettings(Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ZERO,
				Duration.ofSeconds(30), 1 << 20);
		this.host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(List
				.of(new ComponentDeclaration("hello", ComponentType.of("grpc.greeter"), false, Map.of(), settings))));
		this.host.start();
		this.component = this.host.registry().find(GrpcKind.INSTANCE, "hello").orElseThrow();
		this.calls = new ComponentCalls(this.component.client(), AsyncCallsTests::translate);
	}

	private static @Nullable PluggableException translate(CallFailure failure) {
		return (failure.code() == Status.Code.NOT_FOUND) ? new NobodyException(failure) : null;
	}

	@AfterEach
	void close() {
		this.greeter.release();
		this.host.close();
		this.greeter.close();
	}

	private void ready() {
		this.greeter.start();
		await().until(() -> this.component.status().state() == ComponentState.READY);
	}

	private static GreetRequest request(String name) {
		return GreetRequest.newBuilder().setName(name).build();
	}

	private static Throwable failure(CompletableFuture<?> future) {
		await().until(future::isDone);
		assertThat(future).isCompletedExceptionally();
		return future.handle((result, failure) -> failure).join();
	}

	@Test
	void whenAnAsynchronousCallIsMadeThenTheFutureGetsTheAnswer() throws Exception {
		ready();
		assertThat(this.calls.async(GREET, request("Ada")).get(20, TimeUnit.SECONDS).getGreeting())
			.isEqualTo("Hello, Ada");
		assertThat(this.greeter.calls).containsExactly("hello Greet");
	}

	@Test
	void whenManyCallsAreInFlightThenNoThreadWaitsForThem() throws Exception {
		ready();
		this.calls.unary(GREET, request("Ada"));
		int before = Thread.activeCount();
		this.greeter.hold();
		List<CompletableFuture<GreetResponse>> futures = new ArrayList<>();
		for (int call = 0; call < 256; call++) {
			futures.add(this.calls.async(GREET, request("Ada " + call)));
		}
		await().until(() -> this.greeter.held() == 256);
		// The server in this process has threads of its own.
		assertThat(Thread.activeCount() - before).isLessThan(64);
		assertThat(futures).noneMatch(CompletableFuture::isDone);
		this.greeter.release();
		for (int call = 0; call < 256; call++) {
			assertThat(futures.get(call).get(20, TimeUnit.SECONDS).getGreeting()).isEqualTo("Hello, Ada " + call);
		}
	}

	@Test
	void whenTheComponentIsNotReadyThenTheCallWaitsWithoutAThread() throws Exception {
		CompletableFuture<GreetResponse> future = this.calls.async(GREET, request("Ada"));
		assertThat(future).isNotDone();
		this.greeter.start();
		assertThat(future.get(20, TimeUnit.SECONDS).getGreeting()).isEqualTo("Hello, Ada");
	}

	@Test
	void whenTheCallFailsThenTheFutureFailsWithTheExceptionOfTheKind() {
		ready();
		assertThat(failure(this.calls.async(GREET, request("nobody")))).isInstanceOfSatisfying(NobodyException.class,
				(ex) -> {
					assertThat(ex.getComponent()).isEqualTo("hello");
					assertThat(ex.getOperation()).isEqualTo("Greet");
				});
	}

	@Test
	void whenTheFutureIsCancelledThenTheComponentHearsOfIt() throws Exception {
		ready();
		this.greeter.hold();
		CompletableFuture<GreetResponse> future = this.calls.async(GREET, request("Ada"));
		await().until(() -> this.greeter.held() == 1);
		assertThat(future.cancel(true)).isTrue();
		assertThat(this.greeter.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
		assertThat(future).isCancelled();
	}

	@Test
	void whenTheFutureTimesOutThenTheComponentHearsOfIt() throws Exception {
		ready();
		this.greeter.hold();
		CompletableFuture<GreetResponse> future = this.calls.async(GREET, request("Ada"));
		await().until(() -> this.greeter.held() == 1);
		future.orTimeout(1, TimeUnit.MILLISECONDS);
		assertThat(this.greeter.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
		assertThat(failure(future)).isInstanceOf(TimeoutException.class);
	}

	@Test
	void whenAWaitingCallIsCancelledThenItIsNeverSent() {
		CompletableFuture<GreetResponse> future = this.calls.async(GREET, request("Ada"));
		future.cancel(true);
		ready();
		this.calls.unary(GREET, request("Bob"));
		assertThat(this.greeter.calls).hasSize(1);
	}

	@Test
	void whenTheCallHasATimeoutThenItEndsTheCall() {
		ready();
		this.greeter.hold();
		CompletableFuture<GreetResponse> future = this.calls.withTimeout(Duration.ofMillis(100))
			.async(GREET, request("Ada"));
		assertThat(failure(future)).isInstanceOf(ComponentTimeoutException.class);
	}

	@Test
	void whenTheRequestWasNotSentThenTheCallIsMadeOnceMore() throws Exception {
		UnsentChannel channel = new UnsentChannel(1);
		AsyncCall<GreetRequest, GreetResponse> future = AsyncCall.start(channel, GREET, CallOptions.DEFAULT,
				request("Ada"), true, (failure) -> failure);
		assertThat(future.get(20, TimeUnit.SECONDS).getGreeting()).isEqualTo("attempt 2");
		UnsentChannel broken = new UnsentChannel(9);
		AsyncCall<GreetRequest, GreetResponse> failed = AsyncCall.start(broken, GREET, CallOptions.DEFAULT,
				request("Ada"), true, (failure) -> failure);
		assertThat(Status.fromThrowable(failure(failed)).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		assertThat(broken.attempts).isEqualTo(2);
		UnsentChannel once = new UnsentChannel(9);
		assertThat(failure(ComponentCalls.async(once, GREET, request("Ada")).toCompletableFuture())).isNotNull();
		assertThat(once.attempts).isEqualTo(1);
	}

	@Test
	void whenTheHostIsClosedThenTheFutureFailsAndNothingIsThrown() {
		this.host.close();
		assertThat(failure(this.calls.async(GREET, request("Ada")))).isInstanceOf(ComponentUnavailableException.class);
		Answers answers = new Answers();
		this.calls.bidiStream(GreeterGrpc.getGreetEachMethod(), answers);
		await().until(() -> answers.failure != null);
		assertThat(answers.failure).isInstanceOf(ComponentUnavailableException.class);
	}

	@Test
	void whenAMethodAnswersWithAStreamThenTheObserverGetsIt() throws Exception {
		ready();
		Answers answers = new Answers();
		this.calls.serverStream(GreeterGrpc.getGreetOftenMethod(),
				GreetRequest.newBuilder().setName("Ada").setTimes(3).build(), answers);
		answers.await();
		assertThat(answers.greetings).containsExactly("Hello, Ada 0", "Hello, Ada 1", "Hello, Ada 2");
		assertThat(answers.failure).isNull();
	}

	@Test
	void whenAMethodTakesAStreamThenTheObserverGetsItsAnswer() throws Exception {
		ready();
		Answers answers = new Answers();
		StreamObserver<GreetRequest> names = this.calls.clientStream(GreeterGrpc.getGreetAllMethod(), answers);
		names.onNext(request("Ada"));
		names.onNext(request("Bob"));
		names.onCompleted();
		answers.await();
		assertThat(answers.greetings).containsExactly("Hello, Ada and Bob");
	}

	@Test
	void whenAMethodHasStreamsInBothDirectionsThenBothWork() throws Exception {
		Answers answers = new Answers();
		StreamObserver<GreetRequest> names = this.calls.bidiStream(GreeterGrpc.getGreetEachMethod(), answers);
		names.onNext(request("Ada"));
		ready();
		await().until(() -> answers.greetings.size() == 1);
		names.onNext(request("Bob"));
		await().until(() -> answers.greetings.size() == 2);
		names.onCompleted();
		answers.await();
		assertThat(answers.greetings).containsExactly("Hello, Ada", "Hello, Bob");
	}

	@Test
	void whenAStreamFailsThenTheObserverGetsTheExceptionOfTheKind() {
		ready();
		Answers answers = new Answers();
		this.calls.serverStream(GreeterGrpc.getGreetOftenMethod(), request("nobody"), answers);
		await().until(() -> answers.failure != null);
		assertThat(answers.failure).isInstanceOf(NobodyException.class);
	}

	@Test
	void whenAStreamIsCancelledThenTheComponentHearsOfIt() throws Exception {
		ready();
		Answers answers = new Answers();
		ClientCallStreamObserver<GreetRequest> call = this.calls.serverStream(GreeterGrpc.getGreetOftenMethod(),
				request("Ada"), answers);
		assertThat(this.greeter.often.await(20, TimeUnit.SECONDS)).isTrue();
		call.cancel("enough", null);
		assertThat(this.greeter.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
		await().until(() -> answers.failure != null);
		assertThat(answers.failure).isInstanceOfSatisfying(ComponentException.class,
				(ex) -> assertThat(ex.getStatusCode()).isEqualTo(Status.Code.CANCELLED));
	}

	@Test
	void whenAStreamHasATimeoutThenItEndsTheStream() {
		ready();
		Answers answers = new Answers();
		this.calls.withTimeout(Duration.ofMillis(100))
			.serverStream(GreeterGrpc.getGreetOftenMethod(), request("Ada"), answers);
		await().until(() -> answers.failure != null);
		assertThat(answers.failure).isInstanceOf(ComponentTimeoutException.class);
	}

	@Test
	void whenResponsesArePulledThenTheyArriveInOrderAndOnDemand() {
		ready();
		GreetRequest request = GreetRequest.newBuilder().setName("Ada").setTimes(1000).build();
		try (Stream<GreetResponse> responses = this.calls.stream(GreeterGrpc.getGreetOftenMethod(), request)) {
			assertThat(responses.map(GreetResponse::getGreeting).limit(2)).containsExactly("Hello, Ada 0",
					"Hello, Ada 1");
		}
		try (Stream<GreetResponse> responses = this.calls.stream(GreeterGrpc.getGreetOftenMethod(), request)) {
			assertThat(responses).hasSize(1000);
		}
	}

	@Test
	void whenAStreamOfResponsesIsClosedThenTheComponentHearsOfIt() throws Exception {
		ready();
		// Without a number of times the greeter says nothing, and waits.
		Stream<GreetResponse> responses = this.calls.stream(GreeterGrpc.getGreetOftenMethod(), request("Ada"));
		assertThat(this.greeter.often.await(20, TimeUnit.SECONDS)).isTrue();
		responses.close();
		assertThat(this.greeter.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenAStreamOfResponsesFailsThenReadingThrowsTheExceptionOfTheKind() {
		ready();
		try (Stream<GreetResponse> responses = this.calls.stream(GreeterGrpc.getGreetOftenMethod(),
				request("nobody"))) {
			assertThatExceptionOfType(NobodyException.class).isThrownBy(responses::toList);
		}
	}

	@Test
	void whenAReaderOfResponsesIsInterruptedThenTheCallIsCancelled() throws Exception {
		ready();
		CompletableFuture<Throwable> outcome = new CompletableFuture<>();
		Thread reader = new Thread(() -> {
			try (Stream<GreetResponse> responses = this.calls.stream(GreeterGrpc.getGreetOftenMethod(),
					request("Ada"))) {
				responses.toList();
			}
			catch (RuntimeException ex) {
				outcome.complete(Thread.currentThread().isInterrupted() ? ex : null);
			}
		});
		reader.start();
		assertThat(this.greeter.often.await(20, TimeUnit.SECONDS)).isTrue();
		reader.interrupt();
		assertThat(outcome.get(20, TimeUnit.SECONDS)).isInstanceOf(PluggableException.class);
		assertThat(this.greeter.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
		reader.join(20_000);
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(5));
	}

	/**
	 * An exception of the kind.
	 */
	private static final class NobodyException extends ComponentException {

		private static final long serialVersionUID = 1L;

		NobodyException(CallFailure failure) {
			super("there is nobody", failure);
		}

	}

	/**
	 * Does not send the first requests.
	 */
	private static final class UnsentChannel extends Channel {

		private final int unsent;

		private int attempts;

		UnsentChannel(int unsent) {
			this.unsent = unsent;
		}

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			int attempt = ++this.attempts;
			return new ClientCall<>() {

				private Listener<R> listener;

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
				}

				@Override
				public void halfClose() {
					if (attempt <= UnsentChannel.this.unsent) {
						this.listener.onClose(Status.UNAVAILABLE.withCause(new RequestNotSentException(null)),
								new Metadata());
						return;
					}
					GreetResponse response = GreetResponse.newBuilder().setGreeting("attempt " + attempt).build();
					this.listener.onMessage(method.parseResponse(method.streamResponse(response(response))));
					this.listener.onClose(Status.OK, new Metadata());
				}

				@SuppressWarnings("unchecked")
				private R response(GreetResponse response) {
					return (R) response;
				}

			};
		}

		@Override
		public String authority() {
			return "test";
		}

	}

}
