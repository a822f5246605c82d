package dev.pluggable.spring.autoconfigure.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;

import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the secrets that a plugin gets, and that it prints.
 */
@ExtendWith(OutputCaptureExtension.class)
class PluginSecretsTests {

	private static final String VALUE = "tOp-sEcReT-4711";

	private static final String METADATA = "hUsh\"quoted-4712";

	@TempDir
	Path folder;

	@Test
	void whenAVariableComesFromASecretStoreThenThePluginGetsItAndTheLogDoesNot(CapturedOutput output) throws Exception {
		Path got = this.folder.resolve("got");
		Files.writeString(this.folder.resolve("secrets.json"), "{\"db\": \"" + VALUE + "\"}");
		String encoded = Base64.getEncoder().encodeToString(("user:" + VALUE).getBytes());
		String script = "echo \"$DB_PASSWORD\" > " + got + "; echo \"plain=$DB_PASSWORD done\" >&2; echo 'basic "
				+ encoded + " done' >&2; echo '{\"password\":\"" + METADATA.replace("\"", "\\\"")
				+ "\"} done' >&2; exec sleep 1000";
		LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
		logging.setLogLevel("pluggable.plugin", LogLevel.TRACE);
		try {
			runner(script)
				.withPropertyValues("pluggable.components.vault.type=secretstores.local.file",
						"pluggable.components.vault.metadata.secretsFile=" + this.folder.resolve("secrets.json"),
						"pluggable.plugins.p.environment.variables-from.DB_PASSWORD.secret-store=vault",
						"pluggable.plugins.p.environment.variables-from.DB_PASSWORD.key=db",
						"pluggable.components.orders.type=state.p",
						"pluggable.components.orders.metadata.password=" + METADATA)
				.run((context) -> {
					await().untilAsserted(() -> assertThat(got).hasContent(VALUE));
					await().until(() -> output.getAll().contains("} done"));
					assertThat(context.getBean(PluggableProperties.class).toString()).doesNotContain(VALUE);
					assertThat(context.getBean(Plugins.class).statuses().toString()).doesNotContain(VALUE, METADATA);
				});
		}
		finally {
			logging.setLogLevel("pluggable.plugin", null);
		}
		assertThat(output).contains("plain=****** done")
			.doesNotContain(VALUE, METADATA, "hUsh", "quoted-4712", encoded);
	}

	@Test
	void whenTheSecretCannotBeReadThenTheReasonIsTold() throws IOException {
		Files.writeString(this.folder.resolve("secrets.json"), "{}");
		runner("exec sleep 1000")
			.withPropertyValues("pluggable.components.vault.type=secretstores.local.file",
					"pluggable.components.vault.metadata.secretsFile=" + this.folder.resolve("secrets.json"),
					"pluggable.plugins.p.environment.variables-from.DB_PASSWORD.secret-store=vault",
					"pluggable.plugins.p.environment.variables-from.DB_PASSWORD.key=db")
			.run((context) -> await().untilAsserted(() -> {
				PluginStatus status = context.getBean(Plugins.class).status("p").orElseThrow();
				assertThat(String.valueOf(status)).contains("environment.variables-from", "secret 'db'", "'vault'");
			}));
	}

	@Test
	void whenTheStoreIsNotNamedThenThePropertyIsNamed() {
		runner("exec sleep 1000").withPropertyValues("pluggable.plugins.p.environment.variables-from.DB.key=db")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("pluggable.plugins.p.environment.variables-from.DB.secret-store"));
	}

	private ApplicationContextRunner runner(String script) {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.plugins.p.command[0]=sh",
					"pluggable.plugins.p.command[1]=-c", "pluggable.plugins.p.command[2]=" + script,
					"pluggable.plugins.p.log-level=trace");
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(60));
	}

}
