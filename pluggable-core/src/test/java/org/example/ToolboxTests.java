package org.example;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.Draining;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.server.ComponentServer;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests that the public toolbox is enough for a kind with calls and a stream, on both
 * sides of a real socket.
 */
@Timeout(60)
class ToolboxTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	@TempDir
	Path folder;

	private final ThermometerKind kind = new ThermometerKind();

	private final List<Rooms> rooms = new CopyOnWriteArrayList<>();

	private ComponentServer server;

	private ComponentHost host;

	private Component<Thermometer> component;

	@BeforeEach
	void start() {
		this.server = serve();
		ComponentDeclaration declaration = new ComponentDeclaration("house", ComponentType.of("thermometers.rooms"),
				false, Map.of("kitchen", "21.5"), HostSettings.defaultComponentSettings());
		this.host = new ComponentHost(
				HostSettings.defaults().withSocketFolders(Set.of(this.folder)).withDeclarations(List.of(declaration)),
				List.of(this.kind), List.of(), (endpoint, builder) -> {
				});
		this.host.start();
		this.component = this.host.registry().find(this.kind, "house").orElseThrow();
		await().until(() -> this.component.status().state() == ComponentState.READY);
	}

	private ComponentServer serve() {
		return ComponentServer.builder(this.folder.resolve("rooms.sock")).serve(this.kind, (name, metadata) -> {
			Rooms rooms = new Rooms(metadata);
			this.rooms.add(rooms);
			return rooms;
		}).start();
	}

	@AfterEach
	void close() {
		this.host.close();
		this.server.close();
	}

	private Rooms latest() {
		return this.rooms.get(this.rooms.size() - 1);
	}

	@Test
	void whenCalledThenTheInstanceOfTheOtherProcessAnswers() {
		assertThat(this.component.status().features()).containsExactly("MODEL_1");
		assertThat(this.component.instance().celsius("kitchen")).isEqualTo(21.5);
	}

	@Test
	void whenTheInstanceFailsThenTheExceptionOfTheKindReachesTheCaller() {
		assertThatExceptionOfType(NoSuchRoomException.class)
			.isThrownBy(() -> this.component.instance().celsius("cellar"))
			.withMessageContaining("There is no room 'cellar'")
			.satisfies((ex) -> {
				assertThat(ex.getStatusCode()).isEqualTo(Status.Code.NOT_FOUND);
				assertThat(ex.getComponent()).isEqualTo("house");
				assertThat(ex.getOperation()).isEqualTo("Read");
			});
	}

	@Test
	void whenAnAlarmIsHandledThenTheOtherProcessGetsTheAnswer() {
		Queue<String> handled = new ConcurrentLinkedQueue<>();
		this.component.instance().alarms(TIMEOUT, handled::add);
		await().until(() -> latest().isWatched());
		CompletableFuture<Void> answered = latest().alarm("hot");
		await().until(answered::isDone);
		assertThat(answered).isCompleted();
		assertThat(handled).containsExactly("hot");
	}

	@Test
	void whenTheProcessIsReplacedThenTheStreamGoesOn() {
		Queue<String> handled = new ConcurrentLinkedQueue<>();
		this.component.instance().alarms(TIMEOUT, handled::add);
		await().until(() -> latest().isWatched());
		this.server.close();
		this.server = serve();
		await().until(() -> this.rooms.size() == 2 && latest().isWatched());
		await().until(latest().alarm("cold")::isDone);
		assertThat(handled).containsExactly("cold");
	}

	@Test
	void whenTheStreamIsDrainedThenTheAlarmThatIsBeingHandledIsAnswered() throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		Draining alarms = this.component.instance().alarms(TIMEOUT, (text) -> {
			begun.countDown();
			await().until(() -> release.getCount() == 0);
		});
		await().until(() -> latest().isWatched());
		CompletableFuture<Void> answered = latest().alarm("hot");
		assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
		CompletableFuture<?> drained = alarms.drain(TIMEOUT).toCompletableFuture();
		assertThat(drained).isNotDone();
		release.countDown();
		await().until(drained::isDone);
		await().until(answered::isDone);
		assertThat(answered).isCompleted();
	}

	/**
	 * The implementation in the other process.
	 */
	private static final class Rooms implements Thermometer {

		private final Map<String, String> temperatures;

		private final Queue<Consumer<String>> watchers = new ConcurrentLinkedQueue<>();

		Rooms(Map<String, String> temperatures) {
			this.temperatures = temperatures;
		}

		@Override
		public double celsius(String room) {
			String temperature = this.temperatures.get(room);
			if (temperature == null) {
				throw new NoSuchRoomException(room);
			}
			return Double.parseDouble(temperature);
		}

		@Override
		public Draining alarms(Duration timeout, Consumer<String> handler) {
			this.watchers.add(handler);
			return (grace) -> {
				this.watchers.remove(handler);
				return CompletableFuture.completedFuture(null);
			};
		}

		boolean isWatched() {
			return !this.watchers.isEmpty();
		}

		CompletableFuture<Void> alarm(String text) {
			return CompletableFuture.runAsync(() -> this.watchers.forEach((watcher) -> watcher.accept(text)));
		}

	}

}
