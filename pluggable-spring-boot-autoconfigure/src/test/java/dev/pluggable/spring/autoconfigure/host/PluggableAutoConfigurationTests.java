package dev.pluggable.spring.autoconfigure.host;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Components;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.hello.Hello;
import dev.pluggable.hello.LayottoDemoServer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.InvalidDeclarationException;
import dev.pluggable.secrets.SecretStore;
import dev.pluggable.spring.endpoint.PluggableEndpoint;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.host.InvalidSocketFolderException;
import dev.pluggable.spring.host.RequiredComponentsUnavailableException;
import dev.pluggable.state.DeleteRequest;
import dev.pluggable.state.GetRequest;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.transport.TransportType;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PluggableAutoConfiguration} and {@link ComponentBeans}.
 */
@ExtendWith(OutputCaptureExtension.class)
class PluggableAutoConfigurationTests {

	@TempDir
	Path folder;

	private final List<FakeStateServer> servers = new CopyOnWriteArrayList<>();

	@AfterEach
	void close() {
		this.servers.forEach(FakeStateServer::close);
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("pluggable-")));
	}

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.discovery.initial-wait=30s");
	}

	@Test
	void whenTheFolderIsEmptyThenTheBuiltInStoreIsInjected() {
		runner().withUserConfiguration(Consumer.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(Consumer.class).store()).isInstanceOf(InMemoryStateStore.class);
			assertThat(context).hasBean("in-memory.state");
		});
	}

	@Test
	void whenTheApplicationHasItsOwnStoreThenTheFallbackYields() {
		runner().withUserConfiguration(Consumer.class, OwnStore.class)
			.run((context) -> assertThat(context.getBean(Consumer.class).store()).isInstanceOf(NoStore.class));
	}

	@Test
	void whenASocketIsThereThenItsComponentTakesOverFromTheFallback() {
		server("redis.sock").start();
		runner().withUserConfiguration(Consumer.class).run((context) -> {
			StateStore store = context.getBean(Consumer.class).store();
			store.set("k", bytes("v"));
			assertThat(store.get("k").map(StateItem::value)).contains(bytes("v"));
			assertThat(this.servers.get(0).inits).containsExactly("redis{}");
			assertThat(context.getBean("redis.state")).isSameAs(store);
		});
	}

	@Test
	void whenASocketIsThereThenItIsInjectedByItsNameAsQualifier() {
		server("redis.sock").start();
		runner().withUserConfiguration(QualifiedConsumer.class)
			.run((context) -> assertThat(context.getBean(QualifiedConsumer.class).store())
				.isSameAs(context.getBean("redis.state")));
	}

	@Test
	void whenASocketComesLaterThenItIsABeanWithoutRestart() {
		runner().withUserConfiguration(ViewConsumer.class, Listener.class).run((context) -> {
			server("late.sock").start();
			await().until(() -> context.containsBean("late.state"));
			StateStore store = context.getBean("late.state", StateStore.class);
			await().until(() -> context.getBean(ComponentHost.class)
				.registry()
				.components()
				.stream()
				.anyMatch((component) -> component.name().equals("late")
						&& component.status().state() == ComponentState.READY));
			store.set("k", bytes("v"));
			Components<StateStore> view = context.getBean(ViewConsumer.class).stores();
			assertThat(view.get("late")).isSameAs(store);
			assertThat(view.list()).hasSize(2);
			await().until(() -> context.getBean(Listener.class).events.stream()
				.anyMatch((event) -> event.change() == ComponentEvent.Change.ADDED
						&& event.component().name().equals("late")));
			// After discovery, neither component is a fallback for the other.
			assertThat(context.getBean(StateStore.class)).isSameAs(store);
		});
	}

	@Test
	void whenAComponentIsDeclaredThenItsBeanIsThereBeforeItsSocket() {
		runner()
			.withPropertyValues("pluggable.components.redis.type=state.h2",
					"pluggable.components.redis.metadata.someKey=v")
			.withUserConfiguration(QualifiedConsumer.class, Consumer.class)
			.run((context) -> {
				StateStore store = context.getBean(QualifiedConsumer.class).store();
				assertThat(store).isSameAs(context.getBean("redis")).isSameAs(context.getBean(Consumer.class).store());
				assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"));
				server("h2.sock").start();
				await().untilAsserted(() -> store.set("k", bytes("v")));
				assertThat(this.servers.get(0).inits).containsExactly("redis{someKey=v}");
				assertThat(context).doesNotHaveBean("h2.state").doesNotHaveBean("in-memory.state");
			});
	}

	@Test
	void whenABeanHasTheNameOfADeclaredComponentThenBothWorkAndTheProblemIsKnown() {
		runner().withPropertyValues("pluggable.components.taken.type=state.in-memory")
			.withBean("taken", String.class, () -> "something else")
			.run((context) -> {
				assertThat(context.getBean("taken")).isEqualTo("something else");
				assertThat(context.getBean("taken.state")).isInstanceOf(StateStore.class);
				ComponentBeans beans = context.getBean(ComponentBeans.class);
				assertThat(context.getBean(ComponentRegistry.class).components())
					.filteredOn((component) -> component.name().equals("taken"))
					.singleElement()
					.satisfies((component) -> {
						assertThat(beans.problem(component))
							.hasValueSatisfying((problem) -> assertThat(problem).contains("another bean 'taken'"));
						assertThat(beans.beanName(component)).contains("taken.state");
						assertThat(new PluggableEndpoint(context.getBean(ComponentHost.class), beans, null, null, null)
							.component("taken"))
							.satisfies((descriptor) -> assertThat(descriptor.beanProblem()).contains("another bean"));
					});
			});
	}

	@Test
	void whenABeanHasTheNameOfADiscoveredComponentThenTheBeanStays() {
		server("redis.sock").start();
		runner().withBean("redis.state", String.class, () -> "something else").run((context) -> {
			assertThat(context.getBean("redis.state")).isEqualTo("something else");
			assertThat(context.getBean(ComponentRegistry.class).components())
				.anyMatch((component) -> component.name().equals("redis"));
		});
	}

	@Test
	void whenUndeclaredComponentsAreNotWantedThenTheyAreNotPublished() {
		server("redis.sock").start();
		runner().withPropertyValues("pluggable.discovery.publish-undeclared=false")
			.run((context) -> assertThat(context).doesNotHaveBean("redis.state"));
	}

	@Test
	void whenTypesAreWrongThenTheStartFailsWithTheProperty() {
		runner().withPropertyValues("pluggable.components.orders.type=redis")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("pluggable.components.orders.type"));
		runner().withPropertyValues("pluggable.components.orders.required=true")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidConfigurationPropertyValueException.class));
		runner().withPropertyValues("pluggable.components.orders.type=stat.redis")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidDeclarationException.class)
				.hasMessageContaining("no kind 'stat'"));
		runner().withPropertyValues("pluggable.components.discovery.type=state.redis")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidDeclarationException.class));
		runner().withPropertyValues("pluggable.defaults.call-timeout=0s")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.hasMessageContaining("pluggable.defaults.call-timeout"));
	}

	@Test
	void whenTimesAreNegativeThenTheStartFailsWithTheProperty() {
		for (String name : List.of("discovery.gone-after", "discovery.initial-wait", "startup-timeout")) {
			runner().withPropertyValues("pluggable." + name + "=-1s")
				.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
					.isInstanceOf(InvalidConfigurationPropertyValueException.class)
					.hasMessageContaining("pluggable." + name));
		}
	}

	@Test
	void whenASocketIsSlowerThanTheStartWaitsThenThatIsLogged(CapturedOutput output) throws Exception {
		try (RawSocketServer silent = RawSocketServer.sending(this.folder.resolve("slow.sock"), new byte[0])) {
			runner().withPropertyValues("pluggable.discovery.initial-wait=4s")
				.run((context) -> assertThat(context).hasNotFailed());
			assertThat(silent.accepted()).isPositive();
		}
		assertThat(output.toString().lines().filter((line) -> line.contains("did not identify"))).singleElement()
			.asString()
			.contains(" INFO ", "The host did not identify the socket 'slow' within 4000 ms");
	}

	@Test
	void whenTheHostIsInTheParentThenTheChildUsesItsComponents() {
		runner().run((parent) -> runner().withParent(parent).withUserConfiguration(Consumer.class).run((child) -> {
			assertThat(child).hasNotFailed();
			assertThat(child.getBean(Consumer.class).store()).isSameAs(parent.getBean(StateStore.class));
		}));
	}

	@Test
	void whenABuiltInComponentIsAskedThenItSaysWhatItCanDo() {
		runner().run((context) -> assertThat(context.getBean(ComponentRegistry.class).components())
			.filteredOn((component) -> component.kind().name().equals("state"))
			.singleElement()
			.satisfies((component) -> {
				assertThat(component.status().features()).contains("ETAG", "TTL");
				assertThat(component).hasToString("state component 'in-memory' (state.in-memory)");
			}));
	}

	@Test
	void whenAFolderIsTooLongThenTheStartFailsWithTheByteCount() {
		runner().withPropertyValues("pluggable.socket-folders=/tmp/" + "x".repeat(110))
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidSocketFolderException.class)
				.hasMessageContaining("107 bytes"));
	}

	@Test
	void whenARequiredComponentDoesNotComeInTimeThenTheStartFails() {
		runner()
			.withPropertyValues("pluggable.components.orders.type=state.h2",
					"pluggable.components.orders.required=true", "pluggable.startup-timeout=200ms")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOfSatisfying(RequiredComponentsUnavailableException.class, (ex) -> {
					assertThat(ex.getWaited()).isEqualTo(Duration.ofMillis(200));
					assertThat(ex.getComponents()).hasSize(1);
				}));
	}

	@Test
	void whenARequiredComponentComesInTimeThenTheStartWaitsForIt() {
		server("h2.sock").start();
		runner()
			.withPropertyValues("pluggable.components.orders.type=state.h2",
					"pluggable.components.orders.required=true", "pluggable.startup-timeout=20s")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void whenNothingIsConfiguredThenTheFoldersComeFromTheEnvironment() {
		ApplicationContextRunner runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class));
		runner.run((context) -> assertFolders(context.getSourceApplicationContext(), "/tmp/dapr-components-sockets"));
		runner.withPropertyValues("LAYOTTO_COMPONENTS_SOCKETS_FOLDER=/tmp/l")
			.run((context) -> assertFolders(context.getSourceApplicationContext(), "/tmp/l"));
		runner.withPropertyValues("LAYOTTO_COMPONENTS_SOCKETS_FOLDER=/tmp/l", "DAPR_COMPONENT_SOCKETS_FOLDER=/tmp/c")
			.run((context) -> assertFolders(context.getSourceApplicationContext(), "/tmp/c", "/tmp/l"));
		runner.withPropertyValues("DAPR_COMPONENTS_SOCKETS_FOLDER=/tmp/cs", "DAPR_COMPONENT_SOCKETS_FOLDER=/tmp/c")
			.run((context) -> assertFolders(context.getSourceApplicationContext(), "/tmp/cs", "/tmp/c"));
	}

	private static void assertFolders(ConfigurableApplicationContext context, String... folders) {
		ComponentHost host = context.getBean(ComponentHost.class);
		await().until(() -> !host.folders().isEmpty());
		assertThat(host.folders()).extracting((status) -> status.folder().toString()).containsExactly(folders);
	}

	@Test
	void whenLayottosVariableIsSetThenItsComponentIsFoundBesideThoseOfDapr() throws Exception {
		Path layotto = Files.createDirectory(this.folder.resolve("layotto"));
		server("redis.sock").start();
		try (LayottoDemoServer demo = new LayottoDemoServer(layotto.resolve("hello-grpc-demo.sock")).start()) {
			new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class))
				.withPropertyValues("LAYOTTO_COMPONENTS_SOCKETS_FOLDER=" + layotto,
						"DAPR_COMPONENTS_SOCKETS_FOLDER=" + this.folder,
						"pluggable.components.greeter.type=hello.hello-grpc-demo",
						"pluggable.components.greeter.metadata.hello=servus",
						"pluggable.components.greeter.metadata.token=123456",
						"pluggable.components.greeter.metadata.componentRef.secretStore=vault",
						"pluggable.components.greeter.metadata.secretRef[0].storeName=vault",
						"pluggable.components.greeter.metadata.secretRef.0.key=k")
				.run((context) -> {
					assertThat(context.getBean("greeter", Hello.class).sayHello("x")).isEqualTo("servus");
					assertThat(context).hasBean("redis.state");
					assertThat(demo.inits).singleElement().satisfies((init) -> {
						assertThat(init.getConfig().getComponentRef().getSecretStore()).isEqualTo("vault");
						assertThat(init.getConfig().getSecretRefList()).singleElement()
							.satisfies((secret) -> assertThat(secret.getKey()).isEqualTo("k"));
					});
				});
		}
	}

	@Test
	void whenThereIsNoHelloThenThereIsNoSuchBean() {
		runner().run((context) -> {
			assertThat(context).doesNotHaveBean(Hello.class);
			assertThat(context).doesNotHaveBean(SecretStore.class);
		});
	}

	@Test
	void whenATransportIsChosenThenItIsUsed() {
		runner().withPropertyValues("pluggable.transport.type=nio")
			.run((context) -> assertThat(context.getBean(ComponentHost.class).transport())
				.isEqualTo(TransportType.NIO));
	}

	@Test
	void whenAChannelCustomizerIsABeanThenItIsAppliedToEachChannel() {
		server("redis.sock").start();
		List<String> customized = new CopyOnWriteArrayList<>();
		runner()
			.withBean(dev.pluggable.endpoint.ComponentChannelCustomizer.class,
					() -> (endpoint, builder) -> customized.add(endpoint))
			.run((context) -> assertThat(customized).containsExactly("redis"));
	}

	@Test
	void whenMetadataHasSecretsThenPropertiesDoNotShowThem() {
		runner()
			.withPropertyValues("pluggable.components.orders.type=state.h2",
					"pluggable.components.orders.metadata.password=hunter2")
			.run((context) -> assertThat(context.getBean(PluggableProperties.class).toString())
				.doesNotContain("hunter2"));
	}

	private FakeStateServer server(String name) throws UncheckedIOException {
		FakeStateServer server = new FakeStateServer(this.folder.resolve(name));
		this.servers.add(server);
		return server;
	}

	private static ConditionFactory await() {
		return Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollInterval(Duration.ofMillis(5))
			.ignoreException(ComponentUnavailableException.class);
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Injects the only store.
	 */
	record Consumer(StateStore store) {
	}

	/**
	 * Injects a store by its name.
	 */
	record QualifiedConsumer(@Qualifier("redis") StateStore store) {
	}

	/**
	 * Injects the live view.
	 */
	record ViewConsumer(Components<StateStore> stores) {
	}

	/**
	 * Listens to application events.
	 */
	static class Listener {

		final List<ComponentEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void on(ComponentEvent event) {
			this.events.add(event);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnStore {

		@Bean
		NoStore ownStore() {
			return new NoStore();
		}

	}

	/**
	 * A store that the application defines.
	 */
	static class NoStore implements StateStore {

		@Override
		public Optional<StateItem> get(GetRequest request) {
			return Optional.empty();
		}

		@Override
		public void set(SetRequest request) {
			throw new IllegalStateException("not asked for in this test: " + Map.of());
		}

		@Override
		public void delete(DeleteRequest request) {
			throw new IllegalStateException("not asked for in this test");
		}

		@Override
		public Set<String> features() {
			return Set.of();
		}

	}

}
