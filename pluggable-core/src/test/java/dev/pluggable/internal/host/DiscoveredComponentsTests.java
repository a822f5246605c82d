package dev.pluggable.internal.host;

import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.Component;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentKind;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.state.StateStoreKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link DiscoveredComponents} and {@link Implementations}, without sockets.
 */
class DiscoveredComponentsTests {

	private static final Set<String> STATE = Set.copyOf(StateStoreKind.INSTANCE.services());

	private final TestHost host = new TestHost();

	@AfterEach
	void close() {
		this.host.close();
	}

	private DiscoveredComponents discovered(@Nullable ComponentSettings settings) {
		return new DiscoveredComponents(this.host.registry, this.host.endpoints, this.host.implementations, settings,
				true, ApplicationIdentity.UNKNOWN);
	}

	private void identified(String endpoint, Set<String> services) {
		discovered(TestHost.SETTINGS).identified(this.host.endpoints.get(endpoint), services);
	}

	@Test
	void whenAnEndpointServesAKindThenAComponentIsPublished() {
		identified("redis", STATE);
		assertThat(this.host.registry.components()).singleElement().satisfies((component) -> {
			assertThat(component.id()).isEqualTo("redis.state");
			assertThat(component.declared()).isFalse();
			assertThat(component.required()).isFalse();
			assertThat(component.endpoint()).isEqualTo("redis");
			assertThat(component).hasToString("state component 'redis' (state.redis)");
		});
		assertThat(this.host.endpoints.conflicts("redis")).isEmpty();
	}

	@Test
	void whenAnEndpointIsIdentifiedAgainThenTheComponentStays() {
		identified("redis", STATE);
		Component<?> component = this.host.registry.components().get(0);
		identified("redis", STATE);
		assertThat(this.host.registry.components()).isEqualTo(List.of(component));
	}

	@Test
	void whenTheEndpointHasADeclaredComponentThenNoneIsPublished() {
		Component<?> declared = this.host.component("redis", true, false);
		identified("redis", STATE);
		assertThat(this.host.registry.components()).isEqualTo(List.of(declared));
		assertThat(this.host.endpoints.conflicts("redis")).isEmpty();
	}

	@Test
	void whenDiscoveredComponentsAreNotWantedThenNoneIsPublished() {
		discovered(null).identified(this.host.endpoints.get("redis"), STATE);
		assertThat(this.host.registry.components()).isEmpty();
		assertThat(this.host.endpoints.conflicts("redis")).isEmpty();
	}

	@Test
	void whenAKindIsNotPublishedThenTheReasonIsKeptAndLoggedOnce() {
		try (LogCapture log = new LogCapture()) {
			identified(ComponentKind.IN_MEMORY, STATE);
			identified(ComponentKind.IN_MEMORY, STATE);
			assertThat(this.host.endpoints.conflicts("IN-memory")).containsOnlyKeys("state");
			assertThat(this.host.endpoints.conflicts(ComponentKind.IN_MEMORY).get("state"))
				.contains("'state.in-memory' is the name of a built-in type");
			assertThat(log.text()).containsOnlyOnce("is the name of a built-in type");
		}
		assertThat(this.host.registry.components()).isEmpty();
	}

	@Test
	void whenNoKindIsKnownThenTheReasonSaysWhichAre() {
		identified("web", Set.of("example.Other"));
		assertThat(this.host.endpoints.conflicts("web"))
			.isEqualTo(Map.of("anything", "it offers none of the known kinds [state]"));
		identified("web", STATE);
		assertThat(this.host.endpoints.conflicts("web")).isEmpty();
	}

	@Test
	void whenAnEndpointIsForgottenThenItHasNoConflicts() {
		Endpoint web = this.host.endpoints.get("web");
		identified("web", Set.of());
		this.host.endpoints.remove(web);
		assertThat(this.host.endpoints.conflicts("web")).isEmpty();
	}

	@Test
	void whenKindsHaveOneNameThenTheRegistryRefusesThem() {
		assertThatIllegalArgumentException()
			.isThrownBy(
					() -> new HostRegistry(List.of(StateStoreKind.INSTANCE, StateStoreKind.INSTANCE), Runnable::run))
			.withMessage("Two kinds have the name 'state'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "Greeters", "greeters.v1", "greeters and more", "-greeters" })
	void whenTheNameOfAKindIsNotValidThenItIsRefused(String name) {
		ComponentKind<Runnable> kind = new ComponentKind<>() {

			@Override
			public String name() {
				return name;
			}

			@Override
			public Class<Runnable> type() {
				return Runnable.class;
			}

			@Override
			public List<String> services() {
				return List.of("test.Greeter");
			}

			@Override
			public Runnable createProxy(ComponentClient client) {
				return () -> {
				};
			}

		};
		assertThatIllegalArgumentException().isThrownBy(() -> new HostRegistry(List.of(kind), Runnable::run))
			.withMessageStartingWith("'" + name + "' cannot be the name of a kind");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ComponentKind.of(name, Runnable.class, "test.Greeter", (client) -> () -> {
			}))
			.withMessageStartingWith("'" + name + "' cannot be the name of a kind");
	}

	@Test
	void whenAnImplementationComesWithItsKindThenItIsFoundByNameAndPrefix() {
		Implementations implementations = this.host.implementations;
		assertThat(implementations.names(StateStoreKind.INSTANCE)).containsExactly(ComponentKind.IN_MEMORY);
		assertThat(implementations.find(StateStoreKind.INSTANCE, ComponentKind.IN_MEMORY)).isNotNull();
		assertThat(implementations.find(StateStoreKind.INSTANCE, "redis")).isNull();
		assertThat(implementations.contains("state", ComponentKind.IN_MEMORY)).isTrue();
		assertThat(implementations.contains("pubsub", ComponentKind.IN_MEMORY)).isFalse();
	}

}
