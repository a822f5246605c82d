package dev.pluggable.spring.autoconfigure.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.fixtures.StateComponentMain;
import dev.pluggable.secrets.MapSecretStore;
import dev.pluggable.secrets.SecretStoreKind;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.state.StateStore;
import jakarta.annotation.PostConstruct;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that the first call of an application waits for a component that is there but
 * slow to come, wherever the application makes that call.
 */
class FirstCallTests {

	/**
	 * Longer than the outage grace in these tests, and longer than the wait for sockets.
	 */
	private static final Duration INIT = Duration.ofMillis(800);

	@TempDir
	Path folder;

	private final List<String> properties = new ArrayList<>();

	@BeforeEach
	void prepare() throws Exception {
		this.properties.addAll(List.of("pluggable.socket-folders=" + this.folder,
				"pluggable.plugin-directory=" + Files.createDirectory(this.folder.resolve("run")),
				"pluggable.defaults.outage-grace=50ms", "pluggable.defaults.call-timeout=30s",
				"pluggable.discovery.initial-wait=10ms", "pluggable.components.orders.type=state.h2"));
	}

	@AfterEach
	void nothingIsLeft() {
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().startsWith("pluggable-")));
	}

	private ConfigurableApplicationContext run(Class<?>... sources) {
		return new SpringApplicationBuilder(sources).web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off")
			.run(this.properties.stream().map((property) -> "--" + property).toArray(String[]::new));
	}

	private void launch(String script) {
		List<String> command = new ArrayList<>(List.of("sh", "-c", script));
		command.addAll(JavaCommand.of(StateComponentMain.class));
		this.properties.add("pluggable.plugins.h2.protocol=socket");
		for (int i = 0; i < command.size(); i++) {
			this.properties.add("pluggable.plugins.h2.command[" + i + "]=" + command.get(i));
		}
	}

	/**
	 * Where an application makes its first call.
	 */
	enum Place {

		CONSTRUCTOR, POST_CONSTRUCT, INITIALIZING_BEAN, SMART_INITIALIZING_SINGLETON, LIFECYCLE, CONTEXT_REFRESHED,
		APPLICATION_STARTED, APPLICATION_RUNNER, COMMAND_LINE_RUNNER, APPLICATION_READY

	}

	@ParameterizedTest
	@EnumSource
	void whenTheComponentIsUpAndSlowThenTheFirstCallWaits(Place place) {
		this.properties.add("place=" + place);
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			server.initTakes = INIT;
			try (ConfigurableApplicationContext context = run(Application.class)) {
				assertThat(context.getBean(Caller.class).calls).isEqualTo(1);
				assertThat(server.values()).containsKey("first");
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "CONSTRUCTOR", "APPLICATION_RUNNER" })
	void whenTheComponentIsLaunchedAndSlowThenTheFirstCallWaits(Place place) {
		this.properties.add("place=" + place);
		launch("sleep 0.5; exec \"$0\" \"$@\" \"$PLUGGABLE_SOCKET_PATH\"");
		try (ConfigurableApplicationContext context = run(Application.class)) {
			assertThat(context.getBean(Caller.class).calls).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "CONSTRUCTOR", "APPLICATION_RUNNER" })
	void whenTheComponentIsLaunchedAndRequiredThenTheFirstCallSucceeds(Place place) {
		this.properties.addAll(List.of("place=" + place, "pluggable.plugins.h2.required=true",
				"pluggable.components.orders.required=true"));
		launch("sleep 0.5; exec \"$0\" \"$@\" \"$PLUGGABLE_SOCKET_PATH\"");
		try (ConfigurableApplicationContext context = run(Application.class)) {
			assertThat(context.getBean(Caller.class).calls).isEqualTo(1);
		}
	}

	@Test
	void whenTheSecretStoreOfTheComponentIsSlowThenTheFirstCallWaits() {
		this.properties.addAll(List.of("place=APPLICATION_RUNNER", "pluggable.components.vault.type=secretstores.safe",
				"pluggable.components.orders.metadata-from.password.secret-store=vault",
				"pluggable.components.orders.metadata-from.password.name=db"));
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start();
				ComponentServer vault = slowVault()) {
			try (ConfigurableApplicationContext context = run(Application.class)) {
				assertThat(context.getBean(Caller.class).calls).isEqualTo(1);
				assertThat(server.inits).containsExactly("orders{password=hunter2}");
				assertThat(vault.isReachable()).isTrue();
			}
		}
	}

	private ComponentServer slowVault() {
		return ComponentServer.inFolder(this.folder, "safe").serve(SecretStoreKind.INSTANCE, (name, metadata) -> {
			slow();
			return new MapSecretStore().with("db", Map.of("db", "hunter2"));
		}).start();
	}

	private static void slow() {
		try {
			new CountDownLatch(1).await(INIT.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Test
	void whenNoProcessIsThereThenCallsFailAsSoonAsTheGraceIsOver() {
		this.properties.add("place=APPLICATION_RUNNER");
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> run(Application.class).close())
			.withMessageContaining("waiting for endpoint 'h2'");
	}

	@Test
	void whenTheLaunchedProcessFailsThenTheCallDoesNotWaitForTheNextOne() {
		this.properties.addAll(List.of("place=APPLICATION_RUNNER", "pluggable.plugins.h2.restart.initial-delay=30s",
				"pluggable.plugins.h2.restart.max-delay=30s"));
		launch("sleep 0.3; echo 'no database' >&2; exit 3");
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> run(Application.class).close())
			.withMessageContaining("exit code 3");
	}

	@Test
	void whenTheHostStartsWithTheLifecycleThenAnEarlierCallFailsWithAReason() {
		this.properties.remove("pluggable.discovery.initial-wait=10ms");
		this.properties.addAll(List.of("place=CONSTRUCTOR", "pluggable.discovery.initial-wait=0s"));
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			assertThatExceptionOfType(Exception.class).isThrownBy(() -> run(Application.class).close())
				.havingRootCause()
				.isInstanceOf(ComponentUnavailableException.class)
				.withMessageContaining("the host has not started");
			assertThat(server.inits).isEmpty();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration(PluggableAutoConfiguration.class)
	static class Application {

		@Bean
		Caller caller(@Qualifier("orders") StateStore store, Environment environment) {
			return new Caller(store, environment.getRequiredProperty("place", Place.class));
		}

	}

	/**
	 * Calls the component at one place.
	 */
	static class Caller implements InitializingBean, SmartInitializingSingleton, SmartLifecycle, ApplicationRunner,
			CommandLineRunner {

		private final StateStore store;

		private final Place place;

		private boolean running;

		int calls;

		Caller(StateStore store, Place place) {
			this.store = store;
			this.place = place;
			call(Place.CONSTRUCTOR);
		}

		private void call(Place place) {
			if (place == this.place) {
				this.store.set("first", "v".getBytes(StandardCharsets.UTF_8));
				this.calls++;
			}
		}

		@PostConstruct
		void made() {
			call(Place.POST_CONSTRUCT);
		}

		@Override
		public void afterPropertiesSet() {
			call(Place.INITIALIZING_BEAN);
		}

		@Override
		public void afterSingletonsInstantiated() {
			call(Place.SMART_INITIALIZING_SINGLETON);
		}

		@Override
		public void start() {
			this.running = true;
			call(Place.LIFECYCLE);
		}

		@Override
		public void stop() {
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@EventListener
		void on(ContextRefreshedEvent event) {
			call(Place.CONTEXT_REFRESHED);
		}

		@EventListener
		void on(ApplicationStartedEvent event) {
			call(Place.APPLICATION_STARTED);
		}

		@EventListener
		void on(ApplicationReadyEvent event) {
			call(Place.APPLICATION_READY);
		}

		@Override
		public void run(ApplicationArguments arguments) {
			call(Place.APPLICATION_RUNNER);
		}

		@Override
		public void run(String... arguments) {
			call(Place.COMMAND_LINE_RUNNER);
		}

	}

}
