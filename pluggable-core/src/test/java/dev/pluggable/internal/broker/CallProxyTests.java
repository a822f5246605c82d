package dev.pluggable.internal.broker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import com.google.protobuf.Any;
import com.google.protobuf.StringValue;
import dev.pluggable.PatientAwaitility;
import dev.pluggable.fixtures.TestComponent;
import dev.pluggable.fixtures.TestProcess;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.transport.TransportType;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CallProxy}: one plugin calls another through the host, on real
 * sockets.
 */
@Timeout(120)
@ExtendWith(PatientAwaitility.class)
class CallProxyTests {

	private static final String SERVICE = "test.Target";

	private static final MethodDescriptor<String, String> UNARY = Texts.unary(SERVICE, "Unary");

	private static final MethodDescriptor<String, String> FAIL = Texts.unary(SERVICE, "Fail");

	private static final MethodDescriptor<String, String> NEVER = Texts.unary(SERVICE, "Never");

	private static final MethodDescriptor<String, String> SERVER = Texts.method(SERVICE, "Server",
			MethodType.SERVER_STREAMING);

	private static final MethodDescriptor<String, String> CLIENT = Texts.method(SERVICE, "Client",
			MethodType.CLIENT_STREAMING);

	private static final MethodDescriptor<String, String> BIDI = Texts.method(SERVICE, "Bidi",
			MethodType.BIDI_STREAMING);

	private static final MethodDescriptor<String, String> ENDLESS = Texts.method(SERVICE, "Endless",
			MethodType.SERVER_STREAMING);

	private static final MethodDescriptor<String, String> UNREAD = Texts.method(SERVICE, "Unread",
			MethodType.BIDI_STREAMING);

	private static final Metadata.Key<String> TEXT = Metadata.Key.of("x-text", Metadata.ASCII_STRING_MARSHALLER);

	private static final Metadata.Key<byte[]> BYTES = Metadata.Key.of("x-bytes-bin", Metadata.BINARY_BYTE_MARSHALLER);

