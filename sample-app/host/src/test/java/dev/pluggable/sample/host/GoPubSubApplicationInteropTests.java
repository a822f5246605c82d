package dev.pluggable.sample.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Components;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.listener.ListenerStatus;
import dev.pluggable.spring.pubsub.PubSubHeaders;
import dev.pluggable.spring.pubsub.PubSubTemplate;
import dev.pluggable.spring.pubsub.PubSubTemplates;
import dev.pluggable.spring.pubsub.TopicListener;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Runs the sample application with the broker in Go. A listener gets CloudEvents before
 * and after the test has killed the process. Fails if Go is missing.
 */
@Tag("interop")
@Timeout(120)
@SpringBootTest(classes = SampleApplication.class,
		properties = { "pluggable.components.bus.type=pubsub.broker", "pluggable.components.bus.wait-for-ready=0s" })
@Import(GoPubSubApplicationInteropTests.Orders.class)
@DirtiesContext
class GoPubSubApplicationInteropTests {

	private static final Counterpart GO_PUBSUB = Counterpart.of("go-pubsub");

	@TempDir
	static Path folder;

	private static Path program;

	private static ComponentProcess process;

	@Autowired
	private PubSubTemplates templates;

	@Autowired
	private Components<PubSub> components;

	@Autowired
	private ListenerRegistry listeners;

	@Autowired
	private Orders orders;

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("pluggable.socket-folders", folder::toString);
		registry.add("pluggable.components.bus.metadata.file", () -> folder.resolve("log").toString());
	}

	@BeforeAll
	static void buildAndStart() throws Exception {
		program = GO_PUBSUB.goBuild(folder);
		startComponent();
	}

	@AfterAll
	static void stop() {
		process.close();
	}

	private static void startComponent() {
		process = GO_PUBSUB.start(folder, program.toString());
	}

	@Test
	void whenTheProcessIsKilledAndStartedAgainThenTheListenerStillGetsCloudEvents() {
		PubSubTemplate template = this.templates.forComponent("bus").withCloudEvents(true);
		awaitState(ComponentState.READY);
		template.convertAndSend("parcels", new Order("o-1", 3));
		await().until(() -> this.orders.received.contains(new Received(new Order("o-1", 3), "pluggable-sample")));

		process.kill();
		awaitState(ComponentState.UNAVAILABLE);
		assertThatExceptionOfType(ComponentUnavailableException.class)
			.isThrownBy(() -> template.convertAndSend("parcels", new Order("lost", 0)));
		startComponent();
		awaitState(ComponentState.READY);
		template.convertAndSend("parcels", new Order("o-2", 4));
		await().until(() -> this.orders.received.contains(new Received(new Order("o-2", 4), "pluggable-sample")));
		assertThat(this.orders.received).extracting((received) -> received.order().id()).containsOnly("o-1", "o-2");
		assertThat(this.listeners.find("orders-of-go")).hasValueSatisfying((listener) -> {
			assertThat(listener.state()).isEqualTo(ListenerStatus.State.LISTENING);
			assertThat(listener.stream().reconnects()).isPositive();
		});
	}

	private void awaitState(ComponentState state) {
		await().until(() -> this.components.stream()
			.filter((component) -> component.name().equals("bus"))
			.map(Component::status)
			.anyMatch((status) -> status.state() == state));
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10));
	}

	record Order(String id, int amount) {

	}

	record Received(Order order, String source) {

	}

	/**
	 * A listener like one of an application.
	 */
	@TestConfiguration(proxyBeanMethods = false)
	static class Orders {

		private final List<Received> received = new CopyOnWriteArrayList<>();

		@TopicListener(id = "orders-of-go", pubsub = "bus", topic = "parcels")
		void order(Order order, @Header(PubSubHeaders.CLOUD_EVENT_SOURCE) String source) {
			this.received.add(new Received(order, source));
		}

	}

}
