package dev.pluggable.spring.autoconfigure.endpoint;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.spring.autoconfigure.health.PluggableHealthContributorAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.json.JsonContent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for health and the actuator endpoint over HTTP.
 */
class PluggableActuatorTests {

	private static final HttpClient client = HttpClient.newHttpClient();

	@TempDir
	private static Path folder;

	private static ConfigurableApplicationContext context;

	@BeforeAll
	static void start() {
		context = new SpringApplicationBuilder(Application.class).run("--server.port=0",
				"--spring.main.banner-mode=off", "--pluggable.socket-folders=" + folder,
				"--pluggable.components.orders.type=state.h2", "--pluggable.components.orders.required=true",
				"--pluggable.startup-timeout=0s", "--pluggable.components.orders.metadata.password=hunter2",
				"--management.endpoints.web.exposure.include=*", "--management.endpoint.pluggable.access=unrestricted",
				"--pluggable.endpoint.allowed-hosts=app.example", "--management.endpoint.health.show-details=always");
	}

	@AfterAll
	static void stop() {
		context.close();
	}

	private static HttpResponse<String> get(String path) throws Exception {
		URI uri = URI.create("http://localhost:" + context.getEnvironment().getProperty("local.server.port") + path);
		return client.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
				HttpResponse.BodyHandlers.ofString());
	}

	private static void awaitStatus(String path, int status) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.untilAsserted(() -> assertThat(get(path).statusCode()).isEqualTo(status));
	}

	@Test
	void componentThatIsAwayMeansServiceUnavailable() throws Exception {
		awaitStatus("/actuator/health/pluggable", 503);
		awaitStatus("/actuator/health/pluggable/orders", 503);
		awaitStatus("/actuator/health/pluggable/endpoint:h2", 503);
		awaitStatus("/actuator/health/readiness", 503);
		awaitStatus("/actuator/health/liveness", 200);
		awaitStatus("/actuator/health/pluggable/discovery", 200);
		HttpResponse<String> response = get("/actuator/health/pluggable");
		assertThat(new JsonContent(response.body())).extractingPath("$.components.orders.details.reason")
			.asString()
			.isNotBlank();
		assertThat(response.body()).doesNotContain("hunter2");
		try (FakeStateServer server = new FakeStateServer(folder.resolve("h2.sock")).start()) {
			awaitStatus("/actuator/health/pluggable", 200);
			awaitStatus("/actuator/health/readiness", 200);
		}
		awaitStatus("/actuator/health/pluggable", 503);
		awaitStatus("/actuator/health/readiness", 503);
	}

	@Test
	void endpointShowsEverything() throws Exception {
		HttpResponse<String> response = get("/actuator/pluggable");
		assertThat(response.statusCode()).isEqualTo(200);
		JsonContent json = new JsonContent(response.body());
		assertThat(json).extractingPath("$.transport.type").isEqualTo("epoll");
		assertThat(json).extractingPath("$.folders[0].path").isEqualTo(folder.toString());
		assertThat(json).extractingPath("$.endpoints[0].name").isEqualTo("h2");
		assertThat(json).extractingPath("$.endpoints[0].since").asString().contains("T");
		assertThat(json).extractingPath("$.components[*].id").asArray().contains("orders");
		assertThat(response.body()).doesNotContain("hunter2");
	}

	@Test
	void endpointShowsOneComponent() throws Exception {
		HttpResponse<String> response = get("/actuator/pluggable/orders");
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(new JsonContent(response.body())).extractingPath("$.type").isEqualTo("state.h2");
		assertThat(get("/actuator/pluggable/no.such").statusCode()).isEqualTo(404);
	}

	@Test
	void whenAnActionComesFromAForeignOriginOrHostThenItIsRefused() throws Exception {
		String action = "/actuator/pluggable/plugins/none/restart";
		String own = "localhost:" + context.getEnvironment().getProperty("local.server.port");
		for (String path : new String[] { action, "/actuator/%70luggable/plugins/none/restart",
				"/actuator/pluggable;a=b/plugins/none/restart" }) {
			assertThat(post(path, own, "Origin: http://evil.example")).startsWith("HTTP/1.1 403");
			assertThat(post(path, own, "Origin: null")).startsWith("HTTP/1.1 403");
			assertThat(post(path, "evil.example", "X: y")).startsWith("HTTP/1.1 403");
		}
		assertThat(post(action, "evil.example", "Origin: http://evil.example")).startsWith("HTTP/1.1 403");
		assertThat(post(action, own, "Origin: http://localhost:1")).startsWith("HTTP/1.1 403");
		assertThat(post(action, own, "Origin: https://" + own)).startsWith("HTTP/1.1 403");
		assertThat(post(action, own, "Sec-Fetch-Site: cross-site")).startsWith("HTTP/1.1 403");
		assertThat(post(action, own, "X: y")).startsWith("HTTP/1.1 404");
		assertThat(post(action, own, "Origin: http://" + own)).startsWith("HTTP/1.1 404");
		assertThat(post(action, "127.0.0.1", "X: y")).startsWith("HTTP/1.1 404");
		assertThat(post(action, "[::1]:80", "X: y")).startsWith("HTTP/1.1 404");
		assertThat(post(action, "app.example", "Origin: http://app.example")).startsWith("HTTP/1.1 404");
		assertThat(get("/actuator/pluggable").statusCode()).isEqualTo(200);
	}

	@Test
	void whenTheEndpointHasAPortOfItsOwnThenForeignOriginsAndHostsAreRefusedThere() throws Exception {
		try (ConfigurableApplicationContext other = new SpringApplicationBuilder(Application.class).run(
				"--server.port=0", "--management.server.port=0", "--spring.main.banner-mode=off",
				"--spring.jmx.enabled=false", "--pluggable.socket-folders=" + folder,
				"--management.endpoints.web.exposure.include=*",
				"--management.endpoint.pluggable.access=unrestricted")) {
			int port = Integer.parseInt(other.getEnvironment().getProperty("local.management.port"));
			String action = "/actuator/pluggable/plugins/none/restart";
			assertThat(post(port, action, "localhost", "Origin: http://evil.example")).startsWith("HTTP/1.1 403");
			assertThat(post(port, action, "evil.example", "X: y")).startsWith("HTTP/1.1 403");
			assertThat(post(port, action, "localhost", "X: y")).startsWith("HTTP/1.1 404");
		}
	}

	private static String post(String path, String host, String header) throws Exception {
		return post(Integer.parseInt(context.getEnvironment().getProperty("local.server.port")), path, host, header);
	}

	private static String post(int port, String path, String host, String header) throws Exception {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			socket.setSoTimeout(10_000);
			socket.getOutputStream()
				.write(("POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + header
						+ "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
					.getBytes(StandardCharsets.US_ASCII));
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggableHealthContributorAutoConfiguration.class,
			PluggableEndpointAutoConfiguration.class })
	static class Application {

	}

}
