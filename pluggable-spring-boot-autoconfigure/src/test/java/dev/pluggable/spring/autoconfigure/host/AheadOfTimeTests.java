package dev.pluggable.spring.autoconfigure.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Components;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.AheadOfTime;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.endpoint.PluggableEndpointAutoConfiguration;
import dev.pluggable.spring.autoconfigure.health.PluggableHealthContributorAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.plugin.PluggablePluginAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.autoconfigure.state.PluggableStateAutoConfiguration;
import dev.pluggable.spring.bindings.BindingListener;
import dev.pluggable.spring.endpoint.PluggableEndpoint;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.listener.ListenerStatus;
import dev.pluggable.spring.plugin.HostService;
import dev.pluggable.spring.pubsub.TopicListener;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import io.grpc.BindableService;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests applications that are processed ahead of time. During the build, conditions see
 * the definitions of declared components, and the host neither starts nor connects. At
 * run time components are beans as in any other application.
 */
@CompileWithForkedClassLoader
class AheadOfTimeTests {

	@TempDir
	Path folder;

	@AfterEach
	void nothingIsLeft() {
		await().until(() -> pluggableThreads() == 0);
	}

	@Test
	void whenAnApplicationIsBuiltThenNothingIsStartedOrConnectedTo() throws Exception {
		try (RawSocketServer server = RawSocketServer.sending(this.folder.resolve("h2.sock"), new byte[0])) {
			application().build((duringBuild) -> {
				assertThat(duringBuild.getType("orders", false)).isEqualTo(StateStore.class);
				assertThat(duringBuild.getBeanFactory().getSingleton("componentHost")).isNull();
				assertThat(pluggableThreads()).isZero();
			});
			assertThat(server.accepted()).isZero();
		}
		assertThat(System.getProperty(AbstractAotProcessor.AOT_PROCESSING)).isNull();
	}

	@Test
	void whenABuiltApplicationStartsThenDeclaredAndDiscoveredComponentsAreBeans() throws Exception {
		TestGenerationContext generation = application().build((duringBuild) -> {
		});
		application().run(generation, (context) -> {
			try (FakeStateServer redis = new FakeStateServer(this.folder.resolve("redis.sock")).start();
					FakeStateServer orders = new FakeStateServer(this.folder.resolve("h2.sock"))) {
				context.refresh();
				StateStore store = context.getBean(Injected.class).orders();
				assertThat(store).isSameAs(context.getBean("orders"));
				assertThat(context.getBean(Injected.class).all().get("orders")).isSameAs(store);
				assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"));
				use(context.getBean("redis.state", StateStore.class));
				orders.start();
				use(store);
				assertThat(orders.inits).containsExactly("orders{table=t}");
				try (FakeStateServer late = new FakeStateServer(this.folder.resolve("late.sock")).start()) {
					await().until(() -> context.containsBean("late.state"));
					use(context.getBean("late.state", StateStore.class));
				}
				assertThat(context.getBean(PluggableEndpoint.class).component("orders").bean()).isEqualTo("orders");
				assertThat(context.getBean(ComponentHost.class).hostServices().names())
					.containsExactly(HealthGrpc.SERVICE_NAME);
				assertThat(context.getBean(HealthEndpoint.class).healthForPath("pluggable", "orders").getStatus())
					.hasToString("UP");
			}
		});
	}

	@Test
	void whenAnApplicationListensThenItsMethodsCanBeCalledInANativeImage() throws Exception {
		TestGenerationContext generation = application().build((duringBuild) -> {
		});
		RuntimeHints hints = generation.getRuntimeHints();
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(Listening.class.getDeclaredMethod("on", Order.class))).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(Listening.class.getDeclaredMethod("tick", List.class))).accepts(hints);
		for (Class<?> type : List.of(Order.class, Line.class, Answer.class)) {
			assertThat(RuntimeHintsPredicates.reflection()
				.onType(type)
				.withMemberCategory(MemberCategory.INVOKE_DECLARED_CONSTRUCTORS)).accepts(hints);
		}
		application().run(generation, (context) -> {
			context.refresh();
			assertThat(context.getBean(ListenerRegistry.class).listeners()).extracting(ListenerStatus::id)
				.containsExactly("listening.on", "listening.tick");
		});
	}

	private AheadOfTime application() {
		return new AheadOfTime(this.folder, Application.class, "pluggable.discovery.initial-wait=30s",
				"pluggable.components.orders.type=state.h2", "pluggable.components.orders.metadata.table=t",
				"management.endpoints.web.exposure.include=*");
	}

	private static void use(StateStore store) {
		await().ignoreException(ComponentUnavailableException.class)
			.untilAsserted(() -> store.set("k", "v".getBytes(StandardCharsets.UTF_8)));
		assertThat(store.get("k").map(StateItem::value)).contains("v".getBytes(StandardCharsets.UTF_8));
	}

	private static long pluggableThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("pluggable-"))
			.count();
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(5));
	}

	/**
	 * An application that injects a component by its name.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggableHealthContributorAutoConfiguration.class,
			PluggableEndpointAutoConfiguration.class, HealthContributorAutoConfiguration.class,
			HealthContributorRegistryAutoConfiguration.class, HealthEndpointAutoConfiguration.class,
			JacksonAutoConfiguration.class, PluggableListenerAutoConfiguration.class,
			PluggableBindingListenerAutoConfiguration.class, PluggablePluginAutoConfiguration.class,
			PluggablePubSubAutoConfiguration.class, PluggableStateAutoConfiguration.class })
	static class Application {

		@Bean
		@HostService
		BindableService offered() {
			return new HealthStatusManager().getHealthService();
		}

		@Bean
		Injected injected(@Qualifier("orders") StateStore orders, Components<StateStore> all) {
			return new Injected(orders, all);
		}

		@Bean
		Listening listening() {
			return new Listening();
		}

	}

	/**
	 * Holds the injected beans.
	 */
	record Injected(StateStore orders, Components<StateStore> all) {
	}

	/**
	 * Listens to a component that does not exist.
	 */
	static class Listening {

		@TopicListener(pubsub = "absent", topic = "t")
		void on(Order order) {
		}

		@BindingListener("absent")
		Answer tick(List<Line> lines) {
			return new Answer("");
		}

	}

	record Order(String id) {
	}

	record Line(String text) {
	}

	record Answer(String text) {
	}

}
