package dev.pluggable.spring.autoconfigure.host;

import java.util.Optional;

import dev.pluggable.pubsub.PubSub;
import dev.pluggable.secrets.SecretStore;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.convention.TestBean;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mockingDetails;

/**
 * Tests that Spring's test framework can replace components.
 */
@SpringJUnitConfig(OverriddenComponentTests.Application.class)
@TestPropertySource(properties = { "pluggable.socket-folders=/tmp/pluggable-no-such-folder",
		"pluggable.components.orders.type=state.h2", "pluggable.components.carts.type=state.in-memory",
		"pluggable.components.archive.type=state.h2", "pluggable.components.events.type=pubsub.kafka",
		"pluggable.components.vault.type=secretstores.vault" })
@DirtiesContext
class OverriddenComponentTests {

	@MockitoBean(name = "orders")
	StateStore orders;

	@MockitoSpyBean(name = "carts")
	StateStore carts;

	@TestBean(name = "archive", methodName = "archive")
	StateStore archive;

	@MockitoBean
	PubSub events;

	@MockitoBean
	SecretStore vault;

	@Autowired
	Service service;

	static final StateStore ARCHIVE = new InMemoryStateStore();

	static StateStore archive() {
		return ARCHIVE;
	}

	@Test
	void whenAComponentIsMockedByNameThenTheMockIsInjected() {
		given(this.orders.get("k")).willReturn(Optional.empty());
		assertThat(this.service.orders().get("k")).isEmpty();
		assertThat(this.service.orders()).isSameAs(this.orders);
	}

	@Test
	void whenAComponentIsSpiedOnThenTheComponentWorksAndCallsAreSeen() {
		assertThat(mockingDetails(this.service.carts()).isSpy()).isTrue();
		assertThat(this.service.carts().get("k")).isEmpty();
		then(this.carts).should().get("k");
	}

	@Test
	void whenAComponentIsATestBeanThenItIsInjected() {
		assertThat(this.service.archive()).isSameAs(ARCHIVE);
	}

	@Test
	void whenTheOnlyComponentOfAKindIsMockedByTypeThenTheMockIsInjected() {
		assertThat(this.service.events()).isSameAs(this.events);
		assertThat(this.service.vault()).isSameAs(this.vault);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(PluggableAutoConfiguration.class)
	static class Application {

		@Bean
		Service service(@Qualifier("orders") StateStore orders, @Qualifier("carts") StateStore carts,
				@Qualifier("archive") StateStore archive, PubSub events, SecretStore vault) {
			return new Service(orders, carts, archive, events, vault);
		}

	}

	/**
	 * Holds the injected beans.
	 */
	record Service(StateStore orders, StateStore carts, StateStore archive, PubSub events, SecretStore vault) {
	}

}
