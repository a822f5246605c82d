package dev.pluggable.spring.bindings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.pluggable.bindings.BindingEvent;
import dev.pluggable.bindings.FakeBindingServer;
import dev.pluggable.bindings.FakeBindingServer.BindingSide;
import dev.pluggable.bindings.FakeBindingServer.EventStream;
import dev.pluggable.proto.components.v1.BindingsProto.ReadRequest;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.listener.ListenerStatus;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BindingListener} with a built-in component and with a component behind
 * a socket.
 */
@ExtendWith(OutputCaptureExtension.class)
class BindingListenerComponentTests {

	@TempDir
	Path folder;

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class, JacksonAutoConfiguration.class,
					PluggableBindingsAutoConfiguration.class, PluggableListenerAutoConfiguration.class,
					PluggableBindingListenerAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder);
	}

	@Test
	void whenTheScheduleIsDueThenTheListenerOfTheCronBindingIsCalled() {
		runner().withBean(Ticks.class)
			.withPropertyValues("pluggable.components.cron.type=bindings.cron",
					"pluggable.components.cron.metadata.schedule=@every 1s",
					"pluggable.components.cron.metadata.timeZone=Europe/Berlin")
			.run((context) -> {
				Ticks ticks = context.getBean(Ticks.class);
				Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> ticks.heard.size() >= 2);
				assertThat(ticks.heard)
					.allSatisfy((event) -> assertThat(event.metadata()).containsEntry("timeZone", "Europe/Berlin")
						.containsKey("readTimeUTC"));
			});
	}

	@Test
	void whenAnEventComesOverTheSocketThenTheReturnValueIsTheAnswer() {
		runner().withBean(Mails.class)
			.withPropertyValues("pluggable.components.mails.type=bindings.box")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				try (FakeBindingServer server = new FakeBindingServer(this.folder.resolve("box.sock"))
					.serving(BindingSide.INPUT)
					.start()) {
					EventStream stream = server.stream();
					stream.send("1", "{\"to\":\"ann\"}");
					ReadRequest answer = stream.answer();
					assertThat(answer.getMessageId()).isEqualTo("1");
					assertThat(answer.getResponseData().toStringUtf8()).isEqualTo("{\"sent\":\"ann\"}");
					stream.send("2", "s3cret is no JSON");
					ReadRequest failed = stream.answer();
					assertThat(failed.getMessageId()).isEqualTo("2");
					assertThat(failed.getResponseError().getMessage()).isNotEmpty().doesNotContain("s3cret");
				}
			});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenABindingListenerClosesTheApplicationThenItDoesNotWaitForItself(boolean builtIn) throws Exception {
		try (FakeBindingServer server = new FakeBindingServer(this.folder.resolve("box.sock"))
			.serving(BindingSide.INPUT)
			.start()) {
			runner().withBean(Closing.class)
				.withPropertyValues("pluggable.components.mails.type=bindings." + (builtIn ? "cron" : "box"))
				.withPropertyValues(
						builtIn ? "pluggable.components.mails.metadata.schedule=@every 1s" : "pluggable.enabled=true")
				.run((context) -> {
					Closing closing = context.getBean(Closing.class);
					closing.context = context.getSourceApplicationContext();
					if (!builtIn) {
						server.stream().send("1", "x");
					}
					assertThat(closing.closed.await(30, TimeUnit.SECONDS)).isTrue();
					assertThat(closing.duration).isLessThan(Duration.ofSeconds(5));
					assertThat(closing.interrupted).isFalse();
				});
		}
	}

	@Test
	void whenParentAndChildHaveBindingListenersThenEachIsCalled() {
		runner().withBean("parentTicks", Ticks.class)
			.withPropertyValues("pluggable.components.cron.type=bindings.cron",
					"pluggable.components.cron.metadata.schedule=@every 1s")
			.run((parent) -> runner().withParent(parent).withBean("childTicks", Ticks.class).run((child) -> {
				assertThat(child).hasNotFailed();
				Ticks inParent = (Ticks) parent.getBean("parentTicks");
				Ticks inChild = (Ticks) child.getBean("childTicks");
				Awaitility.await()
					.atMost(Duration.ofSeconds(30))
					.until(() -> !inParent.heard.isEmpty() && !inChild.heard.isEmpty());
				assertThat(child.getBean(ListenerRegistry.class).listeners()).singleElement()
					.extracting(ListenerStatus::id)
					.isEqualTo("childTicks.tick");
			}));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenABindingListenerFailsThenTheStackTraceIsLoggedOncePerKindAndNothingOfThePayload(boolean async,
			CapturedOutput output) {
		runner().withBean(Failing.class, async)
			.withPropertyValues("pluggable.components.mails.type=bindings.box")
			.run((context) -> {
				try (FakeBindingServer server = new FakeBindingServer(this.folder.resolve("box.sock"))
					.serving(BindingSide.INPUT)
					.start()) {
					EventStream stream = server.stream();
					for (int i = 0; i < 3; i++) {
						stream.send("" + i, "s3cret-card");
						assertThat(stream.answer().getResponseError().getMessage()).isNotEmpty()
							.doesNotContain("s3cret-card");
					}
				}
			});
		assertThat(output.toString().lines().filter((line) -> line.contains("broken by"))).singleElement()
			.asString()
			.contains("IllegalArgumentException", "broken by ***");
		assertThat(output.toString().lines().filter((line) -> line.contains("at ") && line.contains("Failing.")))
			.isNotEmpty();
		assertThat(output).doesNotContain("s3cret-card");
	}

	static class Closing {

		private final CountDownLatch closed = new CountDownLatch(1);

		private volatile ConfigurableApplicationContext context;

		private volatile Duration duration;

		private volatile boolean interrupted;

		@BindingListener("mails")
		void close(BindingEvent event) {
			if (this.context == null || this.duration != null) {
				return;
			}
			long begun = System.nanoTime();
			this.context.close();
			this.duration = Duration.ofNanos(System.nanoTime() - begun);
			this.interrupted = Thread.currentThread().isInterrupted();
			this.closed.countDown();
		}

	}

	static class Failing {

		private final boolean async;

		Failing(boolean async) {
			this.async = async;
		}

		@BindingListener("mails")
		Object on(String text) {
			IllegalArgumentException failure = new IllegalArgumentException("broken by " + text);
			if (this.async) {
				return CompletableFuture.failedFuture(failure);
			}
			throw failure;
		}

	}

	static class Ticks {

		private final Queue<BindingEvent> heard = new ConcurrentLinkedQueue<>();

		@BindingListener("cron")
		void tick(BindingEvent event) {
			this.heard.add(event);
		}

	}

	static class Mails {

		@BindingListener("mails")
		Map<String, String> send(Mail mail) {
			return Map.of("sent", mail.to());
		}

	}

	record Mail(String to) {
	}

}
