package dev.pluggable.spring.contract;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentType;
import dev.pluggable.fixtures.TestGeneration;
import dev.pluggable.fixtures.contract.v1.AddRequest;
import dev.pluggable.fixtures.contract.v1.Counter;
import dev.pluggable.fixtures.contract.v1.CounterKind;
import dev.pluggable.fixtures.contract.v1.Helper;
import dev.pluggable.fixtures.contract.v1.HelperKind;
import dev.pluggable.fixtures.contract.v1.Number;
import dev.pluggable.fixtures.contract.v1.Registry;
import dev.pluggable.fixtures.contract.v1.SetupRequest;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.spring.AheadOfTime;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.plugin.PluggablePluginAutoConfiguration;
import dev.pluggable.spring.plugin.HostService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that an application with generated contracts can be processed ahead of time.
 */
@CompileWithForkedClassLoader
@Timeout(120)
class ContractAheadOfTimeTests {

	@TempDir
	Path folder;

	@Test
	void whenABuiltApplicationStartsThenItsContractsAreThere() {
		TestGenerationContext generation = application().build((duringBuild) -> {
		});
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(HelperKind.class)
			.withMemberCategory(MemberCategory.INVOKE_DECLARED_CONSTRUCTORS)).accepts(generation.getRuntimeHints());
		application().run(generation, (context) -> {
			context.refresh();
			assertThat(context.getBean("first")).isInstanceOf(Counter.class);
			assertThat(context.getBean(ComponentHost.class).hostServices().names())
				.containsExactly("pluggable.test.contract.v1.Helper");
			ComponentContext component = new ComponentContext("first", ComponentType.of("counter.first"), Map.of(),
					new ApplicationIdentity("test", ""));
			assertThat(context.getBean(CounterKind.class)
				.initialize(TestGeneration.of(new NoChannel()), component)
				.toCompletableFuture()).failsWithin(Duration.ZERO)
				.withThrowableThat()
				.withCauseInstanceOf(PluginException.class)
				.withMessageContaining("The process has no broker");
			assertThat(context.getBean(Initializer.class).components).containsExactly("first");
		});
	}

	private AheadOfTime application() {
		return new AheadOfTime(this.folder, Application.class, "pluggable.components.first.type=counter.first");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggablePluginAutoConfiguration.class })
	@EnableContract(Counter.class)
	static class Application {

		@Bean
		Initializer initializer() {
			return new Initializer();
		}

		@Bean
		@HostService
		Offered offered() {
			return new Offered();
		}

	}

	/**
	 * Remembers what it initialises.
	 */
	static class Initializer implements Counter.Initializer {

		private final List<String> components = new CopyOnWriteArrayList<>();

		@Override
		public Counter.Setup setup(ComponentContext context) {
			this.components.add(context.name());
			return new Counter.Setup(SetupRequest.getDefaultInstance(), Registry.hostService());
		}

	}

	/**
	 * A host service.
	 */
	static class Offered implements Helper {

		@Override
		public Number sum(AddRequest request) {
			return Number.getDefaultInstance();
		}

	}

	/**
	 * Makes no calls.
	 */
	private static final class NoChannel extends Channel {

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			throw new UnsupportedOperationException();
		}

		@Override
		public String authority() {
			return "";
		}

	}

}
