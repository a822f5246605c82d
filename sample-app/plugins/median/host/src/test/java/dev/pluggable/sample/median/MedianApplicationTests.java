package dev.pluggable.sample.median;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Runs the application over HTTP with real plugins and its own configuration. The plugins
 * are in Java, so that the test needs no other toolchain.
 */
class MedianApplicationTests {

	private final HttpClient http = HttpClient.newHttpClient();

	private final JsonMapper json = new JsonMapper();

	private Path folder;

	private int port;

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "mdn");
	}

	@AfterEach
	void leavesNothing() throws Exception {
		try (Stream<Path> left = Files.list(this.folder)) {
			assertThat(left).isEmpty();
		}
		Files.delete(this.folder);
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void whenProcessesAreKilledThenRoundsGoOn(CapturedOutput output) throws Exception {
		List<String> properties = new ArrayList<>();
		properties.addAll(java("relayer", JavaRelayerMain.class));
		properties.addAll(java("median", JavaMedianMain.class));
		try (ConfigurableApplicationContext application = run(properties)) {
			Plugins plugins = application.getBean(Plugins.class);
			assertRound();
			assertThat(output).as("all was there when it was needed").doesNotContain("cannot be created");
			for (String plugin : List.of("relayer", "median")) {
				long pid = plugins.status(plugin).orElseThrow().pid();
				GoPluginMain.kill(pid);
				await().until(() -> plugins.status(plugin).orElseThrow().launches() == 2);
				assertRound();
			}
			assertThat(plugins.statuses()).extracting(PluginStatus::restarts).containsExactly(1, 1);
		}
	}

	@Tag("interop")
	@ParameterizedTest
	@ValueSource(strings = { "default", "python" })
	void whenConfiguredAsItIsThenRoundsAreMade(String profile) throws Exception {
		MedianPlugins.build();
		try (ConfigurableApplicationContext application = run(
				List.of("spring.profiles.active=" + profile, "median.folder=" + Path.of("..").toAbsolutePath()))) {
			assertRound();
			assertThat(application.getBean(Plugins.class).statuses()).extracting(PluginStatus::tls).containsOnly(true);
		}
	}

	@Tag("interop")
	@Test
	void whenAPluginServesTlsWithItsOwnCertificateThenRoundsAreMadeOverABundle() throws Exception {
		MedianPlugins.build();
		Path pem = certificate();
		try (ConfigurableApplicationContext application = run(List.of("median.folder=" + Path.of("..").toAbsolutePath(),
				"pluggable.plugins.relayer.auto-mtls=false", "pluggable.plugins.relayer.tls.bundle=relayer",
				"pluggable.plugins.relayer.environment.variables.RELAYER_TLS=" + pem,
				"spring.ssl.bundle.pem.relayer.keystore.certificate=file:" + pem,
				"spring.ssl.bundle.pem.relayer.keystore.private-key=file:" + pem,
				"spring.ssl.bundle.pem.relayer.truststore.certificate=file:" + pem))) {
			assertRound();
			Plugins plugins = application.getBean(Plugins.class);
			assertThat(plugins.statuses()).extracting(PluginStatus::tls).containsOnly(true);
			PluginStatus relayer = plugins.status("relayer").orElseThrow();
			assertThat(relayer.served()).as("the relayer calls the application").isNotEmpty();
			assertThat(relayer.dialed()).as("the application calls objects of the relayer").isNotEmpty();
		}
		finally {
			Files.delete(pem);
		}
	}

	/**
	 * Create a certificate for localhost that trusts itself, with its key, in one file.
	 */
	private Path certificate() throws Exception {
		Path store = this.folder.resolve("store.p12");
		assertThat(new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", "relayer", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
				"san=dns:localhost", "-validity", "2", "-storetype", "PKCS12", "-keystore", store.toString(),
				"-storepass", "changeit")
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start()
			.waitFor()).isZero();
		KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
		Files.delete(store);
		Path pem = Files.createTempFile("relayer", ".pem");
		Files.writeString(pem, pem("CERTIFICATE", keys.getCertificate("relayer").getEncoded())
				+ pem("PRIVATE KEY", keys.getKey("relayer", "changeit".toCharArray()).getEncoded()));
		return pem;
	}

	private static String pem(String type, byte[] content) {
		return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(content)
				+ "\n-----END " + type + "-----\n";
	}

	private static List<String> java(String plugin, Class<?> main) {
		String prefix = "pluggable.plugins." + plugin + ".";
		return List.of(prefix + "command=" + String.join(",", JavaCommand.of(main)),
				prefix + "handshake.cookie-key=" + GoPluginMain.COOKIE_KEY,
				prefix + "handshake.cookie-value=" + GoPluginMain.COOKIE_VALUE, prefix + "auto-mtls=false",
				prefix + "restart.initial-delay=10ms");
	}

	private ConfigurableApplicationContext run(List<String> properties) {
		List<String> all = new ArrayList<>(List.of("server.port=0", "pluggable.plugin-directory=" + this.folder,
				"pluggable.components.relayer.wait-for-ready=30s", "pluggable.components.relayer.call-timeout=30s",
				"pluggable.components.median.wait-for-ready=30s", "pluggable.components.median.call-timeout=30s"));
		all.addAll(properties);
		ConfigurableApplicationContext application = new SpringApplicationBuilder(MedianApplication.class)
			.run(all.stream().map((property) -> "--" + property).toArray(String[]::new));
		this.port = application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
		return application;
	}

	/**
	 * Verify that a round succeeds, and that its signed report is on the chain.
	 */
	private void assertRound() {
		JsonNode round = await().until(() -> {
			HttpResponse<String> response = send("POST", "/rounds");
			assertThat(response.statusCode()).isIn(200, 502, 503, 504);
			return this.json.readTree(response.body());
		}, (body) -> body.path("transmitted").booleanValue(false));
		await().untilAsserted(() -> {
			JsonNode state = this.json.readTree(send("GET", "/median").body());
			assertThat(state.at("/latest/round").intValue(0)).isEqualTo(round.path("round").intValue());
			assertThat(state.at("/latest/answer").longValue(0)).isEqualTo(round.path("answer").longValue());
			assertThat(state.at("/latest/signed").booleanValue(false)).isTrue();
			assertThat(state.path("objects")).extracting((object) -> object.path("state").stringValue())
				.containsOnly("READY");
		});
	}

	private HttpResponse<String> send(String method, String path) throws Exception {
		return this.http.send(HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + path))
			.method(method, HttpRequest.BodyPublishers.noBody())
			.build(), HttpResponse.BodyHandlers.ofString());
	}

}
