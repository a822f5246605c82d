package dev.pluggable.internal.supervisor;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.pluggable.fixtures.PluginEnd;
import dev.pluggable.fixtures.RecordedLog;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.proto.goplugin.GRPCStdioGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto.StdioData;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link GrpcStdio}.
 */
class GrpcStdioTests {

	private static final String WARNING = "WARN The application can no longer read the output of plugin 'talker': ";

	@TempDir
	Path folder;

	private final Logger pluginLogger = (Logger) LoggerFactory.getLogger("pluggable.plugin.talker");

	private final Logger ownLogger = (Logger) LoggerFactory.getLogger(GrpcStdio.class);

	private final RecordedLog events = new RecordedLog();

	private final PluginLog log = new PluginLog("talker", org.slf4j.event.Level.TRACE,
			new SecretMask(Map.of("password", "s3cret")), (delay, task) -> {
			});

	private final Talker talker = new Talker();

	private PluginEnd end;

	@BeforeEach
	void listen() throws Exception {
		for (Logger logger : List.of(this.pluginLogger, this.ownLogger)) {
			logger.setLevel(Level.DEBUG);
			logger.setAdditive(false);
			logger.addAppender(this.events);
		}
		this.end = PluginEnd.serving(this.folder.resolve("p"), this.talker);
	}

	@AfterEach
	void unlisten() throws Exception {
		this.end.close();
		for (Logger logger : List.of(this.pluginLogger, this.ownLogger)) {
			logger.detachAndStopAllAppenders();
			logger.setAdditive(true);
			logger.setLevel(null);
		}
	}

	@Test
	void whenAPluginWritesThenPiecesBecomeLinesOfTheirChannel() throws Exception {
		CompletableFuture<Void> ended = read();
		send(StdioData.Channel.STDOUT, "out ");
		send(StdioData.Channel.STDERR, "{\"@level\":\"warn\",\"@mess");
		send(StdioData.Channel.STDOUT, "one s3cr");
		send(StdioData.Channel.STDERR, "age\":\"m\"}\nhalf");
		send(StdioData.Channel.STDOUT, "et\nout two");
		this.talker.caller().onCompleted();
		ended.get(30, TimeUnit.SECONDS);
		assertThat(described()).containsExactlyInAnyOrder("WARN m", "DEBUG out one ******", "DEBUG out two",
				"DEBUG half");
		assertThat(this.log.tail()).containsExactly("m", "half");
		assertThat(this.talker.calls).hasValue(1);
	}

	@Test
	void whenACharacterIsCutByAPieceThenItIsWholeAgain() throws Exception {
		CompletableFuture<Void> ended = read();
		for (byte each : "äöü€🙂\n".getBytes(StandardCharsets.UTF_8)) {
			this.talker.caller()
				.onNext(StdioData.newBuilder()
					.setChannel(StdioData.Channel.STDOUT)
					.setData(ByteString.copyFrom(new byte[] { each }))
					.build());
		}
		this.talker.caller().onCompleted();
		ended.get(30, TimeUnit.SECONDS);
		assertThat(described()).containsExactly("DEBUG äöü€🙂");
	}

	@Test
	void whenAChannelIsUnknownThenItIsDroppedAndToldOnce() throws Exception {
		CompletableFuture<Void> ended = read();
		send(StdioData.Channel.INVALID, "x\n");
		this.talker.caller()
			.onNext(StdioData.newBuilder().setChannelValue(7).setData(ByteString.copyFromUtf8("y\n")).build());
		send(StdioData.Channel.STDOUT, "z\n");
		this.talker.caller().onCompleted();
		ended.get(30, TimeUnit.SECONDS);
		assertThat(described()).containsExactly(
				"WARN Plugin 'talker' sends output on the unknown channel 0. The output is dropped", "DEBUG z");
	}

	@ParameterizedTest
	@EnumSource(value = Status.Code.class, names = { "UNAVAILABLE", "CANCELLED", "UNIMPLEMENTED" })
	void whenTheStreamEndsAsItMayThenNothingIsWarnedOf(Status.Code code) throws Exception {
		CompletableFuture<Void> ended = read();
		send(StdioData.Channel.STDERR, "last");
		this.talker.caller().onError(code.toStatus().asRuntimeException());
		ended.get(30, TimeUnit.SECONDS);
		assertThat(described()).contains("DEBUG last").noneMatch((event) -> event.startsWith("WARN"));
	}

	@ParameterizedTest
	@EnumSource(value = Status.Code.class, names = { "INTERNAL", "UNKNOWN", "PERMISSION_DENIED" })
	void whenTheStreamEndsOtherwiseThenThatIsToldWithoutWordsOfThePlugin(Status.Code code) throws Exception {
		CompletableFuture<Void> ended = read();
		this.talker.caller().onError(code.toStatus().withDescription("s3cret").asRuntimeException());
		ended.get(30, TimeUnit.SECONDS);
		assertThat(described()).singleElement().asString().startsWith(WARNING + code).doesNotContain("s3cret");
	}

