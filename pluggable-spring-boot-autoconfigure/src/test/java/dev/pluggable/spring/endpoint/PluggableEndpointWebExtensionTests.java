package dev.pluggable.spring.endpoint;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.spring.autoconfigure.endpoint.PluggableEndpointAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.FakePlugins;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.test.json.JsonContent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PluggableEndpointWebExtension}, mostly over HTTP.
 */
class PluggableEndpointWebExtensionTests {

	private static final HttpClient client = HttpClient.newHttpClient();

	@TempDir
	private Path folder;

	private void run(String access, BiConsumer<Requests, FakePlugins> test) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class).run(
				"--server.port=0", "--spring.main.banner-mode=off", "--pluggable.socket-folders=" + this.folder,
				"--management.endpoints.web.exposure.include=*", access)) {
			test.accept(new Requests("http://localhost:" + context.getEnvironment().getProperty("local.server.port")
					+ "/actuator/pluggable/"), context.getBean(FakePlugins.class));
		}
	}

	@Test
	void whenNothingIsSetThenPluginsCanBeSeenAndNotBeControlled() {
		run("--x=y", (requests, plugins) -> {
			HttpResponse<String> response = requests.get("plugins/relayer");
			assertThat(response.statusCode()).isEqualTo(200);
			assertThat(new JsonContent(response.body())).extractingPath("$.state").isEqualTo("READY");
			assertThat(new JsonContent(response.body())).extractingPath("$.served[0].name").isEqualTo("keystore");
			assertThat(requests.get("plugins/other").statusCode()).isEqualTo(404);
			assertThat(requests.get("sockets/relayer").statusCode()).isEqualTo(404);
			assertThat(requests.post("plugins/relayer/restart").statusCode()).isIn(404, 405);
			assertThat(plugins.calls).isEmpty();
		});
	}

	@Test
	void whenAccessIsUnrestrictedThenPluginsAreControlled() {
		run("--management.endpoint.pluggable.access=unrestricted", (requests, plugins) -> {
			for (String action : new String[] { "stop", "start", "restart" }) {
				HttpResponse<String> response = requests.post("plugins/relayer/" + action);
				assertThat(response.statusCode()).isEqualTo(200);
				assertThat(new JsonContent(response.body())).extractingPath("$.plugin.pid").isEqualTo(4711);
				assertThat(response.body()).doesNotContain("problem");
			}
			assertThat(plugins.calls).containsExactly("stop relayer", "start relayer", "restart relayer");
			assertThat(requests.post("plugins/other/stop"))
				.satisfies((response) -> assertProblem(response, 404, "there is no plugin of this name"));
			assertThat(requests.post("sockets/relayer/stop"))
				.satisfies((response) -> assertThat(response.statusCode()).isEqualTo(404));
			assertThat(requests.post("plugins/relayer/kill"))
				.satisfies((response) -> assertProblem(response, 400, "[start, stop, restart]"));
			plugins.outcome = CompletableFuture.failedFuture(new PluginException("the old one stays"));
			assertThat(requests.post("plugins/relayer/restart"))
				.satisfies((response) -> assertProblem(response, 500, "the old one stays"));
			assertThat(plugins.calls).hasSize(4);
		});
	}

	private static void assertProblem(HttpResponse<String> response, int status, String problem) {
		assertThat(response.statusCode()).isEqualTo(status);
		assertThat(new JsonContent(response.body())).extractingPath("$.problem").asString().contains(problem);
	}

	@Test
	void whenItTakesLongerThanTheDeadlineThenItGoesOn() {
		FakePlugins plugins = new FakePlugins();
		plugins.put(FakePlugins.status("relayer", PluginState.STARTING, null));
		CompletableFuture<PluginStatus> outcome = new CompletableFuture<>();
		plugins.outcome = outcome;
		WebEndpointResponse<PluggableEndpointWebExtension.PluginOperation> response = new PluggableEndpointWebExtension(
				plugins, Duration.ofMillis(1))
			.control("plugins", "relayer", "start");
		assertThat(response.getStatus()).isEqualTo(202);
		assertThat(response.getBody().problem()).contains("1 ms", "continues");
		assertThat(response.getBody().plugin().state()).isEqualTo(PluginState.STARTING);
		assertThat(outcome).isNotDone();
	}

	@Test
	void whenThereIsNoHostThenThereIsNoPlugin() {
		PluggableEndpointWebExtension extension = new PluggableEndpointWebExtension(null, Duration.ofSeconds(1));
		assertThat(extension.plugin("plugins", "relayer")).isNull();
		assertThat(extension.control("plugins", "relayer", "start").getStatus()).isEqualTo(404);
	}

	@Test
	void whenTheThreadIsInterruptedThenItStaysSo() {
		FakePlugins plugins = new FakePlugins();
		plugins.put(FakePlugins.status("relayer", PluginState.STARTING, null));
		plugins.outcome = new CompletableFuture<>();
		Thread.currentThread().interrupt();
		try {
			assertThat(new PluggableEndpointWebExtension(plugins, Duration.ofSeconds(30))
				.control("plugins", "relayer", "stop")
				.getStatus()).isEqualTo(503);
		}
		finally {
			assertThat(Thread.interrupted()).isTrue();
		}
	}

	/**
	 * Sends requests to the endpoint.
	 */
	record Requests(String base) {

		HttpResponse<String> get(String path) {
			return send(HttpRequest.newBuilder(URI.create(this.base + path)));
		}

		HttpResponse<String> post(String path) {
			return send(HttpRequest.newBuilder(URI.create(this.base + path)).POST(HttpRequest.BodyPublishers.noBody()));
		}

		private static HttpResponse<String> send(HttpRequest.Builder request) {
			try {
				return client.send(request.timeout(Duration.ofSeconds(30)).build(),
						HttpResponse.BodyHandlers.ofString());
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggableEndpointAutoConfiguration.class })
	static class Application {

		@Bean
		FakePlugins plugins() {
			FakePlugins plugins = new FakePlugins();
			plugins.put(FakePlugins.status("relayer", PluginState.READY, null));
			return plugins;
		}

	}

}
