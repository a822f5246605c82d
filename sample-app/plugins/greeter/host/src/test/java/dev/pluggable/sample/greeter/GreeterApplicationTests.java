package dev.pluggable.sample.greeter;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.pluggable.InvalidRequestException;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.sample.greeter.v1.GreetReply;
import dev.pluggable.sample.greeter.v1.GreetRequest;
import dev.pluggable.sample.greeter.v1.Greeter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Runs the application over HTTP with its own configuration and a real process.
 */
class GreeterApplicationTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final HttpClient http = HttpClient.newHttpClient();

	@Test
	void whenTheServiceIsInJavaThenItGreetsAlsoAfterItWasKilled() throws Exception {
		greets("pluggable.plugins.greeter.command=" + String.join(",", JavaCommand.of(GreeterMain.class)),
				"pluggable.plugins.greeter.working-directory=.");
	}

	@Test
	@Tag("interop")
	void whenTheServiceIsInPythonThenItGreetsAlsoAfterItWasKilled() throws Exception {
		Path folder = Path.of("..").toAbsolutePath().normalize();
		Process build = new ProcessBuilder("python/build.sh").directory(folder.toFile())
			.redirectErrorStream(true)
			.start();
		build.getOutputStream().close();
		String output = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(build.waitFor()).as("exit status of build.sh, which printed %s", output).isZero();
		greets("greeter.folder=" + folder);
	}

	private void greets(String... properties) throws Exception {
		List<String> all = new ArrayList<>(List.of(properties));
		all.add("server.port=0");
		all.add("pluggable.components.greeter.wait-for-ready=30s");
		all.add("pluggable.plugins.greeter.restart.initial-delay=10ms");
		try (ConfigurableApplicationContext application = new SpringApplicationBuilder(GreeterApplication.class)
			.properties(all.toArray(String[]::new))
			.run(all.stream().map((property) -> "--" + property).toArray(String[]::new))) {
			String url = "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port");
			assertThat(get(url + "/greetings/Ada")).isEqualTo("Hello, Ada!");
			assertThat(get(url + "/greetings/Ada/all"))
				.isEqualTo("[\"Hello, Ada!\",\"Bonjour, Ada!\",\"Hallo, Ada!\",\"Hola, Ada!\"]");
			Greeter greeter = application.getBean(Greeter.class);
			assertThatExceptionOfType(InvalidRequestException.class)
				.isThrownBy(() -> greeter.greet(GreetRequest.getDefaultInstance()))
				.withMessageContaining("the name is empty");
			Plugins plugins = application.getBean(Plugins.class);
			GoPluginMain.kill(plugins.status("greeter").orElseThrow().pid());
			await().atMost(PATIENCE).until(() -> plugins.status("greeter").orElseThrow().launches() == 2);
			CompletableFuture<GreetReply> later = greeter.async()
				.greet(GreetRequest.newBuilder().setName("Bob").build());
			assertThat(later).succeedsWithin(PATIENCE).extracting(GreetReply::getGreeting).isEqualTo("Hello, Bob!");
		}
	}

	private String get(String url) throws Exception {
		HttpResponse<String> response = this.http.send(
				HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build(),
				HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return response.body();
	}

}
