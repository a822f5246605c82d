package dev.pluggable.spring.bindings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.pluggable.bindings.BindingEvent;
import dev.pluggable.bindings.FakeBindingServer;
import dev.pluggable.bindings.FakeBindingServer.BindingSide;
import dev.pluggable.bindings.FakeBindingServer.EventStream;
import dev.pluggable.proto.components.v1.BindingsProto.ReadRequest;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BindingListener} with a built-in component and with a component behind
 * a socket.
 */
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
