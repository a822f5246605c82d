package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.pluggable.bindings.InputBinding;
import dev.pluggable.bindings.InputBindingKind;
import dev.pluggable.bindings.OutputBinding;
import dev.pluggable.bindings.OutputBindingKind;
import dev.pluggable.hello.Hello;
import dev.pluggable.hello.HelloKind;
import dev.pluggable.pubsub.InMemoryPubSub;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.secrets.MapSecretStore;
import dev.pluggable.secrets.SecretStore;
import dev.pluggable.secrets.SecretStoreKind;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.autoconfigure.state.PluggableStateAutoConfiguration;
import dev.pluggable.spring.pubsub.PubSubTemplate;
import dev.pluggable.spring.state.StateTemplate;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests that a further socket in the folder changes nothing for an application that has
 * chosen its components.
 */
class DiscoveredBesideDeclaredTests {

	@TempDir
	Path folder;

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class,
					PluggableBindingsAutoConfiguration.class, PluggableListenerAutoConfiguration.class,
					PluggablePubSubAutoConfiguration.class, PluggableStateAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.discovery.initial-wait=20s");
	}

	private ApplicationContextRunner declaring() {
		return runner().withPropertyValues("pluggable.components.orders.type=state.in-memory",
				"pluggable.components.events.type=pubsub.in-memory", "pluggable.components.web.type=bindings.http",
				"pluggable.components.web.metadata.url=http://localhost:1",
				"pluggable.components.clock.type=bindings.cron", "pluggable.components.clock.metadata.schedule=@hourly",
				"pluggable.components.vault.type=secretstores.env",
				"pluggable.components.greeter.type=hello.somewhere");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenTwoForeignSocketsAppearThenInjectionOfEachKindStays(boolean beforeTheStart) {
		ComponentServer one = beforeTheStart ? foreign("foreign") : null;
		ComponentServer two = beforeTheStart ? foreign("other") : null;
		declaring().run((context) -> {
			assertThat(context).hasNotFailed();
			try (ComponentServer first = (one != null) ? one : foreign("foreign");
					ComponentServer second = (two != null) ? two : foreign("other")) {
				for (String socket : List.of("foreign", "other")) {
					for (String kind : List.of("state", "pubsub", "output-bindings", "input-bindings", "secretstores",
							"hello")) {
						Awaitility.await()
							.atMost(Duration.ofSeconds(20))
							.until(() -> context.containsBean(socket + "." + kind));
					}
				}
				assertThat(context.getBean(StateStore.class)).isSameAs(context.getBean("orders"));
				assertThat(context.getBean(PubSub.class)).isSameAs(context.getBean("events"));
				assertThat(context.getBean(OutputBinding.class)).isSameAs(context.getBean("web.output-bindings"));
				assertThat(context.getBean(InputBinding.class)).isSameAs(context.getBean("clock.input-bindings"));
				assertThat(context.getBean(SecretStore.class)).isSameAs(context.getBean("vault"));
				assertThat(context.getBean(Hello.class)).isSameAs(context.getBean("greeter"));
				assertThat(context.getBeanNamesForType(StateStore.class)).hasSize(3);
				assertThat(List.of(first.isReachable(), second.isReachable())).containsOnly(true);
			}
		});
	}

	private ComponentServer foreign(String name) {
		return ComponentServer.inFolder(this.folder, name)
			.serve(StateStoreKind.INSTANCE, (component, metadata) -> new InMemoryStateStore())
			.serve(PubSubKind.INSTANCE, InMemoryPubSub::new)
			.serve(OutputBindingKind.INSTANCE, (component, metadata) -> mock(OutputBinding.class))
			.serve(InputBindingKind.INSTANCE, (component, metadata) -> mock(InputBinding.class))
			.serve(SecretStoreKind.INSTANCE, (component, metadata) -> new MapSecretStore())
			.serve(HelloKind.INSTANCE, (component, metadata) -> mock(Hello.class))
			.start();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenAForeignSocketAppearsThenInjectionByTypeStays(boolean beforeTheStart) {
		ComponentServer early = beforeTheStart ? foreign("foreign") : null;
		declaring().withBean(Consumer.class).run((context) -> {
			assertThat(context).hasNotFailed();
			try (ComponentServer server = (early != null) ? early : foreign("foreign")) {
				awaitForeign(context);
				Consumer consumer = context.getBean(Consumer.class);
				assertThat(consumer.store().getObject()).isSameAs(context.getBean("orders"));
				assertThat(consumer.pubSub().getObject()).isSameAs(context.getBean("events"));
				assertThat(consumer.binding().getObject()).isSameAs(context.getBean("web.output-bindings"));
				assertThat(consumer.state().getObject().store()).isSameAs(context.getBean("orders"));
				consumer.template().getObject().convertAndSend("orders", "x");
				assertThat(context.getBean(Consumer.class).store().orderedStream()).hasSize(2);
				assertThat(server.isReachable()).isTrue();
			}
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenAForeignSocketHasTheNameOfADeclaredComponentThenTheDeclaredOneIsInjected(boolean beforeTheStart) {
		ComponentServer early = beforeTheStart ? foreign("orders") : null;
		declaring().withBean(Consumer.class).run((context) -> {
			assertThat(context).hasNotFailed();
			try (ComponentServer server = (early != null) ? early : foreign("orders")) {
				Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> context.containsBean("orders.pubsub"));
				assertThat(context.getBean(StateStore.class)).isSameAs(context.getBean("orders"));
				assertThat(context.getBean(PubSub.class)).isSameAs(context.getBean("events"));
				assertThat(server.isReachable()).isTrue();
			}
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenAForeignSocketAppearsThenABeanOfTheApplicationStays(boolean beforeTheStart) {
		ComponentServer early = beforeTheStart ? foreign("foreign") : null;
		InMemoryStateStore own = new InMemoryStateStore();
		runner().withBean("own", StateStore.class, () -> own).withBean(Consumer.class).run((context) -> {
			assertThat(context).hasNotFailed();
			try (ComponentServer server = (early != null) ? early : foreign("foreign")) {
				awaitForeign(context);
				assertThat(context.getBean(StateStore.class)).isSameAs(own);
				assertThat(context.getBean(StateTemplate.class).store()).isSameAs(own);
				assertThat(server.isReachable()).isTrue();
			}
		});
	}

	@Test
	void whenNothingIsChosenThenTheDiscoveredComponentIsInjected() {
		try (ComponentServer server = foreign("only")) {
			runner().run((context) -> {
				assertThat(context.getBean(StateStore.class)).isSameAs(context.getBean("only.state"));
				assertThat(server.isReachable()).isTrue();
			});
		}
	}

	private static void awaitForeign(AssertableApplicationContext context) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> context.containsBean("foreign.state") && context.containsBean("foreign.pubsub")
					&& context.containsBean("foreign.output-bindings"));
	}

	/**
	 * Injects by type, again and again.
	 */
	record Consumer(ObjectProvider<StateStore> store, ObjectProvider<PubSub> pubSub,
			ObjectProvider<OutputBinding> binding, ObjectProvider<StateTemplate> state,
			ObjectProvider<PubSubTemplate> template) {
	}

}
