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
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;

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
		TestGenerationContext generation = process();
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(HelperKind.class)
			.withMemberCategory(MemberCategory.INVOKE_DECLARED_CONSTRUCTORS)).accepts(generation.getRuntimeHints());
		TestCompiler.forSystem().with(generation).compile((compiled) -> {
			GenericApplicationContext context = new GenericApplicationContext();
			properties().applyTo(context);
			initializer(compiled.getInstance(ApplicationContextInitializer.class)).initialize(context);
			try (context) {
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
			}
		});
	}

	@SuppressWarnings("unchecked")
	private static ApplicationContextInitializer<GenericApplicationContext> initializer(
			ApplicationContextInitializer<?> initializer) {
		return (ApplicationContextInitializer<GenericApplicationContext>) initializer;
	}

	private TestPropertyValues properties() {
		return TestPropertyValues.of("pluggable.socket-folders=" + this.folder,
				"pluggable.components.first.type=counter.first");
	}

	private TestGenerationContext process() {
		AbstractAotProcessor.Settings settings = AbstractAotProcessor.Settings.builder()
			.sourceOutput(this.folder.resolve("sources"))
			.resourceOutput(this.folder.resolve("resources"))
			.classOutput(this.folder.resolve("classes"))
			.groupId("dev.pluggable")
			.artifactId("test")
			.build();
		return new AbstractAotProcessor<TestGenerationContext>(settings) {

			@Override
			protected TestGenerationContext doProcess() {
				try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
					properties().applyTo(context);
					context.register(Application.class);
					TestGenerationContext generation = new TestGenerationContext();
					new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
					generation.writeGeneratedContent();
					return generation;
				}
			}

		}.process();
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
