package dev.pluggable.spring.autoconfigure;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.diagnostics.PluggableDiagnosticsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.endpoint.PluggableEndpointAutoConfiguration;
import dev.pluggable.spring.autoconfigure.grpc.PluggableGrpcInterceptorsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.health.PluggableHealthContributorAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.plugin.PluggablePluginAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.autoconfigure.state.PluggableStateAutoConfiguration;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.transport.TransportType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that an application works without each optional dependency, and without all
 * optional dependencies.
 */
class OptionalPartsTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	/**
	 * Jars that are optional for an application.
	 */
	private static final Pattern OPTIONAL = Pattern.compile(
			"(spring-boot-(actuator|health|grpc|web|servlet|tomcat|http|starter-web|starter-tomcat|jackson|starter-jackson)"
					+ "|spring-(web|grpc|messaging)|jakarta.servlet-api|reactive-streams|reactor-core|bc(pkix|prov|util)-|tomcat-|jackson-|netty-transport-(native|classes)-(epoll|kqueue)).*\\.jar");

	@TempDir
	Path folder;

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.boot.actuate", "org.springframework.boot.health",
			"org.springframework.boot.grpc,org.springframework.grpc", "org.springframework.web,jakarta.servlet",
			"org.springframework.messaging", "tools.jackson", "org.springframework.messaging,tools.jackson",
			"org.springframework.boot.actuate,org.springframework.boot.health,org.springframework.boot.grpc,"
					+ "org.springframework.grpc,org.springframework.web,jakarta.servlet,"
					+ "org.springframework.messaging,tools.jackson" })
	void whenAPartIsMissingThenComponentsWork(String packages) {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("redis.sock")).start()) {
			new ApplicationContextRunner().withUserConfiguration(Application.class)
				.withClassLoader(new FilteredClassLoader(packages.split(",")))
				.withPropertyValues("pluggable.socket-folders=" + this.folder,
						"management.endpoints.web.exposure.include=*")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					Awaitility.await().atMost(TIMEOUT).until(() -> context.containsBean("redis.state"));
					use(context.getBean("redis.state", StateStore.class));
					assertThat(context.containsBean("pluggableEndpoint"))
						.isNotEqualTo(packages.contains("boot.actuate"));
					assertThat(context.containsBean("pluggableHealthContributor"))
						.isNotEqualTo(packages.contains("boot.health"));
					assertThat(context.containsBean("pluggableTopicListenerProcessor"))
						.isNotEqualTo(packages.contains("messaging"));
					assertThat(context.containsBean("pluggableBindingListenerProcessor"))
						.isNotEqualTo(packages.contains("messaging"));
					assertThat(context.containsBean("pluggableStateTemplate"))
						.isNotEqualTo(packages.contains("tools.jackson"));
				});
		}
	}

	/**
	 * Start a separate Java process without the jars. A filtered class loader would not
	 * hide epoll from the transport.
	 */
	@Test
	void whenNoOptionalJarIsThereThenComponentsWorkByNio() {
		String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> !OPTIONAL.matcher(Path.of(entry).getFileName().toString()).matches())
			.collect(Collectors.joining(File.pathSeparator));
		try (ComponentProcess process = ComponentProcess.start(new ProcessBuilder(
				Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
				"-XX:+UseSerialGC", "-cp", classPath, Minimal.class.getName(), this.folder.toString()))) {
			Awaitility.await()
				.atMost(TIMEOUT)
				.untilAsserted(() -> assertThat(process.output()).anyMatch((line) -> line.equals("end")));
			assertThat(process.output()).contains("transport: NIO", "optional classes: none", "works")
				.anyMatch((line) -> line.startsWith("unavailable: EPOLL") && line.contains("io.netty.channel.epoll"))
				.noneMatch((line) -> line.contains(" WARN ") || line.contains(" ERROR "));
		}
	}

	private static void use(StateStore store) {
		Awaitility.await()
			.atMost(TIMEOUT)
			.ignoreException(dev.pluggable.ComponentUnavailableException.class)
			.untilAsserted(() -> store.set("k", "v".getBytes(StandardCharsets.UTF_8)));
		assertThat(store.get("k").map(StateItem::value)).contains("v".getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * Imports auto-configurations by name, as an application does. Spring reads the
	 * classes without loading them, so annotations on the classes may be missing.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggableDiagnosticsAutoConfiguration.class,
			PluggableEndpointAutoConfiguration.class, PluggableGrpcInterceptorsAutoConfiguration.class,
			PluggableHealthContributorAutoConfiguration.class, PluggableListenerAutoConfiguration.class,
			PluggableBindingListenerAutoConfiguration.class, PluggablePluginAutoConfiguration.class,
			PluggablePubSubAutoConfiguration.class, PluggableStateAutoConfiguration.class })
	static class Application {

	}

	/**
	 * A minimal application.
	 */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Minimal {

		public static void main(String[] arguments) {
			Path folder = Path.of(arguments[0]);
			try (FakeStateServer server = new FakeStateServer(folder.resolve("redis.sock"));
					ConfigurableApplicationContext context = SpringApplication.run(Minimal.class,
							"--pluggable.socket-folders=" + folder, "--spring.main.banner-mode=off")) {
				System.out.println("optional classes: " + optionalClass());
				ComponentHost host = context.getBean(ComponentHost.class);
				System.out.println("transport: " + host.transport());
				for (Map.Entry<TransportType, String> reason : host.unavailableTransports().entrySet()) {
					System.out.println("unavailable: " + reason.getKey() + " " + reason.getValue());
				}
				server.start();
				Awaitility.await().atMost(TIMEOUT).until(() -> context.containsBean("redis.state"));
				use(context.getBean("redis.state", StateStore.class));
				System.out.println("works");
			}
			System.out.println("end");
		}

		private static String optionalClass() {
			for (String name : new String[] { "org.springframework.boot.actuate.endpoint.annotation.Endpoint",
					"org.springframework.boot.health.contributor.HealthContributor",
					"org.springframework.grpc.client.GrpcChannelFactory", "org.springframework.web.client.RestClient",
					"jakarta.servlet.Servlet", "io.netty.channel.epoll.Epoll", "org.springframework.messaging.Message",
					"tools.jackson.databind.json.JsonMapper" }) {
				if (ClassUtils.isPresent(name, null)) {
					return name;
				}
			}
			return "none";
		}

	}

}
