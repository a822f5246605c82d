package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.pubsub.InMemoryPubSub;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.server.ComponentServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the warning about declared components that are not ready some time after the
 * start.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartupCheckTests {

	@TempDir
	Path folder;

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.startup-timeout=300ms",
					"pluggable.discovery.initial-wait=20s");
	}

	private static List<String> warnings(CapturedOutput output) {
		return output.toString().lines().filter((line) -> line.contains("are not ready")).toList();
	}

	@Test
	void whenAnOptionalComponentIsNotReadyAfterTheStartupTimeoutThenAWarningNamesTheSocketsAndSimilarNames(
			CapturedOutput output) {
		try (FakeStateServer memory = new FakeStateServer(this.folder.resolve("memory.sock")).start();
				FakeStateServer redis = new FakeStateServer(this.folder.resolve("redis.sock")).start()) {
			runner()
				.withPropertyValues("pluggable.components.orders.type=state.memroy",
						"pluggable.components.carts.type=state.in-memroy", "pluggable.components.good.type=state.redis",
						"pluggable.components.other.type=state.oracle")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !warnings(output).isEmpty());
					assertThat(warnings(output)).singleElement()
						.asString()
						.contains("WARN", "'orders' (state.memroy)", "Did you mean 'state.memory'?",
								"'carts' (state.in-memroy)", "Did you mean 'state.in-memory'?",
								"'other' (state.oracle)", "The sockets in " + this.folder + " are [memory, redis]")
						.doesNotContain("'good'");
				});
		}
	}

	@Test
	void whenTypesOfOtherKindsAndPluginsAreMistypedThenTheWarningNamesSimilarNames(CapturedOutput output) {
		try (ComponentServer kafka = ComponentServer.inFolder(this.folder, "kafka")
			.serve(PubSubKind.INSTANCE, InMemoryPubSub::new)
			.start()) {
			runner().withPropertyValues("pluggable.components.events.type=pubsub.kafak",
					"pluggable.components.web.type=bindings.htpp", "pluggable.components.vault.type=secretstores.flie",
					"pluggable.components.far.type=state.relayr", "pluggable.plugins.relayer.command=sleep,600",
					"pluggable.plugins.relayer.protocol=socket", "pluggable.plugin-directory=" + this.folder,
					"pluggable.discovery.initial-wait=10ms")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !warnings(output).isEmpty());
					assertThat(warnings(output)).singleElement()
						.asString()
						.contains("'events' (pubsub.kafak)", "Did you mean 'pubsub.kafka'?", "'web' (bindings.htpp)",
								"'vault' (secretstores.flie)", "Did you mean 'secretstores.file'?",
								"'far' (state.relayr)", "Did you mean 'state.relayer'?", "The plugins are [relayer]");
				});
			assertThat(kafka.isReachable()).isTrue();
		}
	}

	@Test
	void whenTheFolderIsMissingThenTheWarningSaysSo(CapturedOutput output) throws Exception {
		Files.delete(this.folder);
		runner().withPropertyValues("pluggable.components.orders.type=state.redis").run((context) -> {
			Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !warnings(output).isEmpty());
			assertThat(warnings(output)).singleElement()
				.asString()
				.contains("The socket folder " + this.folder + " does not exist")
				.doesNotContain("Did you mean");
		});
		Files.createDirectory(this.folder);
	}

	@Test
	void whenAComponentWasReadyAndIsUnavailableAtThatMomentThenThereIsNoWarningAboutIt(CapturedOutput output) {
		try (FakeStateServer memory = new FakeStateServer(this.folder.resolve("memory.sock")).start()) {
			runner()
				.withPropertyValues("pluggable.components.orders.type=state.memory",
						"pluggable.components.other.type=state.oracle", "pluggable.startup-timeout=5s")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					memory.close();
					Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !warnings(output).isEmpty());
					assertThat(warnings(output)).singleElement()
						.asString()
						.contains("'other' (state.oracle)")
						.doesNotContain("'orders' (state.memory)");
				});
		}
	}

	@Test
	void whenTheApplicationStopsBeforeThenThereIsNoWarningAndNoThread(CapturedOutput output) {
		runner().withPropertyValues("pluggable.components.orders.type=state.redis", "pluggable.startup-timeout=10m")
			.run((context) -> assertThat(threads()).isNotEmpty());
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> threads().isEmpty());
		assertThat(warnings(output)).isEmpty();
	}

	private static List<String> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((name) -> name.startsWith("pluggable-startup-"))
			.toList();
	}

}