	private final Path folder;

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);

	private final ExecutorService handlers = Executors.newCachedThreadPool();

	private final ExecutorService callers = Executors.newCachedThreadPool();

	private final TestComponent component = new TestComponent("target", this.handlers, this.scheduler,
			new HostServiceRegistry());

	private final AtomicReference<Metadata> headers = new AtomicReference<>();

	private final AtomicReference<Deadline> deadline = new AtomicReference<>();

	private final CountDownLatch cancelled = new CountDownLatch(1);

	private final CountDownLatch started = new CountDownLatch(1);

	private final AtomicInteger sent = new AtomicInteger();

	private final CompletableFuture<ServerCallStreamObserver<String>> unread = new CompletableFuture<>();

	private final AtomicInteger read = new AtomicInteger();

	private TestProcess target;

	private TestProcess caller;

	private ManagedChannel channel;

	CallProxyTests(@TempDir Path folder) {
		this.folder = folder;
		this.scheduler.setRemoveOnCancelPolicy(true);
	}

	@BeforeEach
	void start() {
		this.target = process(List.of(service()));
		this.caller = process(List.of());
		this.component.on(this.target);
		this.channel = this.caller.plugin.dial(this.caller.broker.proxy("target", this.component).id());
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.caller.close();
		this.target.close();
		this.callers.shutdownNow();
		this.handlers.shutdown();
		assertThat(this.handlers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		this.scheduler.shutdownNow();
		this.transport.close();
	}

	@Test
	void whenAUnaryCallComesThenItIsHandedOn() {
		assertThat(call(UNARY, "a")).isEqualTo("unary a");
		assertThat(call(UNARY, "")).isEqualTo("unary ");
	}

	@Test
	void whenTheServerStreamsThenAllArrivesInOrder() {
		List<String> answers = new ArrayList<>();
		ClientCalls.blockingServerStreamingCall(this.channel, SERVER, options(), "500").forEachRemaining(answers::add);
		assertThat(answers).hasSize(500).startsWith("0", "1", "2").endsWith("499");
	}

	@Test
	void whenTheClientStreamsThenAllArrivesInOrder() throws Exception {
		Answers answers = new Answers();
		StreamObserver<String> requests = ClientCalls.asyncClientStreamingCall(this.channel.newCall(CLIENT, options()),
				answers);
		for (int i = 0; i < 500; i++) {
			requests.onNext(Integer.toString(i));
		}
		requests.onCompleted();
		assertThat(answers.take()).isEqualTo("500 from 0 to 499");
		assertThat(answers.take()).isEqualTo("OK");
	}

	@Test
	void whenTheClientStreamsNothingThenThatArrivesToo() throws Exception {
		Answers answers = new Answers();
		ClientCalls.asyncClientStreamingCall(this.channel.newCall(CLIENT, options()), answers).onCompleted();
		assertThat(answers.take()).isEqualTo("0 from null to null");
	}

	@Test
	void whenBothStreamThenEachMessageIsAnsweredBeforeTheNext() throws Exception {
		Answers answers = new Answers();
		StreamObserver<String> requests = ClientCalls.asyncBidiStreamingCall(this.channel.newCall(BIDI, options()),
				answers);
		for (int i = 0; i < 50; i++) {
			requests.onNext("m" + i);
			assertThat(answers.take()).isEqualTo("bidi m" + i);
		}
		requests.onCompleted();
		assertThat(answers.take()).isEqualTo("OK");
	}

	@Test
	void whenThereIsMetadataThenItPassesInBothDirections() throws Exception {
		Metadata request = new Metadata();
		request.put(TEXT, "one");
		request.put(TEXT, "two");
		request.put(BYTES, new byte[] { 0, -1, 7 });
		CompletableFuture<Metadata> answered = new CompletableFuture<>();
		CompletableFuture<Metadata> trailers = new CompletableFuture<>();
		ClientCall<String, String> call = this.channel.newCall(UNARY, options());
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onHeaders(Metadata headers) {
				answered.complete(headers);
			}

			@Override
			public void onClose(Status status, Metadata metadata) {
				trailers.complete(metadata);
			}

		}, request);
		call.request(2);
		call.sendMessage("x");
		call.halfClose();
		assertThat(answered.get(20, TimeUnit.SECONDS).get(TEXT)).isEqualTo("in the headers");
		assertThat(trailers.get(20, TimeUnit.SECONDS).get(TEXT)).isEqualTo("in the trailers");
		assertThat(this.headers.get().getAll(TEXT)).containsExactly("one", "two");
		assertThat(this.headers.get().get(BYTES)).containsExactly(0, -1, 7);
	}

	@Test
	void whenTheTargetFailsThenItsStatusComesWithDescriptionAndDetails() {
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> call(FAIL, "x")).satisfies((ex) -> {
			assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
			assertThat(ex.getStatus().getDescription()).isEqualTo("there is: ä €");
			assertThat(StatusProto.fromThrowable(ex).getDetailsList()).singleElement()
				.satisfies((detail) -> assertThat(detail.unpack(StringValue.class).getValue()).isEqualTo("detail"));
		});
	}

	@Test
	void whenTheTargetDoesNotHaveTheMethodThenThatIsTheAnswer() {
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> call(Texts.unary("test.Unknown", "Method"), "x"))
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
	}

	@Test
	void whenThereIsADeadlineThenTheTargetKnowsIt() throws Exception {
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> ClientCalls.blockingUnaryCall(this.channel, NEVER,
					CallOptions.DEFAULT.withDeadlineAfter(2, TimeUnit.SECONDS), "x"))
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
		assertThat(this.deadline.get().timeRemaining(TimeUnit.SECONDS)).isLessThanOrEqualTo(2);
		assertThat(this.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenThereIsNoDeadlineThenTheTargetHasNone() {
		assertThat(ClientCalls.blockingUnaryCall(this.channel, UNARY, CallOptions.DEFAULT, "x")).isEqualTo("unary x");
		assertThat(this.deadline.get()).isNull();
	}

	@Test
	void whenTheCallerCancelsThenTheTargetHearsOfIt() throws Exception {
		ClientCall<String, String> call = this.channel.newCall(NEVER, options());
		call.start(new ClientCall.Listener<>() {
		}, new Metadata());
		call.request(1);
		call.sendMessage("x");
		call.halfClose();
		assertThat(this.started.await(20, TimeUnit.SECONDS)).isTrue();
		call.cancel("the test says so", null);
		assertThat(this.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenTheTargetDiesThenTheCallerIsToldThatItIsNotAvailable() throws Exception {
		Future<String> call = this.callers.submit(() -> call(NEVER, "x"));
		assertThat(this.started.await(20, TimeUnit.SECONDS)).isTrue();
		this.component.lost();
		this.target.close();
		assertThat(failure(call).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
	}

	@Test
	void whenTheCallerDiesThenTheTargetHearsOfIt() throws Exception {
		this.callers.submit(() -> call(NEVER, "x"));
		assertThat(this.started.await(20, TimeUnit.SECONDS)).isTrue();
		this.caller.kill();
		assertThat(this.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenTheCallerDoesNotReadThenTheTargetIsHeldBack() throws Exception {
		ClientCall<String, String> call = this.channel.newCall(ENDLESS, options());
		AtomicInteger received = new AtomicInteger();
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onMessage(String message) {
				received.incrementAndGet();
			}

		}, new Metadata());
		call.sendMessage("x");
		call.halfClose();
		call.request(1);
		Awaitility.await().until(() -> received.get() == 1);
		int held = settled(this.sent);
		assertThat(held).as("messages of 64 KiB in buffers").isLessThan(500);
		call.request(2000);
		Awaitility.await().until(() -> received.get() == 2001);
		call.cancel("the test has seen enough", null);
		assertThat(this.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenTheTargetDoesNotReadThenTheCallerIsHeldBack() throws Exception {
		ClientCall<String, String> call = this.channel.newCall(UNREAD, options());
		AtomicInteger written = new AtomicInteger();
		String message = "x".repeat(64 * 1024);
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onReady() {
				while (call.isReady() && written.get() < 3000) {
					call.sendMessage(message);
					written.incrementAndGet();
				}
			}

		}, new Metadata());
		ServerCallStreamObserver<String> reader = this.unread.get(20, TimeUnit.SECONDS);
		int held = settled(written);
		assertThat(held).as("messages of 64 KiB in buffers").isLessThan(500);
		reader.request(Integer.MAX_VALUE);
		Awaitility.await().until(() -> this.read.get() == 3000);
		call.cancel("the test has seen enough", null);
	}

	@Test
	void whenMessagesAreLargeThenTheyPass() {
		String large = "x".repeat(20 * 1024 * 1024);
		String answer = ClientCalls.blockingUnaryCall(this.channel, UNARY,
				CallOptions.DEFAULT.withMaxInboundMessageSize(30 * 1024 * 1024).withDeadlineAfter(60, TimeUnit.SECONDS),
				large);
		assertThat(answer).hasSize(large.length() + "unary ".length());
	}

	@Test
	void whenTheTargetIsNotThereThenThatIsTheAnswerWithItsReason() {
		this.component.lost();
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> call(UNARY, "x")).satisfies((ex) -> {
			assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
			assertThat(ex.getStatus().getDescription()).contains("'target'").contains("the process has ended");
		});
		this.component.on(this.target);
		assertThat(call(UNARY, "x")).isEqualTo("unary x");
	}

	@Test
	void whenTheTargetMayBeWaitedForThenNoThreadWaits() throws Exception {
		this.component.lost();
		this.component.waitForReady = Duration.ofSeconds(60);
		ManagedChannel patient = this.caller.plugin.dial(this.caller.broker.proxy("target", this.component).id());
		List<Answers> waiting = new ArrayList<>();
		int busy = ((java.util.concurrent.ThreadPoolExecutor) this.handlers).getActiveCount();
		for (int i = 0; i < 50; i++) {
			Answers answers = new Answers();
			waiting.add(answers);
			ClientCalls.asyncUnaryCall(patient.newCall(UNARY, options()), "call " + i, answers);
		}
		ClientCall<String, String> abandoned = patient.newCall(UNARY, options());
		abandoned.start(new ClientCall.Listener<>() {
		}, new Metadata());
		Awaitility.await().until(() -> this.scheduler.getQueue().size() >= 51);
		abandoned.cancel("the test says so", null);
		Awaitility.await()
			.untilAsserted(() -> assertThat(((java.util.concurrent.ThreadPoolExecutor) this.handlers).getActiveCount())
				.isLessThanOrEqualTo(busy));
		this.component.on(this.target);
		for (int i = 0; i < 50; i++) {
			assertThat(waiting.get(i).take()).isEqualTo("unary call " + i);
			assertThat(waiting.get(i).take()).isEqualTo("OK");
		}
		Awaitility.await().until(() -> this.scheduler.getQueue().isEmpty());
	}

	@Test
	void whenTheTargetDoesNotComeInTimeThenTheCallFails() {
		this.component.lost();
		this.component.waitForReady = Duration.ofMillis(200);
		ManagedChannel patient = this.caller.plugin.dial(this.caller.broker.proxy("target", this.component).id());
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> ClientCalls.blockingUnaryCall(patient, UNARY, options(), "x"))
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
	}

	@Test
	void whenTheChannelItselfFailsThenTheCallEnds() {
		ManagedChannel broken = this.caller.plugin.dial(this.caller.broker.proxy("broken", new io.grpc.Channel() {

			@Override
			public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
				throw new IllegalStateException("secret");
			}

			@Override
			public String authority() {
				return "broken";
			}

		}).id());
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> ClientCalls.blockingUnaryCall(broken, UNARY, options(), "x"))
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL))
			.withMessageNotContaining("secret");
	}

	/**
	 * Return the value at which a growing number stops.
	 */
	private static int settled(AtomicInteger number) {
		AtomicInteger last = new AtomicInteger(-1);
		Awaitility.await()
			.pollInterval(Duration.ofMillis(300))
			.until(() -> number.get() > 0 && last.getAndSet(number.get()) == number.get());
		return number.get();
	}

	private String call(MethodDescriptor<String, String> method, String request) {
		return ClientCalls.blockingUnaryCall(this.channel, method, options(), request);
	}

	private static CallOptions options() {
		return CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS);
	}

	private static Status failure(Future<String> call) {
		try {
			return Status.OK.withDescription(call.get(20, TimeUnit.SECONDS));
		}
		catch (Exception ex) {
			return Status.fromThrowable(ex);
		}
	}

	private TestProcess process(List<ServerServiceDefinition> services) {
		return new TestProcess(this.folder, this.transport, this.scheduler, this.handlers, (plugin) -> services);
	}

	private ServerServiceDefinition service() {
		ServerServiceDefinition service = ServerServiceDefinition.builder(SERVICE)
			.addMethod(UNARY, ServerCalls.asyncUnaryCall((request, answers) -> {
				this.deadline.set(Context.current().getDeadline());
				answers.onNext("unary " + request);
				answers.onCompleted();
			}))
			.addMethod(FAIL, ServerCalls.asyncUnaryCall((request,
					answers) -> answers.onError(StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
						.setCode(Status.Code.ALREADY_EXISTS.value())
						.setMessage("there is: ä €")
						.addDetails(Any.pack(StringValue.of("detail")))
						.build()))))
			.addMethod(NEVER, ServerCalls.asyncUnaryCall((request, answers) -> {
				this.deadline.set(Context.current().getDeadline());
				((ServerCallStreamObserver<String>) answers).setOnCancelHandler(this.cancelled::countDown);
				this.started.countDown();
			}))
			.addMethod(SERVER, ServerCalls.asyncServerStreamingCall((request, answers) -> {
				for (int i = 0; i < Integer.parseInt(request); i++) {
					answers.onNext(Integer.toString(i));
				}
				answers.onCompleted();
			}))
			.addMethod(CLIENT, ServerCalls.asyncClientStreamingCall(Collector::new))
			.addMethod(BIDI, ServerCalls.asyncBidiStreamingCall(Echo::new))
			.addMethod(ENDLESS, ServerCalls.asyncServerStreamingCall((request, answers) -> {
				ServerCallStreamObserver<String> observer = (ServerCallStreamObserver<String>) answers;
				String message = "x".repeat(64 * 1024);
				observer.setOnCancelHandler(this.cancelled::countDown);
				observer.setOnReadyHandler(() -> {
					while (observer.isReady()) {
						observer.onNext(message);
						this.sent.incrementAndGet();
					}
				});
			}))
			.addMethod(UNREAD, ServerCalls.asyncBidiStreamingCall((answers) -> {
				ServerCallStreamObserver<String> observer = (ServerCallStreamObserver<String>) answers;
				observer.disableAutoRequest();
				this.unread.complete(observer);
				return new Counter(this.read);
			}))
			.build();
		return ServerInterceptors.intercept(service, new Headers());
	}

	/**
	 * Keeps the request headers, and adds headers and trailers of its own.
	 */
	private final class Headers implements ServerInterceptor {

		@Override
		public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
				ServerCallHandler<Q, R> next) {
			CallProxyTests.this.headers.set(headers);
			return next.startCall(new io.grpc.ForwardingServerCall.SimpleForwardingServerCall<>(call) {

				@Override
				public void sendHeaders(Metadata own) {
					own.put(TEXT, "in the headers");
					super.sendHeaders(own);
				}

				@Override
				public void close(Status status, Metadata trailers) {
					trailers.put(TEXT, "in the trailers");
					super.close(status, trailers);
				}

			}, headers);
		}

	}

	private record Counter(AtomicInteger number) implements StreamObserver<String> {

		@Override
		public void onNext(String value) {
			this.number.incrementAndGet();
		}

		@Override
		public void onError(Throwable failure) {
		}

		@Override
		public void onCompleted() {
		}

	}

	private static final class Collector implements StreamObserver<String> {

		private final StreamObserver<String> answers;

		private int count;

		private String first;

		private String last;

		Collector(StreamObserver<String> answers) {
			this.answers = answers;
		}

		@Override
		public void onNext(String value) {
			this.first = (this.count++ == 0) ? value : this.first;
			this.last = value;
		}

		@Override
		public void onError(Throwable failure) {
		}

		@Override
		public void onCompleted() {
			this.answers.onNext(this.count + " from " + this.first + " to " + this.last);
			this.answers.onCompleted();
		}

	}

	private record Echo(StreamObserver<String> answers) implements StreamObserver<String> {

		@Override
		public void onNext(String value) {
			this.answers.onNext("bidi " + value);
		}

		@Override
		public void onError(Throwable failure) {
		}

		@Override
		public void onCompleted() {
			this.answers.onCompleted();
		}

	}

	/**
	 * Records the responses of a call, followed by its status.
	 */
	private static final class Answers implements StreamObserver<String> {

		private final LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();

		String take() throws InterruptedException {
			String answer = this.received.poll(30, TimeUnit.SECONDS);
			if (answer == null) {
				throw new AssertionError("No answer came");
			}
			return answer;
		}

		@Override
		public void onNext(String value) {
			this.received.add(value);
		}

		@Override
		public void onError(Throwable failure) {
			this.received.add(Status.fromThrowable(failure).toString());
		}

		@Override
		public void onCompleted() {
			this.received.add("OK");
		}

	}

}
