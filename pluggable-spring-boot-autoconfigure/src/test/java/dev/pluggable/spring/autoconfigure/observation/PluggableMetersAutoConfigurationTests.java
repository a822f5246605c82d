package dev.pluggable.spring.autoconfigure.observation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.fixtures.StateComponentMain;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.observation.HostMeters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PluggableMetersAutoConfiguration}.
 */
class PluggableMetersAutoConfigurationTests {

	@TempDir
	private Path folder;

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(PluggableAutoConfiguration.class, PluggableMetersAutoConfiguration.class));

	@Test
	void aScrapeShowsComponentsAndTheProcessesOfAPlugin() throws Exception {
		PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		Path plugins = Files.createTempDirectory("pm");
		this.runner.withBean(MeterRegistry.class, () -> registry)
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.plugin-directory=" + plugins,
					"pluggable.plugins.store.protocol=socket", "pluggable.plugins.store.required=true",
					"pluggable.components.orders.type=state.h2")
			.withPropertyValues(command())
			.run((context) -> {
				context.getBean(HostMeters.class).bindTo(registry);
				assertThat(registry.scrape()).contains(
						"pluggable_component_state{component=\"orders\",kind=\"state\",state=\"pending\"} 1.0",
						"pluggable_endpoint_state{endpoint=\"store\",state=\"ready\"} 1.0",
						"pluggable_plugin_state{plugin=\"store\",state=\"ready\"} 1.0",
						"pluggable_plugin_processes{plugin=\"store\"} 1.0");
				assertThat(registry.scrape())
					.containsPattern("pluggable_plugin_memory_resident_bytes\\{plugin=\"store\"} [1-9]");
			});
		assertThat(registry.getMeters()).isEmpty();
		assertThat(Thread.getAllStackTraces().keySet())
			.noneMatch((thread) -> thread.getName().equals("pluggable-meters"));
		assertThat(plugins).isEmptyDirectory();
		Files.delete(plugins);
	}

	private static String[] command() {
		List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$0\" \"$@\" \"$PLUGGABLE_SOCKET_PATH\""));
		command.addAll(JavaCommand.of(StateComponentMain.class));
		return IntStream.range(0, command.size())
			.mapToObj((i) -> "pluggable.plugins.store.command[" + i + "]=" + command.get(i))
			.toArray(String[]::new);
	}

	@Test
	void backsOffWithoutARegistryOrWithoutMicrometer() {
		ApplicationContextRunner runner = this.runner.withPropertyValues("pluggable.socket-folders=" + this.folder);
		runner.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(HostMeters.class));
		runner.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("pluggableHostMeters"));
	}

}
