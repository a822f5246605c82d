package dev.pluggable.spring.autoconfigure.health;

import java.nio.file.Path;
import java.time.Duration;

import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.spring.autoconfigure.host.FakePlugins;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.health.PluggableHealthContributor;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.actuate.endpoint.CompositeHealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PluggableHealthContributorAutoConfiguration}.
 */
class PluggableHealthContributorAutoConfigurationTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	@TempDir
	private Path folder;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class,
					PluggableHealthContributorAutoConfiguration.class, HealthContributorAutoConfiguration.class,
					HealthContributorRegistryAutoConfiguration.class, HealthEndpointAutoConfiguration.class,
					AvailabilityHealthContributorAutoConfiguration.class, AvailabilityProbesAutoConfiguration.class,
					ApplicationAvailabilityAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.startup-timeout=0s");
	}

	private ApplicationContextRunner withOrders(boolean required) {
		return this.runner.withPropertyValues("pluggable.components.orders.type=state.h2",
				"pluggable.components.orders.required=" + required);
	}

	private static HealthDescriptor health(ApplicationContext context, String... path) {
		return context.getBean(HealthEndpoint.class).healthForPath(path);
	}

	private static void accept(ApplicationContext context) {
		AvailabilityChangeEvent.publish(context, LivenessState.CORRECT);
		AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
	}

	@Test
	void healthIsContributed() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(PluggableHealthContributor.class);
			assertThat(health(context, "pluggable").getStatus()).isEqualTo(Status.UP);
			assertThat(health(context, "pluggable", "discovery").getStatus()).isEqualTo(Status.UP);
		});
	}

	@Test
	void healthCanBeDisabled() {
		withOrders(true).withPropertyValues("management.health.pluggable.enabled=false").run((context) -> {
			accept(context);
			assertThat(context).doesNotHaveBean(PluggableHealthContributor.class);
			assertThat(context).doesNotHaveBean(RequiredComponentsPostProcessor.class);
			assertThat(health(context, "readiness").getStatus()).isEqualTo(Status.UP);
		});
	}

	@Test
	void backsOffWithoutHealth() {
		this.runner.withClassLoader(new FilteredClassLoader(HealthContributor.class)).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(ComponentHost.class);
			assertThat(context).doesNotHaveBean("pluggableHealthContributor");
		});
	}

	@Test
	void contributesWithoutActuator() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class,
					PluggableHealthContributorAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder)
			.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(PluggableHealthContributor.class);
				assertThat(context).doesNotHaveBean(ReadinessConfiguration.class);
			});
	}

	@Test
	void backsOffFromBeanOfTheSameName() {
		this.runner.withUserConfiguration(OwnContributor.class).run((context) -> {
			assertThat(context).doesNotHaveBean(PluggableHealthContributor.class);
			assertThat(health(context, "pluggable").getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		});
	}

	@Test
	void requiredComponentCountsForReadiness() {
		withOrders(true).run((context) -> {
			accept(context);
			assertThat(health(context, "readiness").getStatus()).isEqualTo(Status.DOWN);
			assertThat(health(context, "readiness", "pluggable", "orders").getStatus()).isEqualTo(Status.DOWN);
			CompositeHealthDescriptor readiness = (CompositeHealthDescriptor) health(context, "readiness");
			assertThat(readiness.getComponents()).containsOnlyKeys("pluggable", "readinessState");
			CompositeHealthDescriptor pluggable = (CompositeHealthDescriptor) readiness.getComponents()
				.get("pluggable");
			assertThat(pluggable.getComponents()).containsOnlyKeys("orders");
			assertThat(health(context, "liveness").getStatus()).isEqualTo(Status.UP);
			assertThat(((CompositeHealthDescriptor) health(context, "liveness")).getComponents())
				.containsOnlyKeys("livenessState");
			try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
				awaitReadiness(context, Status.UP);
			}
			awaitReadiness(context, Status.DOWN);
		});
	}

	private static void awaitReadiness(ApplicationContext context, Status status) {
		Awaitility.await()
			.atMost(TIMEOUT)
			.untilAsserted(() -> assertThat(health(context, "readiness").getStatus()).isEqualTo(status));
	}

	@Test
	void otherComponentsDoNotCountForReadiness() {
		withOrders(false).run((context) -> {
			accept(context);
			assertThat(health(context, "pluggable").getStatus()).isEqualTo(Status.DOWN);
			assertThat(health(context, "readiness").getStatus()).isEqualTo(Status.UP);
			assertThat(((CompositeHealthDescriptor) health(context, "readiness")).getComponents())
				.containsOnlyKeys("readinessState");
		});
	}

	@Test
	void configuredReadinessGroupKeepsItsMembers() {
		withOrders(true)
			.withPropertyValues("management.endpoint.health.group.readiness.include=readinessState,ping",
					"management.endpoint.health.group.readiness.status.http-mapping.down=418")
			.run((context) -> {
				accept(context);
				CompositeHealthDescriptor readiness = (CompositeHealthDescriptor) health(context, "readiness");
				assertThat(readiness.getStatus()).isEqualTo(Status.DOWN);
				assertThat(readiness.getComponents()).containsOnlyKeys("ping", "pluggable", "readinessState");
				assertThat(context.getBean(HealthEndpointGroups.class)
					.get("readiness")
					.getHttpCodeStatusMapper()
					.getStatusCode(Status.DOWN)).isEqualTo(418);
			});
	}

	@Test
	void configuredReadinessGroupCanExcludeComponents() {
		withOrders(true)
			.withPropertyValues("pluggable.components.cache.type=state.redis",
					"pluggable.components.cache.required=true",
					"management.endpoint.health.group.readiness.include=readinessState",
					"management.endpoint.health.group.readiness.exclude=pluggable/orders")
			.run((context) -> {
				accept(context);
				assertThat(health(context, "readiness", "pluggable", "orders")).isNull();
				assertThat(health(context, "readiness", "pluggable", "cache").getStatus()).isEqualTo(Status.DOWN);
			});
	}

	@Test
	void additionalPathsOfProbesRemain() {
		withOrders(true).withPropertyValues("management.endpoint.health.probes.add-additional-paths=true")
			.run((context) -> {
				HealthEndpointGroups groups = context.getBean(HealthEndpointGroups.class);
				assertThat(groups.get("readiness").getAdditionalPath()).hasToString("server:/readyz");
				assertThat(groups.getNames()).contains("liveness", "readiness");
			});
	}

	@Test
	void otherGroupsAreLeftAlone() {
		withOrders(true).withPropertyValues("management.endpoint.health.group.mine.include=ping").run((context) -> {
			assertThat(health(context, "mine").getStatus()).isEqualTo(Status.UP);
			assertThat(((CompositeHealthDescriptor) health(context, "mine")).getComponents()).containsOnlyKeys("ping");
		});
	}

	@Test
	void worksWithoutProbes() {
		withOrders(true).withPropertyValues("management.endpoint.health.probes.enabled=false").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(HealthEndpointGroups.class).get("readiness")).isNull();
		});
	}

	@Test
	void requiredPluginCountsForReadinessAndAnotherDoesNot() {
		this.runner.withUserConfiguration(TwoPlugins.class).run((context) -> {
			FakePlugins plugins = context.getBean(FakePlugins.class);
			accept(context);
			assertThat(health(context, "pluggable", "plugin:other").getStatus()).isEqualTo(Status.DOWN);
			assertThat(health(context, "readiness").getStatus()).isEqualTo(Status.UP);
			assertThat(health(context, "readiness", "pluggable", "plugin:other")).isNull();
			plugins.put(FakePlugins.status("needed", PluginState.STOPPED, null));
			assertThat(health(context, "readiness").getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			assertThat(health(context, "liveness").getStatus()).isEqualTo(Status.UP);
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class TwoPlugins {

		@Bean
		FakePlugins plugins() {
			FakePlugins plugins = new FakePlugins();
			plugins.put(FakePlugins.status("needed", PluginState.READY, null));
			plugins.put(FakePlugins.status("other", PluginState.FAILED, "crash loop"));
			return plugins;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnContributor {

		@Bean
		HealthIndicator pluggableHealthContributor() {
			return () -> Health.outOfService().build();
		}

	}

}
