package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Path;
import java.time.Duration;

import dev.pluggable.Components;
import dev.pluggable.fixtures.FakeGreeter;
import dev.pluggable.fixtures.FakeReflection;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto;
import dev.pluggable.grpc.DynamicService;
import dev.pluggable.spring.autoconfigure.endpoint.PluggableEndpointAutoConfiguration;
import dev.pluggable.spring.autoconfigure.health.PluggableHealthContributorAutoConfiguration;
import dev.pluggable.spring.endpoint.PluggableEndpoint;
import dev.pluggable.spring.health.PluggableHealthContributor;
import io.grpc.Channel;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DynamicService} beans: they are there for those who want them, and in
 * nobody's way.
 */
class DynamicServiceBeansTests {

	private static final String SERVICE = GreeterGrpc.SERVICE_NAME;

	@TempDir
	Path folder;

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class,
					PluggableEndpointAutoConfiguration.class, PluggableHealthContributorAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.discovery.initial-wait=20s",
					"management.endpoints.web.exposure.include=*");
	}

	private FakeGreeter greeter(String name) {
		return new FakeGreeter(this.folder.resolve(name + ".sock")).start();
	}

	@Test
	void whenNoKindHasAServiceThenItIsABeanBesideTheChannelOfItsServer() {
		try (FakeGreeter greeter = greeter("greeter")) {
			runner().withUserConfiguration(GreetingConfiguration.class).run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(Greeting.class).greet()).isEqualTo("{\"greeting\":\"Hello, Ada\"}");
				assertThat(context.getBean(Greeting.class).components().list()).singleElement()
					.satisfies((component) -> assertThat(component.name()).isEqualTo("greeter." + SERVICE));
				assertThat(context.getBean(DynamicService.class))
					.isSameAs(context.getBean("greeter." + SERVICE + ".dynamic"));
				assertThat(context.getBean(Channel.class)).isSameAs(context.getBean("greeter.grpc"));
				assertThat(context.getBean(PluggableEndpoint.class).component("greeter." + SERVICE + ".dynamic").kind())
					.isEqualTo("dynamic");
				assertThat(context.getBean(PluggableHealthContributor.class).stream())
					.extracting(HealthContributors.Entry::name)
					.contains("greeter.grpc", "endpoint:greeter")
					.doesNotContain("greeter." + SERVICE + ".dynamic");
			});
		}
	}

	@Test
	void whenAServiceIsDeclaredThenForeignServicesDoNotChangeItsInjection() {
		try (FakeGreeter greeter = greeter("greeter");
				FakeGreeter first = greeter("first");
				FakeGreeter second = greeter("second")) {
			runner()
				.withPropertyValues("pluggable.components.hello.type=dynamic.greeter",
						"pluggable.components.hello.services=" + SERVICE)
				.run((context) -> {
					assertThat(context).hasNotFailed();
					for (String socket : new String[] { "first", "second" }) {
						Awaitility.await()
							.atMost(Duration.ofSeconds(20))
							.until(() -> context.containsBean(socket + "." + SERVICE + ".dynamic"));
					}
					assertThat(context.getBean(DynamicService.class)).isSameAs(context.getBean("hello"));
					assertThat(context.getBean(PluggableHealthContributor.class).getContributor("hello")).isNotNull();
				});
		}
	}

	@Test
	void whenTwoForeignServersOfferTheServiceThenTheApplicationStillStarts() {
		try (FakeGreeter first = greeter("first"); FakeGreeter second = greeter("second")) {
			runner().withUserConfiguration(OptionalConfiguration.class)
				.run((context) -> assertThat(context).hasNotFailed());
		}
	}

	@Test
	void whenADescriptionNeverComesThenTheApplicationStillStarts() {
		FakeReflection reflection = new FakeReflection().with(GreeterProto.getDescriptor().toProto()).silent(true);
		try (FakeGreeter bad = new FakeGreeter(this.folder.resolve("bad.sock")).with(reflection).start()) {
			long start = System.nanoTime();
			runner().run((context) -> {
				assertThat(context).hasNotFailed().hasBean("bad." + SERVICE + ".dynamic").hasBean("bad.grpc");
				assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
			});
		}
	}

	@Test
	void whenThePropertyIsFalseThenOnlyTheServerIsABean() {
		try (FakeGreeter greeter = greeter("greeter")) {
			runner().withPropertyValues("pluggable.discovery.publish-unknown-services=false")
				.run((context) -> assertThat(context).hasBean("greeter.grpc").doesNotHaveBean(DynamicService.class));
		}
	}

	/**
	 * Uses a service of which the application has no code.
	 */
	private record Greeting(DynamicService greeter, Components<DynamicService> components) {

		String greet() {
			return this.greeter.json().unary("Greet", "{\"name\": \"Ada\"}");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class GreetingConfiguration {

		@Bean
		Greeting greeting(@Qualifier("greeter." + GreeterGrpc.SERVICE_NAME) DynamicService greeter,
				Components<DynamicService> components) {
			return new Greeting(greeter, components);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OptionalConfiguration {

		@Bean
		String service(ObjectProvider<DynamicService> service) {
			return String.valueOf(service.getIfUnique());
		}

	}

}
