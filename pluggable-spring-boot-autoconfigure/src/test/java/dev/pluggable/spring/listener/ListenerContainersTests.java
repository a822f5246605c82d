package dev.pluggable.spring.listener;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.pluggable.Component;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.pubsub.FakePubSub;
import dev.pluggable.spring.pubsub.TopicListener;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import dev.pluggable.stream.StreamStatus;
import org.apache.commons.logging.LogFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.io.support.SpringFactoriesLoader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ListenerContainers}, which starts and stops listeners.
 */
@ExtendWith(OutputCaptureExtension.class)
class ListenerContainersTests {

	private final FakePubSub pubSub = new FakePubSub();

	private final FakeRegistry registry = new FakeRegistry();

	private final List<String> log = new CopyOnWriteArrayList<>();

	private ApplicationContextRunner runner() {
		return runner(new Listener(this.log));
	}

	private ApplicationContextRunner runner(Listener listener) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class,
					PluggableListenerAutoConfiguration.class, PluggablePubSubAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=/tmp/pluggable-none")
			.withBean("registry", FakeRegistry.class, () -> this.registry, (bean) -> bean.setPrimary(true))
			.withBean("listener", Listener.class, () -> listener);
	}

	@BeforeEach
	void anotherComponent() {
		this.registry.add("other", "pubsub", PubSub.class, new FakePubSub(), true);
	}

	@Test
	void whenTheComponentDoesNotExistThenOneWarningSaysWhatToDoAndTheListenerBeginsWhenItComes(CapturedOutput output) {
		runner().run((context) -> {
			assertThat(context).hasNotFailed();
			ListenerRegistry listeners = context.getBean(ListenerRegistry.class);
			assertThat(listeners.listeners()).singleElement().satisfies((listener) -> {
				assertThat(listener.id()).isEqualTo("listener.on");
				assertThat(listener.state()).isEqualTo(ListenerStatus.State.WAITING);
				assertThat(listener.component()).isEqualTo("orders-bus");
				assertThat(listener.reason()).isEqualTo("there is no PubSub 'orders-bus'");
				assertThat(listener.stream()).isNull();
			});
			assertThat(output.toString().lines().filter((line) -> line.contains("WARN") && line.contains("orders-bus")))
				.singleElement()
				.asString()
				.contains("@TopicListener on " + Listener.class.getName() + ".on",
						"The listener starts when the component appears",
						"'pluggable.components.orders-bus.type=pubsub.<implementation>'", "now: [other]");
			this.registry.add("orders-bus", "state", StateStore.class, new InMemoryStateStore(), false);
			assertThat(this.pubSub.subscriptions).isEmpty();
			this.registry.add("orders-bus", "pubsub", PubSub.class, this.pubSub, false);
			assertThat(this.pubSub.send("orders", "1")).isEqualTo(MessageOutcome.ACK);
			assertThat(listeners.find("listener.on").orElseThrow()).satisfies((listener) -> {
				assertThat(listener.state()).isEqualTo(ListenerStatus.State.LISTENING);
				assertThat(listener.reason()).isNull();
				assertThat(listener.stream().received()).isOne();
			});
		});
	}

	@Test
	void whenTheComponentIsGoneAndBackThenThereIsStillOneSubscription() {
		Component<PubSub> component = this.registry.add("orders-bus", "pubsub", PubSub.class, this.pubSub, false);
		runner().run((context) -> {
			this.registry.remove(component);
			this.registry.add(component);
			assertThat(this.pubSub.subscriptions).hasSize(1);
			this.pubSub.subscription("orders").close();
			this.registry.remove(component);
			this.registry.add(component);
			assertThat(this.pubSub.subscriptions).hasSize(2);
			this.registry.remove(component);
			FakePubSub successor = new FakePubSub();
			this.registry.add("orders-bus", "pubsub", PubSub.class, successor, false);
			assertThat(successor.subscriptions).hasSize(1);
			assertThat(this.pubSub.subscriptions).allMatch((old) -> old.drains.isEmpty())
				.allMatch((old) -> old.status().state() == StreamStatus.State.CLOSED);
		});
	}

	@Test
	void whenADeclaredComponentIsOfAnotherKindThenTheStartFailsAndIsExplained() {
		this.registry.add("orders-bus", "state", StateStore.class, new InMemoryStateStore(), true);
		runner().run((context) -> {
			Throwable failure = rootCause(context.getStartupFailure());
			assertThat(failure).isInstanceOf(InvalidListenerException.class)
				.hasMessage("@TopicListener on " + Listener.class.getName()
						+ ".on: the component 'orders-bus' is of the kind 'state' (state.fake), but the listener needs a PubSub");
			FailureAnalysis analysis = SpringFactoriesLoader.forDefaultResourceLocation()
				.load(FailureAnalyzer.class, SpringFactoriesLoader.ArgumentResolver.none(),
						SpringFactoriesLoader.FailureHandler.logging(LogFactory.getLog(getClass())))
				.stream()
				.map((analyzer) -> analyzer.analyze(context.getStartupFailure()))
				.filter(Objects::nonNull)
				.findFirst()
				.orElseThrow();
			assertThat(analysis.getDescription()).isEqualTo(failure.getMessage() + ".");
			assertThat(analysis.getAction()).contains("'pubsub.<implementation>'");
		});
		assertThat(this.registry.listeners).isEmpty();
	}

	private static Throwable rootCause(Throwable failure) {
		Throwable cause = failure;
		while (cause.getCause() != null) {
			cause = cause.getCause();
		}
		return cause;
	}

	@Test
	void whenAListenerIsNotToBeginThenItCanBeStartedAndStopped() {
		this.registry.add("orders-bus", "pubsub", PubSub.class, this.pubSub, true);
		runner().withPropertyValues("listen=false").run((context) -> {
			ListenerRegistry listeners = context.getBean(ListenerRegistry.class);
			assertThat(this.pubSub.subscriptions).isEmpty();
			assertThat(listeners.find("listener.on").orElseThrow().state()).isEqualTo(ListenerStatus.State.STOPPED);
			listeners.start("listener.on");
			listeners.start("listener.on");
			assertThat(this.pubSub.subscriptions).hasSize(1);
			listeners.stop("listener.on");
			listeners.stop("listener.on");
			assertThat(listeners.find("listener.on").orElseThrow()).satisfies((listener) -> {
				assertThat(listener.state()).isEqualTo(ListenerStatus.State.STOPPED);
				assertThat(listener.stream()).isNull();
			});
			this.registry.add("third", "pubsub", PubSub.class, new FakePubSub(), true);
			assertThat(this.pubSub.subscriptions).hasSize(1);
			listeners.start("listener.on");
			assertThat(this.pubSub.subscriptions).hasSize(2);
			assertThat(listeners.find("nobody")).isEmpty();
			assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(() -> listeners.start("nobody"))
				.withMessageContaining("[listener.on]");
		});
	}

	/**
	 * The web server and the beans of the default phase run before the first message
	 * arrives and until the last handler has ended.
	 */
	@Test
	void whenTheApplicationStopsThenListenersEndFirstAndWhatTheyUseStillWorks() throws Exception {
		this.registry.add("orders-bus", "pubsub", PubSub.class, this.pubSub, true);
		CountDownLatch handling = new CountDownLatch(1);
		CompletableFuture<String> goOn = new CompletableFuture<>();
		CompletableFuture<CompletionStage<MessageOutcome>> outcome = new CompletableFuture<>();
		Thread stopping = new Thread(
				() -> runner(new Listener(this.log, handling, goOn))
					.withBean("webServer", Phased.class,
							() -> new Phased("web server", WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE,
									this.log))
					.withBean("used", Phased.class, () -> new Phased("used", SmartLifecycle.DEFAULT_PHASE, this.log))
					.withBean("components", Phased.class, () -> new Phased("host", Integer.MAX_VALUE / 2, this.log))
					.run((context) -> {
						this.log.add("ready");
						CompletableFuture.runAsync(
								() -> outcome.complete(this.pubSub.subscription("orders").send("1", null, Map.of())));
						assertThat(handling.await(20, TimeUnit.SECONDS)).isTrue();
					}),
				"test-stopping");
		stopping.start();
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> this.pubSub.subscriptions.size() == 1 && !this.pubSub.subscription("orders").drains.isEmpty());
		assertThat(this.log).doesNotContain("stop used", "stop web server", "stop host", "destroy listener");
		goOn.complete("now");
		stopping.join(Duration.ofSeconds(20).toMillis());
		assertThat(stopping.isAlive()).isFalse();
		assertThat(outcome.join().toCompletableFuture()).isCompletedWithValue(MessageOutcome.ACK);
		assertThat(this.pubSub.subscription("orders").drains).containsExactly(Duration.ofSeconds(20));
		assertThat(this.log).containsSubsequence("start host", "start web server", "start used", "ready", "handled 1",
				"stop used", "stop web server", "stop host", "destroy listener");
	}

	/**
	 * Handles orders.
	 */
	static class Listener implements DisposableBean {

		private final List<String> log;

		private final CountDownLatch handling;

		private final CompletableFuture<String> goOn;

		Listener(List<String> log) {
			this(log, new CountDownLatch(1), CompletableFuture.completedFuture(""));
		}

		Listener(List<String> log, CountDownLatch handling, CompletableFuture<String> goOn) {
			this.log = log;
			this.handling = handling;
			this.goOn = goOn;
		}

		@TopicListener(pubsub = "orders-bus", topic = "orders", grace = "20s", autoStartup = "${listen:true}")
		void on(String order) throws Exception {
			this.handling.countDown();
			this.goOn.get(20, TimeUnit.SECONDS);
			this.log.add("handled " + order);
		}

		@Override
		public void destroy() {
			this.log.add("destroy listener");
		}

	}

	/**
	 * Records its start and stop.
	 */
	static class Phased implements SmartLifecycle {

		private final String name;

		private final int phase;

		private final List<String> log;

		private volatile boolean running;

		Phased(String name, int phase, List<String> log) {
			this.name = name;
			this.phase = phase;
			this.log = log;
		}

		@Override
		public void start() {
			this.running = true;
			this.log.add("start " + this.name);
		}

		@Override
		public void stop() {
			this.running = false;
			this.log.add("stop " + this.name);
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return this.phase;
		}

	}

}
