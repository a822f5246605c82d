package dev.pluggable.spring.autoconfigure.diagnostics;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import dev.pluggable.ComponentState;
import dev.pluggable.PluggableException;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import io.grpc.Status;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link FrameLogEnvironmentPostProcessor}.
 */
@ExtendWith(OutputCaptureExtension.class)
class FrameLogTests {

	private static final String SECRET = "m4rk3r";

	@TempDir
	Path folder;

	@AfterEach
	void resetLevels() {
		LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
		for (String logger : new String[] { LoggingSystem.ROOT_LOGGER_NAME, "io.grpc.netty.NettyClientHandler",
				"io.grpc.netty.NettyServerHandler" }) {
			logging.setLogLevel(logger, logger.equals(LoggingSystem.ROOT_LOGGER_NAME) ? LogLevel.WARN : null);
		}
	}

	@Test
	void whenEverythingIsLoggedThenTheSecretsOfAComponentAreNot(CapturedOutput output) {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("x.sock"))) {
			server.getStatus = () -> Status.UNKNOWN.withDescription("no access with " + SECRET);
			server.start();
			try (ConfigurableApplicationContext context = run()) {
				ComponentHost host = context.getBean(ComponentHost.class);
				Awaitility.await()
					.atMost(Duration.ofSeconds(30))
					.until(() -> host.registry()
						.find(StateStoreKind.INSTANCE, "orders")
						.orElseThrow()
						.status()
						.state() == ComponentState.READY);
				assertThatExceptionOfType(PluggableException.class)
					.isThrownBy(() -> context.getBean("orders", StateStore.class).get("k"))
					.withMessageContaining("no access with ******");
			}
			assertThat(server.inits).containsExactly("orders{password=" + SECRET + "}");
		}
		assertThat(output).contains("state component 'orders' is ready").doesNotContain(SECRET);
	}

	@Test
	void whenTheApplicationSetsTheLevelOfTheLoggerThenThatLevelCounts() {
		try (ConfigurableApplicationContext context = run("--logging.level.root=WARN",
				"--logging.level.io.grpc.netty.NettyClientHandler=DEBUG")) {
			Environment environment = context.getEnvironment();
			assertThat(environment.getProperty("logging.level.io.grpc.netty.NettyClientHandler")).isEqualTo("DEBUG");
			assertThat(environment.getProperty("logging.level.io.grpc.netty.NettyServerHandler")).isEqualTo("INFO");
		}
	}

	private ConfigurableApplicationContext run(String... arguments) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(Map.of("pluggable.socket-folders", this.folder.toString(), "pluggable.components.orders.type",
					"state.x", "pluggable.components.orders.metadata.password", SECRET, "logging.level.root", "TRACE",
					"spring.main.banner-mode", "off"))
			.run(arguments);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration(PluggableAutoConfiguration.class)
	static class Application {

	}

}
