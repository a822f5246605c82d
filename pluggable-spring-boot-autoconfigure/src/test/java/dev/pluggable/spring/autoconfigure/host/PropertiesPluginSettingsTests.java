package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.EnvironmentSettings;
import dev.pluggable.plugin.HandshakeSettings;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.ReattachSettings;
import dev.pluggable.plugin.RestartSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PropertiesPluginSettings}.
 */
class PropertiesPluginSettingsTests {

	private static final String SHA = "0123456789abcdef".repeat(4);

	@TempDir
	private Path folder;

	private static PluggableProperties bind(StandardEnvironment environment) {
		return Binder.get(environment).bindOrCreate("pluggable", PluggableProperties.class);
	}

	private static PropertiesPluginSettings settings(String... properties) {
		StandardEnvironment environment = new StandardEnvironment();
		TestPropertyValues.of(properties).applyTo(environment);
		return new PropertiesPluginSettings(bind(environment), environment, null);
	}

	private static PluginSettings plugin(String... properties) {
		return settings(Arrays.stream(properties)
			.map((property) -> "pluggable.plugins.relayer." + property)
			.toArray(String[]::new)).settings().get(0);
	}

	private static PropertiesPluginSettings yaml(String text) throws Exception {
		StandardEnvironment environment = new StandardEnvironment();
		new YamlPropertySourceLoader().load("test", new ByteArrayResource(text.getBytes()))
			.forEach(environment.getPropertySources()::addFirst);
		return new PropertiesPluginSettings(bind(environment), environment, null);
	}

	@Test
	void whenThereIsNoPluginThenTheDefaultsOfTheHostHold() {
		assertThat(settings().settings()).isEmpty();
		assertThat(settings().directory()).isEqualTo(HostSettings.DEFAULT_PLUGIN_DIRECTORY);
	}

	@Test
	void whenOnlyTheCommandIsSetThenAllElseIsTheDefaultOfTheCore() {
		assertThat(plugin("command=/bin/relayer,--fast"))
			.isEqualTo(PluginSettings.of("relayer", List.of("/bin/relayer", "--fast")));
	}

	@Test
	void whenAProcessIsAttachedToThenItNeedsNoCommand() {
		assertThat(plugin("reattach.address=/tmp/p.sock", "reattach.pid=17").reattach())
			.isEqualTo(new ReattachSettings("unix", "/tmp/p.sock", 17, 1, false));
		assertThat(plugin("reattach.network=tcp", "reattach.address=127.0.0.1:1234", "reattach.pid=17",
				"reattach.protocol-version=5", "reattach.test=true")
			.reattach()).isEqualTo(new ReattachSettings("tcp", "127.0.0.1:1234", 17, 5, true));
	}

	@Test
	void whenEverythingIsSetThenEverythingIsTakenOver() throws Exception {
		PropertiesPluginSettings settings = yaml("""
				pluggable:
				  plugin-directory: %1$s
				  plugins:
				    relayer:
				      command: [./relayer, --name, "a, b"]
				      environment:
				        inherit: [PATH, MY_VARIABLE]
				        variables:
				          CL_PROMETHEUS_PORT: 0
				          "[with.dot]": "x"
				          lower_case: "y"
				      working-directory: %1$s
				      protocol: go-plugin
				      handshake:
				        cookie-key: CL_PLUGIN_RELAYER_MAGIC_COOKIE
				        cookie-value: dae753
				        protocol-versions: [0, 2]
				      auto-mtls: true
				      checksum: sha256:%2$s
				      start-timeout: 10s
				      stop-timeout: 0s
				      restart:
				        policy: on-failure
				        initial-delay: 1s
				        max-delay: 2s
				        jitter: 0
				        crash-loop-count: 0
				        crash-loop-window: 3m
				        reset-after: 4m
				        hang-timeout: 0
				      log-level: warn
				      required: true
				      max-inbound-message-size: 100MB
				    other:
				      command: /bin/other
				      protocol: socket
				""".formatted(this.folder, SHA));
		assertThat(settings.directory()).isEqualTo(this.folder);
		assertThat(settings.settings()).containsExactly(
				new PluginSettings("relayer", List.of("./relayer", "--name", "a, b"),
						new EnvironmentSettings(Set.of("PATH", "MY_VARIABLE"),
								Map.of("CL_PROMETHEUS_PORT", "0", "with.dot", "x", "lower_case", "y")),
						this.folder, PluginProtocol.GO_PLUGIN,
						new HandshakeSettings("CL_PLUGIN_RELAYER_MAGIC_COOKIE", "dae753", Set.of(0, 2)), true,
						"sha256:" + SHA, Duration.ofSeconds(10), Duration.ZERO,
						new RestartSettings(RestartSettings.Policy.ON_FAILURE, Duration.ofSeconds(1),
								Duration.ofSeconds(2), 0, 0, Duration.ofMinutes(3), Duration.ofMinutes(4),
								Duration.ZERO),
						Level.WARN, null, true, null, 100 * 1024 * 1024),
				PluginSettings.of("other", List.of("/bin/other")).withProtocol(PluginProtocol.SOCKET));
	}