	@Test
	void whenAPieceIsEnormousThenItIsNotRead() throws Exception {
		CompletableFuture<Void> ended = read();
		send(StdioData.Channel.STDOUT, "x".repeat(5 * 1024 * 1024));
		ended.get(30, TimeUnit.SECONDS);
		assertThat(described()).singleElement().asString().startsWith(WARNING + "RESOURCE_EXHAUSTED");
	}

	@Test
	void whenAPluginHandsOnNoOutputThenThatIsNormal() throws Exception {
		try (PluginEnd silent = PluginEnd.serving(this.folder.resolve("s"))) {
			GrpcStdio.read(silent.channel(), this.log).toCompletableFuture().get(30, TimeUnit.SECONDS);
			assertThat(described()).containsExactly("DEBUG Plugin 'talker' does not offer its output");
		}
	}

	@Test
	void whenThePluginIsGoneThenTheReadingEnds() throws Exception {
		CompletableFuture<Void> ended = read();
		send(StdioData.Channel.STDOUT, "x\n");
		Awaitility.await().until(() -> described().contains("DEBUG x"));
		this.end.stopServer();
		ended.get(30, TimeUnit.SECONDS);
		assertThat(described()).noneMatch((event) -> event.startsWith("WARN"));
		GrpcStdio.read(this.end.channel(), this.log).toCompletableFuture().get(30, TimeUnit.SECONDS);
	}

	@Test
	void whenTheChannelIsClosedThenTheReadingEnds() throws Exception {
		CompletableFuture<Void> ended = read();
		this.talker.caller();
		this.end.channel().shutdownNow();
		ended.get(30, TimeUnit.SECONDS);
		assertThat(described()).noneMatch((event) -> event.startsWith("WARN"));
	}

	@Test
	void whenLinesCannotBeLoggedAsFastAsTheyComeThenMemoryIsBounded() throws Exception {
		CountDownLatch blocked = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		this.pluginLogger.addAppender(blocking(blocked, release));
		CompletableFuture<Void> ended = read();
		ServerCallStreamObserver<StdioData> caller = this.talker.caller();
		send(StdioData.Channel.STDOUT, "first\n");
		assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
		AtomicLong sent = new AtomicLong();
		StdioData piece = StdioData.newBuilder()
			.setChannel(StdioData.Channel.STDOUT)
			.setData(ByteString.copyFromUtf8("x".repeat(64 * 1024 - 1) + "\n"))
			.build();
		// HTTP/2 allows much less without a reader.
		long limit = 64L * 1024 * 1024;
		Runnable send = () -> {
			synchronized (sent) {
				while (caller.isReady() && sent.get() < limit) {
					caller.onNext(piece);
					sent.addAndGet(piece.getData().size());
				}
			}
		};
		this.talker.whenReady = send;
		send.run();
		AtomicLong seen = new AtomicLong();
		Awaitility.await()
			.during(1, TimeUnit.SECONDS)
			.until(() -> sent.get() > 0 && seen.getAndSet(sent.get()) == sent.get());
		assertThat(sent.get()).isLessThan(limit / 4);
		this.talker.whenReady = null;
		release.countDown();
		Awaitility.await().until(caller::isReady);
		synchronized (sent) {
			caller.onCompleted();
		}
		ended.get(30, TimeUnit.SECONDS);
		assertThat(described()).filteredOn((event) -> event.contains("xxx")).hasSize((int) (sent.get() / (64 * 1024)));
	}

	private CompletableFuture<Void> read() {
		return GrpcStdio.read(this.end.channel(), this.log).toCompletableFuture();
	}

	private void send(StdioData.Channel channel, String text) throws Exception {
		this.talker.caller()
			.onNext(StdioData.newBuilder().setChannel(channel).setData(ByteString.copyFromUtf8(text)).build());
	}

	private List<String> described() {
		return this.events.events()
			.stream()
			.map((event) -> event.getLevel() + " " + event.getFormattedMessage())
			.filter((event) -> !event.contains("has ended"))
			.toList();
	}

	private static AppenderBase<ILoggingEvent> blocking(CountDownLatch blocked, CountDownLatch release) {
		AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {

			@Override
			public void doAppend(ILoggingEvent event) {
				blocked.countDown();
				try {
					release.await(60, TimeUnit.SECONDS);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}

			@Override
			protected void append(ILoggingEvent event) {
			}

		};
		appender.start();
		return appender;
	}

	private static final class Talker extends GRPCStdioGrpc.GRPCStdioImplBase {

		final AtomicInteger calls = new AtomicInteger();

		private volatile @Nullable Runnable whenReady;

		private final CompletableFuture<ServerCallStreamObserver<StdioData>> caller = new CompletableFuture<>();

		@Override
		public void streamStdio(Empty request, StreamObserver<StdioData> responses) {
			this.calls.incrementAndGet();
			ServerCallStreamObserver<StdioData> observer = (ServerCallStreamObserver<StdioData>) responses;
			observer.setOnCancelHandler(() -> {
			});
			observer.setOnReadyHandler(() -> {
				Runnable task = this.whenReady;
				if (task != null) {
					task.run();
				}
			});
			this.caller.complete(observer);
		}

		ServerCallStreamObserver<StdioData> caller() throws Exception {
			return this.caller.get(30, TimeUnit.SECONDS);
		}

	}

}
