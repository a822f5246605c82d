package dev.pluggable.spring.autoconfigure.endpoint;

import java.nio.file.Path;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.endpoint.PluggableDescriptor;
import dev.pluggable.spring.endpoint.PluggableEndpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.annotation.ReflectiveRuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PluggableEndpointAutoConfiguration}.
 */
class PluggableEndpointAutoConfigurationTests {

	@TempDir
	private Path folder;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PluggableAutoConfiguration.class, PluggableEndpointAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder);
	}

	@Test
	void endpointIsThereWhenExposed() {
		this.runner.withPropertyValues("management.endpoints.web.exposure.include=pluggable")
			.run((context) -> assertThat(context).hasSingleBean(PluggableEndpoint.class));
	}

	@Test
	void endpointIsAbsentByDefault() {
		this.runner.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(PluggableEndpoint.class));
	}

	@Test
	void endpointIsAbsentWithoutAccess() {
		this.runner
			.withPropertyValues("management.endpoints.web.exposure.include=*",
					"management.endpoint.pluggable.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(PluggableEndpoint.class));
	}

	@Test
	void backsOffWithoutActuator() {
		this.runner.withClassLoader(new FilteredClassLoader(Endpoint.class)).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(ComponentHost.class);
			assertThat(context).doesNotHaveBean("pluggableEndpoint");
		});
	}

	@Test
	void descriptorsCanBeSerializedInNativeImages() {
		RuntimeHints hints = new RuntimeHints();
		new ReflectiveRuntimeHintsRegistrar().registerRuntimeHints(hints, PluggableEndpoint.class);
		assertThat(RuntimeHintsPredicates.reflection().onType(PluggableDescriptor.EndpointDescriptor.class))
			.accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection().onType(PluggableDescriptor.ComponentDescriptor.class))
			.accepts(hints);
	}

}
