package dev.pluggable.spring.autoconfigure.host;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.fixtures.StateComponentMain;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.autoconfigure.endpoint.PluggableEndpointAutoConfiguration;
import dev.pluggable.spring.autoconfigure.health.PluggableHealthContributorAutoConfiguration;
import dev.pluggable.spring.autoconfigure.plugin.PluggablePluginAutoConfiguration;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.test.json.JsonContent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests an application that launches the process of its state store. The tests cover
 * properties, the injected bean, health, and the actuator endpoint over HTTP.
 */
class PluginProcessTests {

	private static final HttpClient client = HttpClient.newHttpClient();

	@TempDir
	private Path folder;

	private ConfigurableApplicationContext context;

	@BeforeEach
	void start() throws IOException {
		Files.createDirectory(this.folder.resolve("sockets"));
		Files.createDirectory(this.folder.resolve("run"));
		List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--spring.main.banner-mode=off",
				"--pluggable.socket-folders=" + this.folder.resolve("sockets"),
				"--pluggable.plugin-directory=" + this.folder.resolve("run"),
				"--pluggable.plugins.store.protocol=socket", "--pluggable.plugins.store.required=true",
				"--pluggable.plugins.store.environment.variables.TOKEN=s3cret",
				"--pluggable.plugins.store.restart.hang-timeout=0s", "--pluggable.health.probe-interval=200ms",
				"--pluggable.components.orders.type=state.store", "--pluggable.components.orders.wait-for-ready=30s",
				"--pluggable.components.orders.call-timeout=30s", "--management.endpoints.web.exposure.include=*",
				"--management.endpoint.pluggable.access=unrestricted",
				"--management.endpoint.health.show-details=always"));
		List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$0\" \"$@\" \"$PLUGGABLE_SOCKET_PATH\""));
		command.addAll(JavaCommand.of(StateComponentMain.class));
		for (int i = 0; i < command.size(); i++) {
			arguments.add("--pluggable.plugins.store.command[" + i + "]=" + command.get(i));
		}
		this.context = new SpringApplicationBuilder(Application.class).run(arguments.toArray(String[]::new));
	}

	@AfterEach
	void nothingIsLeft() throws IOException {
		Long pid = status().pid();
		this.context.close();
		assertThat(pid == null || ProcessHandle.of(pid).isEmpty() || !ProcessHandle.of(pid).orElseThrow().isAlive())
			.isTrue();
		try (Stream<Path> left = Files.list(this.folder.resolve("run"))) {
			assertThat(left).isEmpty();
		}
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("pluggable-")));
	}

	@Test
	void whenTheProcessIsKilledOrReplacedThenTheSameBeanWorks() throws Exception {
		StateStore store = this.context.getBean(Orders.class).store();
		use(store);
		assertThat(get("health/readiness").statusCode()).isEqualTo(200);
		JsonContent health = new JsonContent(get("health/pluggable/plugin:store").body());
		assertThat(health).extractingPath("$.status").isEqualTo("UP");
		assertThat(health).extractingPath("$.details.protocol").isEqualTo("socket");
		assertThat(health).extractingPath("$.details.required").isEqualTo(true);
		long first = pid();
		assertThat(ProcessHandle.of(first).orElseThrow().destroyForcibly()).isTrue();
		await().until(() -> status().restarts() == 1 && status().state() == PluginState.READY);
		use(store);
		long second = pid();
		assertThat(second).isNotEqualTo(first);
		assertThat(status().lastExitCode()).isEqualTo(137);
		await().until(() -> get("health/pluggable").statusCode() == 200);
		HttpResponse<String> response = post("pluggable/plugins/store/restart");
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(new JsonContent(response.body())).extractingPath("$.plugin.state").isEqualTo("READY");
		use(store);
		assertThat(pid()).isNotEqualTo(second);
		assertThat(status().launches()).isEqualTo(3);
		assertThat(status().restarts()).isEqualTo(1);
		await().until(() -> ProcessHandle.of(second).isEmpty() || !ProcessHandle.of(second).orElseThrow().isAlive());
		assertThat(this.context.getBean("orders")).isSameAs(store);
		assertThat(get("pluggable").body()).contains("\"name\":\"store\"")
			.doesNotContain("s3cret", "TieredStopAtLevel");
		assertThat(get("health").body()).doesNotContain("s3cret", "TieredStopAtLevel");
	}

	@Test
	void whenThePluginIsStoppedThenItStaysSoUntilItIsStarted() throws Exception {
		StateStore store = this.context.getBean(Orders.class).store();
		long first = pid();
		assertThat(post("pluggable/plugins/store/stop").statusCode()).isEqualTo(200);
		assertThat(ProcessHandle.of(first).filter(ProcessHandle::isAlive)).isEmpty();
		assertThat(get("health/pluggable/plugin:store").statusCode()).isEqualTo(503);
		assertThat(get("health/readiness").statusCode()).isEqualTo(503);
		assertThat(get("health/liveness").statusCode()).isEqualTo(200);
		assertThat(status().state()).isEqualTo(PluginState.STOPPED);
		assertThat(post("pluggable/plugins/store/start").statusCode()).isEqualTo(200);
		use(store);
		assertThat(pid()).isNotEqualTo(first);
		assertThat(status().restarts()).isZero();
		await().until(() -> get("health/readiness").statusCode() == 200);
	}

	@Test
	void whenTheProcessHangsThenItIsDownUntilItGoesOn() throws Exception {
		long pid = pid();
		signal("STOP", pid);
		await().until(() -> get("health/pluggable/plugin:store").statusCode() == 503);
		assertThat(status().state()).isEqualTo(PluginState.READY);
		await().until(() -> get("health/readiness").statusCode() == 503);
		signal("CONT", pid);
		await().until(() -> get("health/pluggable/plugin:store").statusCode() == 200);
		use(this.context.getBean(Orders.class).store());
		assertThat(pid()).isEqualTo(pid);
	}

	@Test
	void whenItSpeaksGoPluginThenPropertiesAreAllItNeeds() throws Exception {
		List<String> properties = new ArrayList<>(List.of("pluggable.socket-folders=" + this.folder.resolve("sockets"),
				"pluggable.plugin-directory=" + this.folder.resolve("run"),
				"pluggable.plugins.go.handshake.cookie-key=" + GoPluginMain.COOKIE_KEY,
				"pluggable.plugins.go.handshake.cookie-value=" + GoPluginMain.COOKIE_VALUE,
				"pluggable.plugins.go.handshake.protocol-versions=1,2", "pluggable.plugins.go.auto-mtls=true",
				"pluggable.plugins.go.required=true", "pluggable.defaults.call-timeout=30s"));
		List<String> command = JavaCommand.of(GoPluginMain.class, "versions=2,3");
		for (int i = 0; i < command.size(); i++) {
			properties.add("pluggable.plugins.go.command[" + i + "]=" + command.get(i));
		}
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PluggableAutoConfiguration.class, PluggablePluginAutoConfiguration.class))
			.withPropertyValues(properties.toArray(String[]::new))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				// The plugin is required and therefore ready before any bean.
				use(context.getBean("go.state", StateStore.class));
				PluginStatus status = context.getBean(Plugins.class).status("go").orElseThrow();
				assertThat(status.protocolVersion()).isEqualTo(2);
				assertThat(status.tls()).isTrue();
				assertThat(status.required()).isTrue();
			});
	}

	private static void signal(String name, long pid) throws Exception {
		assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor()).isZero();
	}

	private static void use(StateStore store) {
		store.set("k", "v".getBytes(StandardCharsets.UTF_8));
		assertThat(store.get("k").map(StateItem::text)).contains("v");
	}

	private PluginStatus status() {
		return this.context.getBean(Plugins.class).status("store").orElseThrow();
	}

	private long pid() {
		return status().pid();
	}

	private HttpResponse<String> get(String path) throws Exception {
		return send(request(path));
	}

	private HttpResponse<String> post(String path) throws Exception {
		return send(request(path).POST(HttpRequest.BodyPublishers.noBody()));
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create("http://localhost:"
				+ this.context.getEnvironment().getProperty("local.server.port") + "/actuator/" + path));
	}

	private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
		return client.send(request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10));
	}

	/**
	 * Injects the store of the plugin.
	 */
	record Orders(@Qualifier("orders") StateStore store) {
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggablePluginAutoConfiguration.class,
			PluggableHealthContributorAutoConfiguration.class, PluggableEndpointAutoConfiguration.class })
	static class Application {

		@Bean
		Orders applicationOrders(@Qualifier("orders") StateStore store) {
			return new Orders(store);
		}

	}

}
