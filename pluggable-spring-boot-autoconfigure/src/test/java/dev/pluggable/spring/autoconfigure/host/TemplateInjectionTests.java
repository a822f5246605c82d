package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Path;

import dev.pluggable.pubsub.InMemoryPubSub;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.autoconfigure.state.PluggableStateAutoConfiguration;
import dev.pluggable.spring.pubsub.PubSubTemplate;
import dev.pluggable.spring.state.StateTemplate;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.UnsatisfiedDependencyException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that templates of state stores and of pub/sub components are injected by type and
 * by qualifier, whatever the number of declared and discovered components.
 */
class TemplateInjectionTests {

	@TempDir
	Path folder;

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class, JacksonAutoConfiguration.class,
					PluggableListenerAutoConfiguration.class, PluggablePubSubAutoConfiguration.class,
					PluggableStateAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.discovery.initial-wait=20s");
	}

	private ApplicationContextRunner declaring(String... names) {
		ApplicationContextRunner runner = runner();
		for (String name : names) {
			runner = runner.withPropertyValues("pluggable.components." + name + ".type=state.in-memory",
					"pluggable.components." + name + "-bus.type=pubsub.in-memory");
		}
		return runner;
	}

	private ComponentServer foreign() {
		return ComponentServer.inFolder(this.folder, "foreign")
			.serve(StateStoreKind.INSTANCE, (component, metadata) -> new InMemoryStateStore())
			.serve(PubSubKind.INSTANCE, InMemoryPubSub::new)
			.start();
	}

	@Test
	void whenNothingIsDeclaredOrDiscoveredThenTheTemplatesAreOfTheComponentsInMemory() {
		runner().withBean(ByType.class).run((context) -> {
			assertThat(context).hasNotFailed();
			ByType byType = context.getBean(ByType.class);
			assertThat(byType.state().store()).isSameAs(context.getBean("in-memory.state"));
			assertThat(byType.pubSub().pubSub()).isSameAs(context.getBean("in-memory.pubsub"));
		});
	}

	@Test
	void whenOneIsDiscoveredAndNothingIsDeclaredThenTheTemplatesAreOfTheDiscoveredComponents() {
		try (ComponentServer server = foreign()) {
			runner().withBean(ByType.class).run((context) -> {
				assertThat(context).hasNotFailed();
				ByType byType = context.getBean(ByType.class);
				assertThat(byType.state().store()).isSameAs(context.getBean(StateStore.class));
				assertThat(byType.pubSub().pubSub()).isSameAs(context.getBean(PubSub.class));
				assertThat(context.getBean(StateStore.class)).isSameAs(context.getBean("foreign.state"));
			});
			assertThat(server.isReachable()).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenOneIsDeclaredThenItsTemplatesAreInjectedByTypeAndByQualifier(boolean discovered) {
		try (ComponentServer server = foreign()) {
			if (!discovered) {
				server.close();
			}
			declaring("orders").withBean(ByType.class).withBean(ByQualifier.class).run((context) -> {
				assertThat(context).hasNotFailed();
				ByType byType = context.getBean(ByType.class);
				ByQualifier byQualifier = context.getBean(ByQualifier.class);
				assertThat(byType.state().store()).isSameAs(context.getBean("orders"));
				assertThat(byType.pubSub().pubSub()).isSameAs(context.getBean("orders-bus"));
				assertThat(byQualifier.state().store()).isSameAs(context.getBean("orders"));
				assertThat(byQualifier.pubSub().pubSub()).isSameAs(context.getBean("orders-bus"));
			});
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenTwoAreDeclaredThenTheirTemplatesAreInjectedByQualifierAndNoneByTypeAlone(boolean discovered) {
		try (ComponentServer server = foreign()) {
			if (!discovered) {
				server.close();
			}
			declaring("orders", "carts").withBean(ByQualifier.class).withBean(Perhaps.class).run((context) -> {
				assertThat(context).hasNotFailed();
				ByQualifier byQualifier = context.getBean(ByQualifier.class);
				assertThat(byQualifier.state().store()).isSameAs(context.getBean("orders"));
				assertThat(byQualifier.pubSub().pubSub()).isSameAs(context.getBean("orders-bus"));
				Perhaps perhaps = context.getBean(Perhaps.class);
				assertThatExceptionOfType(UnsatisfiedDependencyException.class)
					.isThrownBy(() -> perhaps.state().getObject())
					.withMessageContainingAll("StateStore", "orders", "carts");
				assertThatExceptionOfType(UnsatisfiedDependencyException.class)
					.isThrownBy(() -> perhaps.pubSub().getObject())
					.withMessageContainingAll("PubSub", "orders-bus", "carts-bus");
			});
		}
	}

	@Test
	void whenTheComponentsAreInTheParentThenAChildGetsTheirTemplates() {
		declaring("orders").run((parent) -> runner().withParent(parent)
			.withBean(ByType.class)
			.withBean(ByQualifier.class)
			.run((child) -> {
				assertThat(child).hasNotFailed();
				assertThat(child.getBean(ByType.class).state().store()).isSameAs(parent.getBean("orders"));
				assertThat(child.getBean(ByType.class).pubSub().pubSub()).isSameAs(parent.getBean("orders-bus"));
				assertThat(child.getBean(ByQualifier.class).state().store()).isSameAs(parent.getBean("orders"));
				assertThat(child.getBean(ByQualifier.class).pubSub().pubSub()).isSameAs(parent.getBean("orders-bus"));
			}));
	}

	record ByType(StateTemplate state, PubSubTemplate pubSub) {
	}

	record ByQualifier(@Qualifier("orders") StateTemplate state, @Qualifier("orders-bus") PubSubTemplate pubSub) {
	}

	record Perhaps(ObjectProvider<StateTemplate> state, ObjectProvider<PubSubTemplate> pubSub) {
	}

}
