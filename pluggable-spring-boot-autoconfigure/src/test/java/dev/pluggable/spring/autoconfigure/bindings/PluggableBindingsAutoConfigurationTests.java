package dev.pluggable.spring.autoconfigure.bindings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Components;
import dev.pluggable.bindings.BindingEvent;
import dev.pluggable.bindings.FakeBindingServer;
import dev.pluggable.bindings.FakeBindingServer.BindingSide;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.bindings.OutputBinding;
import dev.pluggable.bindings.Reading;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.autoconfigure.endpoint.PluggableEndpointAutoConfiguration;
import dev.pluggable.spring.autoconfigure.health.PluggableHealthContributorAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.endpoint.PluggableEndpoint;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for bindings as beans, both built-in bindings and bindings on a socket.
 */
class PluggableBindingsAutoConfigurationTests {

	@TempDir
	Path folder;

	private final List<FakeBindingServer> servers = new CopyOnWriteArrayList<>();

	@AfterEach
	void close() {
		this.servers.forEach(FakeBindingServer::close);
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("pluggable-")));
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(5));
	}

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableBindingsAutoConfiguration.class,
					PluggableAutoConfiguration.class, PluggableEndpointAutoConfiguration.class,
					PluggableHealthContributorAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder,
					"management.endpoints.web.exposure.include=*");
	}

	private FakeBindingServer server(BindingSide... sides) {
		FakeBindingServer server = new FakeBindingServer(this.folder.resolve("box.sock")).serving(sides).start();
		this.servers.add(server);
		return server;
	}

	private static List<String> health(ApplicationContext context) {
		return context.getBean(CompositeHealthContributor.class).stream().map(HealthContributors.Entry::name).toList();
	}

	private static Status health(ApplicationContext context, String id) {
		HealthIndicator indicator = (HealthIndicator) context.getBean(CompositeHealthContributor.class)
			.getContributor(id);
		return indicator.health(false).getStatus();
	}

	private static List<String> described(ApplicationContext context) {
		return context.getBean(PluggableEndpoint.class)
			.pluggable()
			.components()
			.stream()
			.map((component) -> component.id() + " " + component.kind() + " " + component.type() + " "
					+ component.bean())
			.toList();
	}

	@Test
	void whenOneDeclarationIsTwoComponentsThenTheseAreTwoBeansWithOneQualifier() {
		server(BindingSide.INPUT, BindingSide.OUTPUT);
		runner().withPropertyValues("pluggable.components.mail.type=bindings.box")
			.withUserConfiguration(Both.class)
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.hasBean("mail.input-bindings")
					.hasBean("mail.output-bindings")
					.doesNotHaveBean("mail");
				Both both = context.getBean(Both.class);
				await().ignoreException(ComponentUnavailableException.class)
					.until(() -> both.output.operations().contains("create"));
				assertThat(both.output.invoke("create", new byte[] { 7 }).data()).containsExactly(7);
				assertThat(both.input).isSameAs(context.getBean("mail.input-bindings"));
				await().until(() -> health(context, "mail.input-bindings").equals(Status.UP)
						&& health(context, "mail.output-bindings").equals(Status.UP));
				assertThat(described(context)).contains(
						"mail.input-bindings input-bindings bindings.box mail.input-bindings",
						"mail.output-bindings output-bindings bindings.box mail.output-bindings");
				assertThat(context.getBean(PluggableEndpoint.class).component("mail.output-bindings")).isNotNull()
					.satisfies((component) -> assertThat(component.features()).containsExactly("create", "get"));
			});
	}

	@Test
	void whenTheSocketOffersOneThenOnlyThatIsABeanAndInHealth() {
		server(BindingSide.OUTPUT);
		runner()
			.withPropertyValues("pluggable.components.mail.type=bindings.box",
					"pluggable.components.mail.required=true", "pluggable.startup-timeout=20s")
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.hasSingleBean(OutputBinding.class)
					.doesNotHaveBean(InputBinding.class);
				assertThat(health(context)).contains("mail.output-bindings").doesNotContain("mail.input-bindings");
			});
	}

	@Test
	void whenTheSocketComesLaterThenTheOtherLeavesAndReturnsWithTheNext() {
		runner().withPropertyValues("pluggable.components.mail.type=bindings.box")
			.withUserConfiguration(Both.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(health(context)).contains("mail.input-bindings", "mail.output-bindings");
				FakeBindingServer first = server(BindingSide.OUTPUT);
				await().until(() -> !health(context).contains("mail.input-bindings"));
				assertThat(described(context)).noneMatch((line) -> line.startsWith("mail.input-bindings"));
				Components<InputBinding> inputs = context.getBean(Consumers.class).inputs;
				assertThat(inputs.stream()).isEmpty();
				first.close();
				server(BindingSide.INPUT, BindingSide.OUTPUT);
				await().until(() -> health(context).contains("mail.input-bindings"));
				await().ignoreException(ComponentUnavailableException.class).untilAsserted(() -> {
					context.getBean(Both.class).input.ping();
					assertThat(inputs.stream().map(Component::name)).containsExactly("mail");
				});
			});
	}

	@Test
	void whenCronIsDeclaredThenItTicks() {
		runner()
			.withPropertyValues("pluggable.components.tick.type=bindings.cron",
					"pluggable.components.tick.metadata.schedule=@every 1s",
					"pluggable.components.tick.metadata.direction=input")
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(InputBinding.class).hasBean("tick.input-bindings");
				BlockingQueue<BindingEvent> events = new LinkedBlockingQueue<>();
				Reading reading = context.getBean(InputBinding.class).read((event) -> {
					events.add(event);
					return null;
				});
				assertThat(events.poll(20, TimeUnit.SECONDS)).isNotNull()
					.satisfies((event) -> assertThat(event.metadata()).containsKeys("readTimeUTC", "timeZone"));
				assertThat(context.getBean(ComponentHost.class).registry().components())
					.filteredOn((component) -> component.name().equals("tick"))
					.singleElement()
					.satisfies((component) -> assertThat(component.status().state()).isEqualTo(ComponentState.READY));
				reading.close();
			});
	}

	@Test
	void whenTheHostClosesThenRunsEnd() {
		runner()
			.withPropertyValues("pluggable.components.tick.type=bindings.cron",
					"pluggable.components.tick.metadata.schedule=@every 1s")
			.run((context) -> context.getBean(InputBinding.class).read((event) -> null));
	}

	@Test
	void whenHttpIsDeclaredThenItIsAnOutputBinding() {
		runner()
			.withPropertyValues("pluggable.components.web.type=bindings.http",
					"pluggable.components.web.metadata.url=http://localhost:1/")
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.hasSingleBean(OutputBinding.class)
					.hasBean("web.output-bindings")
					.doesNotHaveBean(InputBinding.class);
				assertThat(context.getBean(OutputBinding.class).operations()).contains("create", "trace");
				assertThat(context.getBean(PluggableEndpoint.class).component("web.output-bindings").features())
					.isEqualTo(Set.of("create", "delete", "get", "head", "options", "patch", "post", "put", "trace"));
			});
	}

	@Test
	void whenNothingIsDeclaredThenThereIsNoBinding() {
		runner().run((context) -> assertThat(context).hasNotFailed()
			.doesNotHaveBean(InputBinding.class)
			.doesNotHaveBean(OutputBinding.class));
	}

	@Test
	void whenSpringWebIsNotThereThenCronWorksAndHttpIsASocket() {
		runner().withClassLoader(new FilteredClassLoader(RestClient.class))
			.withPropertyValues("pluggable.components.tick.type=bindings.cron",
					"pluggable.components.tick.metadata.schedule=@hourly",
					"pluggable.components.web.type=bindings.http", "pluggable.components.web.metadata.direction=output")
			.run((context) -> {
				assertThat(context).hasNotFailed().hasBean("tick.input-bindings").hasBean("web.output-bindings");
				assertThat(context.getBean(PluggableEndpoint.class).component("web.output-bindings").endpoint())
					.isEqualTo("http");
			});
	}

	@Test
	void whenMetadataAreWrongThenTheStartFailsWithoutTheValue() {
		runner()
			.withPropertyValues("pluggable.components.web.type=bindings.http",
					"pluggable.components.web.metadata.url=s3cret")
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("Component 'web' of type 'bindings.http' cannot be made")
				.hasStackTraceContaining("'url'")
				.satisfies((failure) -> {
					for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
						assertThat(cause.toString()).doesNotContain("s3cret");
					}
				}));
	}

	@Test
	void whenASocketHasTheNameOfABuiltInTypeThenNeitherSideIsPublished() {
		FakeBindingServer server = new FakeBindingServer(this.folder.resolve("cron.sock"))
			.serving(BindingSide.INPUT, BindingSide.OUTPUT)
			.start();
		this.servers.add(server);
		runner().run((context) -> {
			await().until(() -> context.getBean(ComponentHost.class).conflicts("cron").size() == 2);
			assertThat(context).doesNotHaveBean(InputBinding.class).doesNotHaveBean(OutputBinding.class);
			assertThat(server.inits).isEmpty();
		});
	}

	@Configuration(proxyBeanMethods = false)
	@Import(Consumers.class)
	static class Both {

		final InputBinding input;

		final OutputBinding output;

		Both(@Qualifier("mail") InputBinding input, @Qualifier("mail") OutputBinding output) {
			this.input = input;
			this.output = output;
		}

	}

	static class Consumers {

		final Components<InputBinding> inputs;

		Consumers(Components<InputBinding> inputs) {
			this.inputs = inputs;
		}

	}

}
