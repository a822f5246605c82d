package dev.pluggable.spring.autoconfigure.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Components;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests that components are ordinary bean definitions, and that the host is an ordinary
 * bean with a lifecycle.
 */
class ComponentDefinitionTests {

	@TempDir
	Path folder;

	@AfterEach
	void nothingIsLeft() {
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("pluggable-")));
	}

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder);
	}

	private ApplicationContextRunner declaring() {
		return runner().withPropertyValues("pluggable.components.orders.type=state.h2",
				"pluggable.components.events.type=pubsub.in-memory");
	}

	@Test
	void whenAPostProcessorLooksThenDefinitionsAreThereAndTheHostIsNot() {
		List<String> seen = new CopyOnWriteArrayList<>();
		declaring().withBean(BeanFactoryPostProcessor.class, () -> (beanFactory) -> {
			seen.addAll(List.of(beanFactory.getBeanNamesForType(StateStore.class, true, false)));
			seen.addAll(List.of(beanFactory.getBeanNamesForType(PubSub.class, true, false)));
			seen.add("orders is a " + beanFactory.getType("orders", false).getSimpleName());
			seen.add("host is created: " + beanFactory.containsSingleton("componentHost"));
		}).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(seen).containsExactly("orders", "events", "orders is a StateStore", "host is created: false");
		});
	}

	@Test
	void whenALaterAutoConfigurationHasConditionsThenTheySeeDeclaredComponents() {
		ApplicationContextRunner runner = runner()
			.withConfiguration(AutoConfigurations.of(AfterPluggableAutoConfiguration.class));
		runner.withPropertyValues("pluggable.components.orders.type=state.h2").run((context) -> {
			assertThat(context).hasBean("onStore").doesNotHaveBean("ownPubSub");
			assertThat(context.getBean(PubSub.class)).isNotNull();
		});
	}

	@Test
	void whenADefinitionIsReplacedThenTheReplacementIsInjected() {
		StateStore replacement = mock(StateStore.class);
		declaring().withBean(BeanFactoryPostProcessor.class, () -> (beanFactory) -> {
			((BeanDefinitionRegistry) beanFactory).removeBeanDefinition("orders");
			beanFactory.registerSingleton("orders", replacement);
		})
			.withUserConfiguration(Consumer.class)
			.run((context) -> assertThat(context.getBean(Consumer.class).store()).isSameAs(replacement));
	}

	@Test
	void whenTheInitialWaitIsZeroThenTheHostStartsWithTheLifecycle() {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("redis.sock")).start()) {
			runner().withPropertyValues("pluggable.discovery.initial-wait=0s")
				.withUserConfiguration(LooksAtFolders.class)
				.run((context) -> {
					assertThat(context.getBean(LooksAtFolders.class).foldersInConstructor).isZero();
					await().until(() -> context.containsBean("redis.state"));
					await().untilAsserted(() -> context.getBean("redis.state", StateStore.class).set("k", bytes("v")));
				});
		}
	}

	@Test
	void whenAComponentIsDiscoveredBesideADeclaredOneThenInjectionByTypeStays() {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("redis.sock")).start()) {
			declaring().withPropertyValues("pluggable.discovery.initial-wait=30s")
				.withUserConfiguration(Consumer.class)
				.run((context) -> {
					assertThat(context).hasNotFailed().hasBean("redis.state");
					assertThat(context.getBean(Consumer.class).store()).isSameAs(context.getBean("orders"));
					assertThat(context.getBeanProvider(StateStore.class).orderedStream()).hasSize(2);
				});
		}
	}

	@Test
	void whenInitializationIsLazyThenComponentsAreThere() {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			declaring().withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
				.withUserConfiguration(Consumer.class)
				.run((context) -> {
					StateStore store = context.getBean(Consumer.class).store();
					await().untilAsserted(() -> store.set("k", bytes("v")));
					assertThat(store.get("k").map(StateItem::value)).contains(bytes("v"));
				});
		}
	}

	@Test
	void whenTheRefreshFailsAfterTheHostStartedThenNothingIsLeft() throws Exception {
		Path plugins = Files.createDirectory(this.folder.resolve("p"));
		declaring()
			.withPropertyValues("pluggable.plugins.sleeper.command=sleep,600",
					"pluggable.plugins.sleeper.protocol=socket", "pluggable.plugin-directory=" + plugins,
					"pluggable.discovery.initial-wait=1ms")
			.withUserConfiguration(FailsLate.class)
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
					.hasMessage("half-way");
			});
		await().untilAsserted(() -> {
			assertThat(ProcessHandle.current()
				.children()
				.filter((child) -> child.info().commandLine().orElse("").contains("sleep 600"))).isEmpty();
			assertThat(plugins).isEmptyDirectory();
		});
	}

	@Test
	void whenThereAreTwoContextsThenEachHasItsOwnHost() {
		declaring().run((one) -> declaring().run((other) -> {
			assertThat(other.getBean(ComponentHost.class)).isNotSameAs(one.getBean(ComponentHost.class));
			assertThat(other.getBean("orders")).isNotSameAs(one.getBean("orders"));
		}));
	}

	@Test
	void whenTheHostIsInTheParentThenTheChildDefinesNothingAndEventsComeOnce() {
		declaring().withUserConfiguration(Listener.class)
			.run((parent) -> declaring().withParent(parent).withUserConfiguration(Consumer.class).run((child) -> {
				assertThat(child.getBean(Consumer.class).store()).isSameAs(parent.getBean("orders"));
				assertThat(child.containsLocalBean("orders")).isFalse();
				assertThat(child.containsLocalBean("componentHost")).isFalse();
				try (FakeStateServer server = new FakeStateServer(this.folder.resolve("late.sock")).start()) {
					Listener listener = parent.getBean(Listener.class);
					await().until(() -> listener.ready("late") > 0);
					await().until(() -> parent.containsBean("late.state"));
					assertThat(listener.ready("late")).isOne();
				}
			}));
	}

	@Test
	void whenAKindIsABeanThenItsComponentsAreDefinitions() {
		List<String> seen = new CopyOnWriteArrayList<>();
		runner()
			.withPropertyValues("pluggable.components.fixed.type=fixed.somewhere",
					"pluggable.components.needy.type=needy.somewhere")
			.withBean(BeanFactoryPostProcessor.class,
					() -> (beanFactory) -> seen
						.addAll(List.of(beanFactory.getBeanNamesForType(StateStore.class, true, false))))
			.withUserConfiguration(Kinds.class)
			.withConfiguration(AutoConfigurations.of(AfterPluggableAutoConfiguration.class))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(seen).contains("fixed", "needy");
				assertThat(context).hasBean("onFixed").doesNotHaveBean("onNeedy");
				assertThat(context.getBean(Kinds.class).enhanced()).isTrue();
				assertThat(context.getBean(ComponentRegistry.class).components())
					.anyMatch((component) -> component.instance() == context.getBean("needy"));
				assertThatExceptionOfType(ComponentUnavailableException.class)
					.isThrownBy(() -> context.getBean("fixed", StateStore.class).get("k"));
			});
	}

	@Test
	void whenTheApplicationBringsItsOwnHostThenThePropertiesDeclareNothing() {
		declaring().withBean("ownHost", ComponentHost.class,
				() -> new ComponentHost(new PropertiesHostSettings(
						Binder
							.get(new MockEnvironment().withProperty("pluggable.socket-folders", this.folder.toString())
								.withProperty("pluggable.components.mine.type", "state.in-memory"))
							.bindOrCreate("pluggable", PluggableProperties.class),
						new MockEnvironment(), List.of(), null)
					.get()))
			.run((context) -> {
				assertThat(context).doesNotHaveBean("orders");
				assertThat(context.getBean("mine")).isInstanceOf(InMemoryStateStore.class);
			});
	}

	private static ConditionFactory await() {
		return Awaitility.await()
			.atMost(Duration.ofSeconds(30))
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
	 * Records whether the host has read its folders when Spring creates singletons.
	 */
	static class LooksAtFolders {

		final int foldersInConstructor;

		LooksAtFolders(ComponentHost host, Components<StateStore> stores) {
			this.foldersInConstructor = host.folders().size();
		}

	}

	/**
	 * Fails if the host is already running.
	 */
	static class FailsLate {

		FailsLate(StateStore store) {
			throw new IllegalStateException("half-way");
		}

	}

	/**
	 * Counts events.
	 */
	static class Listener {

		private final List<ComponentEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void on(ComponentEvent event) {
			this.events.add(event);
		}

		long ready(String name) {
			return this.events.stream()
				.filter((event) -> event.component().name().equals(name)
						&& event.change() == ComponentEvent.Change.ADDED)
				.count();
		}

	}

	/**
	 * An auto-configuration of the application, with conditions on components.
	 */
	@AutoConfiguration(after = PluggableAutoConfiguration.class)
	static class AfterPluggableAutoConfiguration {

		@Bean
		@ConditionalOnBean(StateStore.class)
		String onStore() {
			return "";
		}

		@Bean
		@ConditionalOnMissingBean(PubSub.class)
		PubSub ownPubSub() {
			return mock(PubSub.class);
		}

		@Bean
		@ConditionalOnBean(name = "fixed")
		String onFixed() {
			return "";
		}

		@Bean
		@ConditionalOnBean(name = "needy")
		String onNeedy() {
			return "";
		}

	}

	/**
	 * Defines a kind that needs no other bean, and a kind that needs its configuration
	 * class.
	 */
	@Configuration
	static class Kinds {

		@Bean
		static ComponentKind<StateStore> fixedKind() {
			return kind("fixed");
		}

		@Bean
		ComponentKind<StateStore> needyKind() {
			return kind("needy");
		}

		boolean enhanced() {
			return needyKind() == needyKind();
		}

		@SuppressWarnings("unchecked")
		private static ComponentKind<StateStore> kind(String name) {
			ComponentKind<StateStore> kind = mock(ComponentKind.class);
			given(kind.name()).willReturn(name);
			given(kind.typePrefix()).willReturn(name);
			given(kind.type()).willReturn(StateStore.class);
			given(kind.services()).willReturn(List.of("test." + name));
			given(kind.isMeantBy(any())).willReturn(true);
			given(kind.createProxy(any()))
				.willAnswer((invocation) -> StateStoreKind.INSTANCE.createProxy(invocation.getArgument(0)));
			given(kind.decorate(any(), any())).willAnswer((invocation) -> invocation.getArgument(0));
			return kind;
		}

	}

}
