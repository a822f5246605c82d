package dev.pluggable.spring.autoconfigure.host;

import java.util.List;
import java.util.Map;

import dev.pluggable.ComponentClient;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.ClientKind;
import dev.pluggable.spring.autoconfigure.plugin.PluggablePluginAutoConfiguration;
import dev.pluggable.spring.plugin.HostService;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import io.grpc.health.v1.HealthGrpc;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.convention.TestBean;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.mockingDetails;

/**
 * Tests that Spring's test framework replaces components of kinds that a later
 * auto-configuration defines, components of launched plugins, and host services. Several
 * components of a kind are injected as any beans are.
 */
@SpringJUnitConfig(OverriddenOwnKindTests.Application.class)
@TestPropertySource(properties = { "pluggable.socket-folders=/tmp/pluggable-no-such-folder",
		"pluggable.discovery.initial-wait=10ms", "pluggable.components.late.type=late.nobody",
		"pluggable.components.other.type=late.nobody", "pluggable.components.launched.type=state.sleeper",
		"pluggable.components.launched.required=true", "pluggable.startup-timeout=10m",
		"pluggable.components.archive.type=state.in-memory", "pluggable.plugins.sleeper.command=sleep,600",
		"pluggable.plugins.sleeper.protocol=socket" })
@DirtiesContext
class OverriddenOwnKindTests {

	static final ComponentClient OTHER = mock(ComponentClient.class);

	@MockitoBean(name = "late")
	ComponentClient late;

	@TestBean(name = "other", methodName = "other")
	ComponentClient other;

	@MockitoBean("launched")
	StateStore launched;

	@MockitoBean
	Health health;

	@Autowired
	Service service;

	@Autowired
	ComponentHost host;

	@Autowired(required = false)
	@Qualifier("missing")
	StateStore missing;

	static ComponentClient other() {
		return OTHER;
	}

	@Test
	void whenTheKindComesFromALaterAutoConfigurationThenItsComponentsAreReplaced() {
		given(this.late.component()).willReturn("mocked");
		assertThat(this.service.late().component()).isEqualTo("mocked");
		assertThat(this.service.clients()).containsExactly(this.late, OTHER);
		assertThat(this.service.clientsByName()).containsOnlyKeys("late", "other");
	}

	@Test
	void whenTheComponentOfALaunchedPluginIsReplacedThenTheStartDoesNotWaitForIt() {
		assertThat(mockingDetails(this.service.stores().get("launched")).isMock()).isTrue();
	}

	@Test
	void whenAHostServiceIsMockedThenTheMockIsNotOffered() {
		assertThat(this.host.hostServices().names()).isEmpty();
		assertThat(this.host.hostServices().isComplete()).isTrue();
	}

	@Test
	void whenABeanIsPrimaryThenItIsInjectedByType() {
		assertThat(this.service.primary().getObject()).isInstanceOf(InMemoryStateStore.class);
		assertThat(this.service.stores()).containsOnlyKeys("launched", "archive", "mine");
		assertThat(this.service.stores().get("mine")).isSameAs(this.service.primary().getObject());
		assertThat(this.service.primary().orderedStream()).hasSize(3);
		assertThat(this.missing).isNull();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggablePluginAutoConfiguration.class,
			LateAutoConfiguration.class })
	static class Application {

		@Bean
		@Primary
		StateStore mine() {
			return new InMemoryStateStore();
		}

		@Bean
		@HostService
		Health health() {
			return new Health();
		}

		@Bean
		Service service(@Qualifier("late") ComponentClient late, List<ComponentClient> clients,
				Map<String, ComponentClient> clientsByName, Map<String, StateStore> stores,
				ObjectProvider<StateStore> primary) {
			return new Service(late, clients, clientsByName, stores, primary);
		}

	}

	/**
	 * Defines a kind after the host, as the auto-configuration of a library does.
	 */
	@AutoConfiguration(after = PluggableAutoConfiguration.class)
	static class LateAutoConfiguration {

		@Bean
		static ClientKind lateKind() {
			return new ClientKind("late", "test.Late");
		}

		@Bean
		@ConditionalOnMissingBean(StateStore.class)
		@Qualifier("missing")
		StateStore missing() {
			return mock(StateStore.class);
		}

	}

	/**
	 * A host service.
	 */
	static class Health extends HealthGrpc.HealthImplBase {

	}

	/**
	 * Holds the injected beans.
	 */
	record Service(ComponentClient late, List<ComponentClient> clients, Map<String, ComponentClient> clientsByName,
			Map<String, StateStore> stores, ObjectProvider<StateStore> primary) {
	}

}
