package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.pluggable.Component;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PublishRequest;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.secrets.SecretStore;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.autoconfigure.state.PluggableStateAutoConfiguration;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.pubsub.PubSubTemplates;
import dev.pluggable.spring.pubsub.TopicListener;
import dev.pluggable.spring.state.StateTemplate;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.then;

/**
 * Tests that the start does not wait for a required component that a mock replaces, and
 * that all parts of the application use the mock.
 */
@SpringJUnitConfig(ReplacedComponentTests.Application.class)
@TestPropertySource(properties = { "pluggable.components.events.type=pubsub.nobody",
		"pluggable.components.events.required=true", "pluggable.startup-timeout=10m" })
@DirtiesContext
class ReplacedComponentTests {

	private static Path folder;

	private static ComponentServer foreign;

	@MockitoBean(name = "events")
	PubSub events;

	@MockitoBean
	StateStore store;

	@MockitoBean
	SecretStore secrets;

	@Autowired
	ApplicationContext context;

	@DynamicPropertySource
	static void folder(DynamicPropertyRegistry properties) throws Exception {
		folder = Files.createTempDirectory("p");
		foreign = ComponentServer.inFolder(folder, "foreign")
			.serve(StateStoreKind.INSTANCE, (name, metadata) -> new InMemoryStateStore())
			.start();
		properties.add("pluggable.socket-folders", folder::toString);
		properties.add("pluggable.discovery.initial-wait", () -> "20s");
	}

	@AfterAll
	static void close() throws Exception {
		foreign.close();
		Files.delete(folder);
	}

	@Test
	void whenARequiredComponentIsMockedThenTheStartDoesNotWaitForIt() {
		ComponentBeans beans = this.context.getBean(ComponentBeans.class);
		List<Component<?>> required = this.context.getBean(ComponentRegistry.class)
			.components()
			.stream()
			.filter(Component::required)
			.<Component<?>>map((component) -> component)
			.toList();
		assertThat(required).singleElement().satisfies((component) -> {
			assertThat(component.name()).isEqualTo("events");
			assertThat(beans.isReplaced(component)).isTrue();
		});
	}

	@Test
	void whenAComponentIsMockedThenListenersAndTemplatesUseTheMock() {
		then(this.events).should().subscribe(any(SubscribeRequest.class), any());
		this.context.getBean(PubSubTemplates.class).forComponent("events").convertAndSend("orders", "x");
		then(this.events).should().publish(any(PublishRequest.class));
	}

	@Test
	void whenAStoreIsMockedByTypeThenADiscoveredStoreDoesNotReplaceTheMock() {
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> this.context.containsBean("foreign.state"));
		assertThat(this.context.getBean(StateStore.class)).isSameAs(this.store);
		assertThat(this.context.getBean(StateTemplate.class).store()).isSameAs(this.store);
		assertThat(this.context.getBean(SecretStore.class)).isSameAs(this.secrets);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggableListenerAutoConfiguration.class,
			PluggablePubSubAutoConfiguration.class, PluggableStateAutoConfiguration.class })
	@Import(Listener.class)
	static class Application {

	}

	/**
	 * Listens to a component.
	 */
	static class Listener {

		Listener(@Qualifier("events") PubSub events) {
			assertThat(events).isNotNull();
		}

		@TopicListener(pubsub = "events", topic = "orders")
		void on(String text) {
			throw new IllegalStateException("no message comes from a mock: " + text);
		}

	}

}
