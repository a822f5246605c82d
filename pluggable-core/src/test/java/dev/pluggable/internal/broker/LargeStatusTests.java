package dev.pluggable.internal.broker;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.google.protobuf.Any;
import com.google.protobuf.StringValue;
import dev.pluggable.fixtures.TestComponent;
import dev.pluggable.fixtures.TestProcess;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.transport.TransportType;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InternalMetadata;
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
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests that a status with a long text or long details reaches the caller, whatever the
 * type of the call and its way: from the plugin to the host, from the host to the plugin,
 * and from plugin to plugin.
 */
class LargeStatusTests {

	private static final String SERVICE = "test.Failing";

	private static final int HOST_LIMIT = 65_536;

	private static final Metadata.Key<String> TEXT = Metadata.Key.of("x-text", Metadata.ASCII_STRING_MARSHALLER);

	private enum Way {

		COMPONENT, DIALED, HOST_SERVICE, PROXY

	}

	@TempDir
	Path folder;

	private final Transport transport = Transport.create(TransportType.AUTO, HOST_LIMIT);

	private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);

	private final ExecutorService handlers = Executors.newCachedThreadPool();

	private final List<TestProcess> processes = new ArrayList<>();

	private final List<ManagedChannel> channels = new ArrayList<>();

	private volatile Metadata headers = new Metadata();

	private volatile StatusRuntimeException failure = Status.OK.asRuntimeException();

	@AfterEach
	void stop() throws InterruptedException {
		for (ManagedChannel channel : this.channels) {
			assertThat(channel.shutdownNow().awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		}
		this.processes.forEach(TestProcess::close);
		this.handlers.shutdown();
		assertThat(this.handlers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		this.scheduler.shutdownNow();
		this.transport.close();
	}

	static Stream<Arguments> waysAndTypes() {
		return Stream.of(Way.values())
			.flatMap((way) -> Stream
				.of(MethodType.UNARY, MethodType.SERVER_STREAMING, MethodType.CLIENT_STREAMING,
						MethodType.BIDI_STREAMING)
				.map((type) -> arguments(way, type)));
	}

	@ParameterizedTest
	@MethodSource("waysAndTypes")
	void whenAnErrorHasALongTextOrLongDetailsThenTheCodeArrivesAndWhatTheCallerAccepts(Way way, MethodType type)
			throws Exception {
		Channel channel = channel(way);
		boolean toHost = way == Way.COMPONENT || way == Way.DIALED;
		for (String character : new String[] { "x", "%", "\u20ac", "\ud83d\ude00" }) {
			for (int length : new int[] { 9_000, 20_000 }) {
				String text = character.repeat(length / 3 / character.getBytes("UTF-8").length);
				this.failure = Status.ALREADY_EXISTS.withDescription(text).asRuntimeException(trailers("short"));
				StatusRuntimeException seen = call(channel, type);
				assertThat(seen.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
				assertThat(seen.getTrailers().get(TEXT)).isEqualTo("short");
				if (toHost) {
					assertThat(seen.getStatus().getDescription()).isEqualTo(text);
				}
				else {
					assertThat(seen.getStatus().getDescription()).startsWith(character.repeat(500));
				}
			}
		}
		this.failure = StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
			.setCode(Status.Code.ALREADY_EXISTS.value())
			.setMessage("there is")
			.addDetails(Any.pack(StringValue.of("x".repeat(9_000))))
			.build());
		StatusRuntimeException seen = call(channel, type);
		assertThat(seen.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
		assertThat(seen.getStatus().getDescription()).isEqualTo("there is");
		assertThat(StatusProto.fromThrowable(seen).getDetailsCount()).isEqualTo(toHost ? 1 : 0);
		this.failure = Status.ALREADY_EXISTS.asRuntimeException(trailers("x".repeat(9_000)));
		seen = call(channel, type);
		assertThat(seen.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
		assertThat(seen.getTrailers().containsKey(TEXT)).isEqualTo(toHost);
	}

	@ParameterizedTest
	@MethodSource("waysAndTypes")
	void whenAnErrorIsTooLargeForTheHostThenThePropertyIsNamed(Way way, MethodType type) throws Exception {
		Channel channel = channel(way);
		this.failure = Status.ALREADY_EXISTS.withDescription("x".repeat(100_000)).asRuntimeException();
		StatusRuntimeException seen = call(channel, type);
		if (way == Way.HOST_SERVICE) {
			assertThat(seen.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
		}
		else {
			assertThat(seen.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
			assertThat(seen.getStatus().getDescription())
				.contains("'pluggable.transport.max-inbound-metadata-size' sets the limit");
		}
		this.failure = Status.ALREADY_EXISTS.withDescription("short").asRuntimeException();
		assertThat(call(channel, type).getStatus().getDescription()).isEqualTo("short");
	}

	@Test
	void whenACallSucceedsWithLargeTrailersThenItSucceeds() throws Exception {
		this.failure = Status.OK.asRuntimeException(trailers("x".repeat(9_000)));
		StatusRuntimeException seen = call(channel(Way.HOST_SERVICE), MethodType.SERVER_STREAMING);
		assertThat(seen.getStatus().isOk()).isTrue();
	}

	@ParameterizedTest
	@EnumSource(names = { "HOST_SERVICE", "PROXY" })
	void whenAnAnswerHasLargeHeadersThenTheCallAndOtherCallsGoOn(Way way) throws Exception {
		Channel channel = channel(way);
		CompletableFuture<StatusRuntimeException> other = new CompletableFuture<>();
		CountDownLatch answered = new CountDownLatch(1);
		ClientCalls.asyncBidiStreamingCall(channel.newCall(method(MethodType.BIDI_STREAMING), CallOptions.DEFAULT),
				observer(answered::countDown, other));
		assertThat(answered.await(20, TimeUnit.SECONDS)).isTrue();
		this.failure = Status.ALREADY_EXISTS.withDescription("there is").asRuntimeException();
		for (int length : new int[] { 9_000, 20_000 }) {
			this.headers = trailers("x".repeat(length));
			StatusRuntimeException seen = call(channel, MethodType.SERVER_STREAMING);
			assertThat(seen.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
			assertThat(seen.getStatus().getDescription()).isEqualTo("there is");
		}
		assertThat(other).isNotDone();
	}

	@ParameterizedTest
	@EnumSource(names = { "HOST_SERVICE", "PROXY" })
	void whenATrailerHasANameThatOnlyHttpAllowsThenTheCodeArrives(Way way) throws Exception {
		Channel channel = channel(way);
		this.failure = Status.ALREADY_EXISTS.withDescription("there is")
			.asRuntimeException(InternalMetadata.newMetadata("a!b".getBytes(StandardCharsets.US_ASCII),
					"x".repeat(20_000).getBytes(StandardCharsets.US_ASCII)));
		StatusRuntimeException seen = call(channel, MethodType.UNARY);
		assertThat(seen.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
		assertThat(seen.getStatus().getDescription()).isEqualTo("there is");
	}

	private static Metadata trailers(String text) {
		Metadata trailers = new Metadata();
		trailers.put(TEXT, text);
		return trailers;
	}

	private Channel channel(Way way) throws Exception {
		ServerServiceDefinition service = service();
		return switch (way) {
			case COMPONENT -> process(List.of(service)).channel();
			case DIALED -> {
				TestProcess process = process(List.of());
				yield process.broker.dial("failing", process.plugin.serve(service).id())
					.toCompletableFuture()
					.get(20, TimeUnit.SECONDS);
			}
			case HOST_SERVICE -> {
				TestProcess process = process(List.of());
				yield plain(process, process.broker.serve("failing", List.of(service)));
			}
			case PROXY -> {
				TestComponent component = new TestComponent("target", this.handlers, this.scheduler,
						new HostServiceRegistry());
				component.on(process(List.of(service)));
				TestProcess caller = process(List.of());
				yield plain(caller, caller.broker.proxy("target", component));
			}
		};
	}

	/**
	 * Connect as a plugin in Java with the defaults of gRPC.
	 */
	private Channel plain(TestProcess process, BrokeredServer server) {
		ManagedChannel channel = Grpc
			.newChannelBuilder("unix:" + process.hostFolder.resolve("b" + Integer.toUnsignedString(server.id())),
					InsecureChannelCredentials.create())
			.overrideAuthority("localhost")
			.build();
		this.channels.add(channel);
		return channel;
	}

	private TestProcess process(List<ServerServiceDefinition> services) {
		TestProcess process = new TestProcess(this.folder, this.transport, this.scheduler, this.handlers,
				(plugin) -> services);
		this.processes.add(process);
		return process;
	}

	private ServerServiceDefinition service() {
		ServerServiceDefinition service = ServerServiceDefinition.builder(SERVICE)
			.addMethod(method(MethodType.UNARY), ServerCalls.asyncUnaryCall((request, answers) -> end(answers)))
			.addMethod(method(MethodType.SERVER_STREAMING), ServerCalls.asyncServerStreamingCall((request, answers) -> {
				answers.onNext("answer");
				end(answers);
			}))
			.addMethod(method(MethodType.CLIENT_STREAMING), ServerCalls.asyncClientStreamingCall(Ended::new))
			.addMethod(method(MethodType.BIDI_STREAMING), ServerCalls.asyncBidiStreamingCall((answers) -> {
				answers.onNext("answer");
				return new Ended(answers);
			}))
			.build();
		return ServerInterceptors.intercept(service, new ServerInterceptor() {

			@Override
			public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
					ServerCallHandler<Q, R> next) {
				return next.startCall(new SimpleForwardingServerCall<>(call) {

					@Override
					public void sendHeaders(Metadata sent) {
						sent.merge(LargeStatusTests.this.headers);
						super.sendHeaders(sent);
					}

				}, headers);
			}

		});
	}

	private void end(StreamObserver<String> answers) {
		answers.onError(this.failure);
	}

	private static MethodDescriptor<String, String> method(MethodType type) {
		return Texts.method(SERVICE, type.name(), type);
	}

	private static StreamObserver<String> observer(Runnable answered, CompletableFuture<StatusRuntimeException> end) {
		return new StreamObserver<>() {

			@Override
			public void onNext(String answer) {
				answered.run();
			}

			@Override
			public void onError(Throwable failure) {
				end.complete((StatusRuntimeException) failure);
			}

			@Override
			public void onCompleted() {
				end.complete(Status.OK.asRuntimeException());
			}

		};
	}

	private static StatusRuntimeException call(Channel channel, MethodType type) throws Exception {
		CompletableFuture<StatusRuntimeException> end = new CompletableFuture<>();
		StreamObserver<String> answers = observer(() -> {
		}, end);
		var call = channel.newCall(method(type), CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS));
		switch (type) {
			case UNARY -> ClientCalls.asyncUnaryCall(call, "request", answers);
			case SERVER_STREAMING -> ClientCalls.asyncServerStreamingCall(call, "request", answers);
			case CLIENT_STREAMING -> request(ClientCalls.asyncClientStreamingCall(call, answers));
			default -> request(ClientCalls.asyncBidiStreamingCall(call, answers));
		}
		return end.get(30, TimeUnit.SECONDS);
	}

	private static void request(StreamObserver<String> requests) {
		requests.onNext("request");
		requests.onCompleted();
	}

	/**
	 * Ends the call with the first request.
	 */
	private final class Ended implements StreamObserver<String> {

		private final StreamObserver<String> answers;

		Ended(StreamObserver<String> answers) {
			this.answers = answers;
		}

		@Override
		public void onNext(String request) {
			end(this.answers);
		}

		@Override
		public void onError(Throwable failure) {
		}

		@Override
		public void onCompleted() {
		}

	}

}