	@Test
	void whenTheFirstDelayIsLongerThanTheLongestByDefaultThenThatIsTheLongest() {
		RestartSettings restart = plugin("command=p", "restart.initial-delay=5m").restart();
		assertThat(restart.initialDelay()).isEqualTo(restart.maxDelay()).isEqualTo(Duration.ofMinutes(5));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					command=                                              | command                      | a list of the program
					command=,x                                            | command                      | must be the program
					required=true                                         | command                      | a list of the program
					command=p;reattach.address=/tmp/p                     | reattach.address             | remove one
					command=p;protocol=socket;auto-mtls=true              | auto-mtls                    | go-plugin
					command=p;protocol=socket;handshake.cookie-key=K;handshake.cookie-value=s3cret | handshake.cookie-key | go-plugin
					command=p;protocol=socket;handshake.cookie-value=s3cret | handshake.cookie-value     | go-plugin
					command=p;protocol=socket;handshake.protocol-versions=1 | handshake.protocol-versions | go-plugin
					reattach.address=/tmp/p;reattach.pid=1;protocol=socket;reattach.protocol-version=1 | reattach.protocol-version | go-plugin
					command=p;checksum=123                                | checksum                     | sha256sum
					command=p;checksum=sha256:0g                          | checksum                     | sha256sum
					command=p;checksum=md5:0123456789abcdef               | checksum                     | sha256sum
					command=p;start-timeout=0s                            | start-timeout                | longer than zero
					command=p;max-inbound-message-size=0                  | max-inbound-message-size     | between 1B and
					command=p;stop-timeout=-1s                            | stop-timeout                 | not be negative
					command=p;restart.initial-delay=-1s                   | restart.initial-delay        | not be negative
					command=p;restart.initial-delay=3s;restart.max-delay=1s | restart.max-delay          | 3000ms
					command=p;restart.jitter=1.5                          | restart.jitter               | between 0 and 1
					command=p;restart.jitter=-0.1                         | restart.jitter               | between 0 and 1
					command=p;restart.jitter=NaN                          | restart.jitter               | between 0 and 1
					command=p;restart.crash-loop-count=-1                 | restart.crash-loop-count     | not be negative
					command=p;restart.crash-loop-window=-1s               | restart.crash-loop-window    | not be negative
					command=p;restart.reset-after=-1s                     | restart.reset-after          | not be negative
					command=p;restart.hang-timeout=-1s                    | restart.hang-timeout         | not be negative
					command=p;handshake.cookie-key=K                      | handshake.cookie-value       | Both the key and the value
					command=p;handshake.cookie-value=V                    | handshake.cookie-key         | Both the key and the value
					command=p;handshake.cookie-key=K=;handshake.cookie-value=V | handshake.cookie-key    | name of an environment variable
					command=p;handshake.protocol-versions=                | handshake.protocol-versions  | at least one
					command=p;handshake.protocol-versions=1,-1            | handshake.protocol-versions  | none below 0
					command=p;environment.inherit=A=B                     | environment.inherit          | name of a variable
							command=p;working-directory=/no/such/folder           | working-directory            | no such folder
					command=p;working-directory=/dev/null                 | working-directory            | not a folder
					reattach.network=udp;reattach.address=x;reattach.pid=1 | reattach.network            | must be
					reattach.pid=1                                        | reattach.address             | path of a socket
					reattach.network=tcp;reattach.pid=1                   | reattach.address             | host and port
					reattach.address=p.sock;reattach.pid=1                | reattach.address             | absolute path
					reattach.address=/tmp/p                               | reattach.pid                 | id of the process
					reattach.address=/tmp/p;reattach.pid=0                | reattach.pid                 | id of the process
					reattach.address=/tmp/p;reattach.pid=1;reattach.protocol-version=-1 | reattach.protocol-version | not be negative
					reattach.address=/tmp/p;reattach.pid=1;auto-mtls=true | auto-mtls                    | means nothing
					""")
	void whenSomethingMakesNoSenseThenThePropertyIsNamed(String properties, String property, String reason) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> plugin(properties.split(";")))
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo("pluggable.plugins.relayer." + property);
				assertThat(ex.getReason()).contains(reason).doesNotContain("s3cret");
			})
			.withMessageNotContaining("s3cret");
	}

	@Test
	void whenAVariableCannotHaveItsNameOrValueThenTheValueIsNotShown() {
		for (Map<String, String> variables : List.of(Map.of("A=B", "s3cret"), Map.of("A", "s3cret\0"))) {
			StandardEnvironment environment = new StandardEnvironment();
			variables.forEach((variable, value) -> environment.getPropertySources()
				.addFirst(new MapPropertySource("test", Map.of("pluggable.plugins.relayer.command", "p",
						"pluggable.plugins.relayer.environment.variables[" + variable + "]", value))));
			assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
				.isThrownBy(() -> new PropertiesPluginSettings(bind(environment), environment, null).settings())
				.satisfies((ex) -> {
					assertThat(ex.getName()).isEqualTo("pluggable.plugins.relayer.environment.variables");
					assertThat(ex.getReason()).contains("'" + variables.keySet().iterator().next() + "'")
						.doesNotContain("s3cret");
				});
		}
	}

	@Test
	void whenAChecksumIsSetForAProcessOfSomebodyElseThenItIsRefused() {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> plugin("reattach.address=/tmp/p", "reattach.pid=1", "checksum=sha512:" + SHA + SHA))
			.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("pluggable.plugins.relayer.checksum"));
	}

	@Test
	void whenTheCommandIsOneLineThenTheFirstWordAloneIsShown() throws Exception {
		assertThatExceptionOfType(FailureAnalyzedException.class)
			.isThrownBy(() -> plugin("command=/no/such/relayer --token=s3cret"))
			.satisfies((ex) -> assertThat(ex.analysis().getDescription())
				.contains("'pluggable.plugins.relayer.command'", "'/no/such/relayer'")
				.doesNotContain("s3cret"));
		Path program = Files.createFile(this.folder.resolve("my relayer"));
		assertThat(plugin("command=" + program).command()).containsExactly(program.toString());
	}

	@ParameterizedTest
	@CsvSource({ "discovery,pluggable.plugins.discovery", "-a,pluggable.plugins.-a", "a/b,pluggable.plugins[a/b]",
			"A b,pluggable.plugins[A b]" })
	void whenAPluginCannotHaveItsNameThenItIsNamed(String name, String property) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> settings("pluggable.plugins[" + name + "].command=p").settings())
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo(property);
				assertThat(ex.getReason()).contains("'" + name + "' cannot be the name of a plugin");
			});
	}

	@Test
	void whenTwoPluginsHaveOneNameThenTheyAreRefused() {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> settings("pluggable.plugins[Relayer].command=p", "pluggable.plugins[relayer].command=p")
				.settings())
			.satisfies((ex) -> assertThat(ex.getReason()).contains("'Relayer'", "'relayer'", "case",
					"Rename one of them."));
	}

	@Test
	void whenThePathOfTheDirectoryIsTooLongForSocketsThenItIsRefused() {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> settings("pluggable.plugin-directory=/tmp/" + "x".repeat(56)).directory())
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo("pluggable.plugin-directory");
				assertThat(ex.getReason()).contains("61 bytes", "may have 60", "too long");
			});
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> settings("pluggable.plugin-directory=/tmp/" + "x".repeat(55)).directory())
			.satisfies((ex) -> assertThat(ex.getReason()).contains("no such folder"));
	}

	@Test
	void whenPropertiesAreShownThenNoSecretIs() {
		StandardEnvironment environment = new StandardEnvironment();
		TestPropertyValues
			.of("pluggable.plugins.relayer.command=p,--token=s3cret",
					"pluggable.plugins.relayer.environment.variables.TOKEN=s3cret")
			.applyTo(environment);
		assertThat(bind(environment).toString()).contains("relayer").doesNotContain("s3cret");
	}

}
