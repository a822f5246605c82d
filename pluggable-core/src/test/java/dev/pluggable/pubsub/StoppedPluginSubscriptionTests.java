package dev.pluggable.pubsub;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

import dev.pluggable.ComponentType;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.stream.StreamStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The application ends the process of a plugin while a subscription is open.
 */
@Timeout(60)
class StoppedPluginSubscriptionTests {

	@Test
	void whenAPluginIsStoppedThenItsSubscriptionsEndWithTheirHandlersAndOpenAgainAtItsStart(@TempDir Path folder)
			throws Exception {
		verify(folder, RestartSettings.Mode.REPLACE, Plugins::stop);
	}

	@Test
	void whenAPluginStopsFirstAtItsRestartThenItsSubscriptionsEndWithTheirHandlersAndOpenAgain(@TempDir Path folder)
			throws Exception {
		verify(folder, RestartSettings.Mode.STOP_FIRST, Plugins::restart);
	}

	/**
	 * Verify that a subscription lets go of a process that ends.
	 * @param end ends the process
	 */
	private static void verify(Path folder, RestartSettings.Mode mode,
			BiFunction<Plugins, String, CompletionStage<PluginStatus>> end) throws Exception {
		List<String> command = new ArrayList<>(List.of("sh", "-c",
				"exec \"$@\" \"$PLUGGABLE_SOCKET_PATH\" '" + folder.resolve("journal") + "'", "sh"));
		command.addAll(JavaCommand.of(JournalPubSub.class));
		PluginSettings plugin = PluginSettings.of("bus", command)
			.withProtocol(PluginProtocol.SOCKET)
			.withRestart(RestartSettings.defaults().withMode(mode));
		ComponentDeclaration declaration = new ComponentDeclaration("bus", ComponentType.of("pubsub.bus"), true,
				Map.of(), HostSettings.defaultComponentSettings());
		List<String> handled = new CopyOnWriteArrayList<>();
		CountDownLatch handling = new CountDownLatch(1);
		CountDownLatch finish = new CountDownLatch(1);
		try (ComponentHost host = new ComponentHost(HostSettings.defaults()
			.withPlugins(List.of(plugin))
			.withPluginDirectory(folder)
			.withDeclarations(List.of(declaration)))) {
			host.start();
			assertThat(host.awaitRequired(Duration.ofSeconds(30))).isEmpty();
			PubSub bus = host.registry().find(PubSubKind.INSTANCE, "bus").orElseThrow().instance();
			Subscription subscription = bus.subscribe("orders", (message) -> {
				handling.countDown();
				finish.await();
				handled.add(new String(message.data(), StandardCharsets.UTF_8));
				return MessageOutcome.ACK;
			});
			bus.publish("orders", bytes("first"));
			handling.await();
			CompletableFuture<PluginStatus> ended = end.apply(host.plugins(), "bus").toCompletableFuture();
			await().untilAsserted(
					() -> assertThat(subscription.status().reason()).isEqualTo("the component is being stopped"));
			assertThat(ended).isNotDone();
			finish.countDown();
			if (ended.get(30, TimeUnit.SECONDS).state() == PluginState.STOPPED) {
				// The process ended because the stream had ended, and not the other way
				// round.
				assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.WAITING);
				assertThat(subscription.status().reason()).isEqualTo("the component is being stopped");
				host.plugins().start("bus").toCompletableFuture().get(30, TimeUnit.SECONDS);
			}
			bus.publish("orders", bytes("second"));
			await().untilAsserted(() -> assertThat(handled).containsExactly("first", "second"));
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
