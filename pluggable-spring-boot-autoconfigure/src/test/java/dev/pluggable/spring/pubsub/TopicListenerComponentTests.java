package dev.pluggable.spring.pubsub;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.pubsub.InMemoryPubSub;
import dev.pluggable.pubsub.Message;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.spring.autoconfigure.endpoint.PluggableEndpointAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.endpoint.PluggableDescriptor.ListenerDescriptor;
import dev.pluggable.spring.endpoint.PluggableEndpoint;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.listener.ListenerStatus;
import dev.pluggable.stream.StreamStatus;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
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
import org.springframework.messaging.handler.annotation.Header;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TopicListener} and {@link PubSubTemplate} with a built-in component
 * and with a component behind a socket.
 */
@ExtendWith(OutputCaptureExtension.class)
class TopicListenerComponentTests {

	@TempDir
	Path folder;

	@AfterEach
	void nothingIsLeft() {
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("pluggable-")));
	}

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class, JacksonAutoConfiguration.class,
					PluggableEndpointAutoConfiguration.class, PluggableListenerAutoConfiguration.class,
					PluggablePubSubAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "spring.application.name=shop",
					"management.endpoints.web.exposure.include=*");
	}

	@Test
	void whenNothingIsConfiguredThenTheTemplateAndListenersUseTheComponentInMemory(CapturedOutput output) {
		runner().withBean(Orders.class).run((context) -> {
			PubSubTemplate template = context.getBean(PubSubTemplate.class);
			Orders orders = context.getBean(Orders.class);
			template.convertAndSend("orders", new Order("raw", 1));
			template.withCloudEvents(true).convertAndSend("orders", new Order("event", 2));
			await().until(() -> orders.placed.size() == 2);
			assertThat(orders.placed).containsExactlyInAnyOrder("raw from nobody", "event from shop");
			template.convertAndSend("orders", "s3cret", "application/json");
			await().until(() -> orders.dead.size() == 1);
			assertThat(orders.dead.get(0).data()).isEqualTo("s3cret".getBytes(StandardCharsets.UTF_8));
			// The line is written after the message has reached the dead-letter topic.
			await().untilAsserted(() -> assertThat(output.toString().lines().filter((line) -> line.contains(" WARN ")))
				.singleElement()
				.asString()
				.contains("dead-letter topic 'dead'",
						"Orders.placed: the payload cannot be converted (StreamReadException at line 1"));
			assertThat(orders.dead.get(0).metadata().get("deadLetterReason")).contains("StreamReadException at line 1");
			assertThat(output).doesNotContain("s3cret");
		});
	}

	@Test
	void whenTheComponentComesLateAndIsReplacedThenTheListenerGoesOn(CapturedOutput output) throws Exception {
		runner().withBean(BusListener.class).run((context) -> {
			ListenerRegistry listeners = context.getBean(ListenerRegistry.class);
			BusListener listener = context.getBean(BusListener.class);
			assertThat(listeners.listeners()).singleElement()
				.extracting(ListenerStatus::state)
				.isEqualTo(ListenerStatus.State.WAITING);
			try (ComponentServer server = serve()) {
				publishUntilHeard(context.getBean(PubSubTemplates.class), listener, "1");
			}
			await().until(() -> stream(context.getBean(PluggableEndpoint.class)).stream()
				.state() == StreamStatus.State.WAITING);
			try (ComponentServer server = serve()) {
				publishUntilHeard(context.getBean(PubSubTemplates.class), listener, "2");
				ListenerDescriptor shown = stream(context.getBean(PluggableEndpoint.class));
				assertThat(shown.component()).isEqualTo("bus");
				assertThat(shown.topic()).isEqualTo("orders");
				assertThat(shown.stream().state()).isEqualTo(StreamStatus.State.ACTIVE);
				assertThat(shown.stream().generation()).isEqualTo(2);
				assertThat(shown.stream().received()).isGreaterThanOrEqualTo(2);
			}
		});
		assertThat(output.toString()
			.lines()
			.filter((line) -> line.contains("The listener starts when the component appears"))).hasSize(1);
	}

	@Test
	void whenAListenerThrowsThenTheStackTraceIsLoggedOncePerKindAndNothingOfThePayload(CapturedOutput output) {
		runner().withBean(Failing.class).run((context) -> {
			PubSubTemplate template = context.getBean(PubSubTemplate.class);
			Failing failing = context.getBean(Failing.class);
			for (int i = 0; i < 3; i++) {
				template.convertAndSend("orders", "s3cret-card");
			}
			template.convertAndSend("orders", "other");
			await().until(() -> failing.calls.get() >= 4);
			await().until(() -> output.toString().contains("no such state"));
			await().until(() -> output.toString().contains("as logged before"));
		});
		assertThat(output.toString().lines().filter((line) -> line.contains("broken by"))).singleElement()
			.asString()
			.contains("IllegalArgumentException", "broken by ***");
		assertThat(output.toString().lines().filter((line) -> line.contains("at ") && line.contains("Failing.on(")))
			.hasSizeGreaterThanOrEqualTo(2);
		assertThat(output.toString().lines().filter((line) -> line.contains("no such state"))).hasSize(1);
		assertThat(output).doesNotContain("s3cret-card");
	}

	@Test
	void whenParentAndChildHaveListenersThenEachIsCalled() {
		runner().withBean("parentListener", BusListener.class)
			.withPropertyValues("pluggable.components.bus.type=pubsub.in-memory")
			.run((parent) -> runner().withParent(parent)
				.withBean("childListener", OtherBusListener.class)
				.run((child) -> {
					assertThat(child).hasNotFailed();
					assertThat(child.getBean(ListenerRegistry.class).listeners()).singleElement()
						.extracting(ListenerStatus::id)
						.isEqualTo("childListener.on");
					assertThat(parent.getBean(ListenerRegistry.class).listeners()).singleElement()
						.extracting(ListenerStatus::id)
						.isEqualTo("parentListener.on");
					child.getBean(PubSubTemplates.class).forComponent("bus").convertAndSend("orders", "1");
					child.getBean(PubSubTemplates.class).forComponent("bus").convertAndSend("others", "2");
					await().untilAsserted(() -> {
						assertThat(parent.getBean(BusListener.class).heard).containsExactly("1");
						assertThat(child.getBean(OtherBusListener.class).heard).containsExactly("2");
					});
				}));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenAListenerClosesTheApplicationThenItWaitsForOtherHandlersOnly(boolean builtIn) throws Exception {
		try (ComponentServer server = serve()) {
			ApplicationContextRunner runner = runner().withBean(Closing.class)
				.withPropertyValues("pluggable.components.bus.type=pubsub." + (builtIn ? "in-memory" : "bus"),
						"pluggable.components.bus.required=true");
			runner.run((context) -> {
				Closing closing = context.getBean(Closing.class);
				closing.context = context.getSourceApplicationContext();
				PubSubTemplate template = context.getBean(PubSubTemplate.class);
				// A message that is published before the subscription is not delivered.
				await().until(() -> {
					template.convertAndSend("orders", "first");
					return closing.firstHeard.getCount() == 0;
				});
				template.convertAndSend("orders", "slow");
				assertThat(closing.slowBegun.await(20, TimeUnit.SECONDS)).isTrue();
				long begun = System.nanoTime();
				template.convertAndSend("orders", "close");
				assertThat(closing.closeBegun.await(20, TimeUnit.SECONDS)).isTrue();
				assertThat(closing.closed.getCount()).isOne();
				closing.letSlowEnd.countDown();
				assertThat(closing.closed.await(20, TimeUnit.SECONDS)).isTrue();
				assertThat(closing.slowEnded.getCount()).isZero();
				assertThat(closing.interrupted).isFalse();
				// The grace period of the listener is ten seconds.
				assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(9));
			});
			assertThat(server.isReachable()).isTrue();
		}
	}

	private static ListenerDescriptor stream(PluggableEndpoint endpoint) {
		return endpoint.pluggable().listeners().get(0);
	}

	private ComponentServer serve() throws Exception {
		return ComponentServer.inFolder(this.folder, "bus")
			.serve(PubSubKind.INSTANCE, (name, metadata) -> new InMemoryPubSub())
			.start();
	}

	/**
	 * An in-memory component delivers no message that was published before the
	 * subscription.
	 */
	private static void publishUntilHeard(PubSubTemplates templates, BusListener listener, String text) {
		await()
			.ignoreExceptionsMatching(
					(ex) -> ex instanceof NoSuchElementException || ex instanceof ComponentUnavailableException)
			.until(() -> {
				templates.forComponent("bus").convertAndSend("orders", text);
				return listener.heard.contains(text);
			});
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
	}

	record Order(String id, int amount) {
	}

	/**
	 * Listens to the only component.
	 */
	static class Orders {

		final List<String> placed = new CopyOnWriteArrayList<>();

		final List<Message> dead = new CopyOnWriteArrayList<>();

		@TopicListener(topic = "orders", deadLetterTopic = "dead")
		void placed(Order order,
				@Header(name = PubSubHeaders.CLOUD_EVENT_SOURCE, defaultValue = "nobody") String source) {
			this.placed.add(order.id() + " from " + source);
		}

		@TopicListener(topic = "dead")
		void dead(Message message) {
			this.dead.add(message);
		}

	}

	/**
	 * Fails in two ways.
	 */
	static class Failing {

		final AtomicInteger calls = new AtomicInteger();

		@TopicListener(topic = "orders", concurrency = "1")
		void on(String text) {
			this.calls.incrementAndGet();
			if (text.equals("other")) {
				throw new IllegalStateException("no such state");
			}
			throw new IllegalArgumentException("broken by " + text);
		}

	}

	/**
	 * Closes its application.
	 */
	static class Closing {

		final CountDownLatch firstHeard = new CountDownLatch(1);

		final CountDownLatch slowBegun = new CountDownLatch(1);

		final CountDownLatch letSlowEnd = new CountDownLatch(1);

		final CountDownLatch slowEnded = new CountDownLatch(1);

		final CountDownLatch closeBegun = new CountDownLatch(1);

		final CountDownLatch closed = new CountDownLatch(1);

		volatile boolean interrupted;

		volatile ConfigurableApplicationContext context;

		@TopicListener(topic = "orders", concurrency = "2")
		void on(String text) throws Exception {
			if (text.equals("first")) {
				this.firstHeard.countDown();
				return;
			}
			if (text.equals("slow")) {
				this.slowBegun.countDown();
				this.letSlowEnd.await();
				this.slowEnded.countDown();
				return;
			}
			this.closeBegun.countDown();
			this.context.close();
			this.interrupted = Thread.currentThread().isInterrupted();
			this.closed.countDown();
		}

	}

	/**
	 * Listens to another topic.
	 */
	static class OtherBusListener {

		final List<String> heard = new CopyOnWriteArrayList<>();

		@TopicListener(pubsub = "bus", topic = "others")
		void on(String text) {
			this.heard.add(text);
		}

	}

	/**
	 * Listens to an optional component.
	 */
	static class BusListener {

		final List<String> heard = new CopyOnWriteArrayList<>();

		@TopicListener(pubsub = "bus", topic = "orders")
		void on(String text) {
			this.heard.add(text);
		}

	}

}
