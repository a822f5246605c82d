package dev.pluggable.sample.host;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import dev.pluggable.ComponentState;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableProperties;
import dev.pluggable.state.EtagMismatchException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Compiles and runs the classes of the README, and uses its configuration. The continuous
 * integration runs its commands.
 */
class ReadmeTests {

	private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

	private static final Pattern CLASS = Pattern.compile("^(?:public )?class (\\w+)", Pattern.MULTILINE);

	@TempDir
	static Path classes;

	@TempDir
	Path folder;

	private static String readme;

	private static ClassLoader samples;

	@BeforeAll
	static void compile() throws IOException {
		readme = Files.readString(ROOT.resolve("README.md"));
		List<Path> sources = new ArrayList<>();
		for (String block : blocks("java")) {
			Matcher name = CLASS.matcher(block);
			assertThat(name.find()).as(block).isTrue();
			sources.add(Files.writeString(classes.resolve(name.group(1) + ".java"),
					"package " + packageOf(name.group(1)) + ";\n" + block));
		}
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		StringWriter messages = new StringWriter();
		try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
			boolean compiled = compiler.getTask(
					messages, files, null, List.of("-d", classes.toString(), "-cp",
							System.getProperty("java.class.path"), "-proc:none", "-parameters"),
					null, files.getJavaFileObjectsFromPaths(sources))
				.call();
			assertThat(compiled).as(messages.toString()).isTrue();
		}
		samples = new URLClassLoader(new URL[] { classes.toUri().toURL() }, ReadmeTests.class.getClassLoader());
	}

	/**
	 * Each sample is a separate application.
	 */
	private static String packageOf(String sample) {
		return "readme." + sample.toLowerCase(Locale.ROOT);
	}

	private static Class<?> sample(String name) throws ClassNotFoundException {
		return samples.loadClass(packageOf(name) + "." + name);
	}

	private static List<String> blocks(String language) {
		List<String> blocks = new ArrayList<>();
		Matcher matcher = Pattern.compile("^```" + language + "\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
			.matcher(readme);
		while (matcher.find()) {
			blocks.add(matcher.group(1));
		}
		assertThat(blocks).isNotEmpty();
		return blocks;
	}

	private ApplicationContextRunner runner() throws IOException {
		List<PropertySource<?>> yaml = yaml(0);
		return new ApplicationContextRunner().withInitializer(
				(context) -> yaml.forEach((source) -> context.getEnvironment().getPropertySources().addLast(source)))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.startup-timeout=0s")
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class));
	}

	private static List<PropertySource<?>> yaml(int number) throws IOException {
		assertThat(blocks("yaml")).hasSize(2);
		return new YamlPropertySourceLoader().load("README",
				new ByteArrayResource(blocks("yaml").get(number).getBytes(StandardCharsets.UTF_8)));
	}

	@Test
	void whenThePluginOfTheReadmeIsReadThenItIsALaunchedComponent() throws Exception {
		StandardEnvironment environment = new StandardEnvironment();
		yaml(1).forEach(environment.getPropertySources()::addFirst);
		PluggableProperties properties = Binder.get(environment).bind("pluggable", PluggableProperties.class).get();
		assertThat(properties.plugins()).containsOnlyKeys("h2").hasEntrySatisfying("h2", (plugin) -> {
			assertThat(plugin.command()).containsExactly("java", "-jar", "/opt/components/h2.jar");
			assertThat(plugin.protocol()).isEqualTo(PluginProtocol.SOCKET);
			assertThat(plugin.required()).isTrue();
			assertThat(plugin.restart().mode()).isEqualTo(RestartSettings.Mode.STOP_FIRST);
		});
		assertThat(properties.components().get("orders").type()).isEqualTo("state.h2");
	}

	@Test
	void whenTheSamplesAreBeansThenTheyDoWhatTheReadmeSays() throws Exception {
		Class<?> orders = sample("Orders");
		runner().withUserConfiguration(orders).run((context) -> {
			Object service = context.getBean(orders);
			assertThatExceptionOfType(ComponentUnavailableException.class)
				.isThrownBy(() -> ReflectionTestUtils.invokeMethod(service, "find", "1"));
			try (FakeStateServer component = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
				Awaitility.await()
					.atMost(Duration.ofSeconds(20))
					.until(() -> context.getBean(ComponentHost.class)
						.registry()
						.components()
						.stream()
						.anyMatch((found) -> found.status().state() == ComponentState.READY && found.required()));
				ReflectionTestUtils.invokeMethod(service, "place", "1", bytes("book"));
				Optional<byte[]> found = ReflectionTestUtils.invokeMethod(service, "find", "1");
				assertThat(found).hasValueSatisfying((value) -> assertThat(value).isEqualTo(bytes("book")));
				assertThat(component.inits).containsExactly("orders{path=orders.mv}");
			}
			assertThat(context.getBean(PluggableProperties.class).components().get("orders").callTimeout())
				.isEqualTo(Duration.ofMillis(500));
		});
	}

	@Test
	void whenTheComponentOfTheReadmeRunsThenItIsFound() throws Exception {
		Class<?> main = sample("Main");
		AtomicReference<ConfigurableApplicationContext> started = new AtomicReference<>();
		SpringApplication.withHook((application) -> new SpringApplicationRunListener() {

			@Override
			public void ready(ConfigurableApplicationContext context, Duration timeTaken) {
				started.set(context);
			}

		}, () -> ReflectionTestUtils.invokeMethod(main, "main", (Object) new String[] { "--spring.config.name=none",
				"--spring.main.web-application-type=none", "--pluggable.server.folder=" + this.folder }));
		try (ConfigurableApplicationContext component = started.get()) {
			assertThat(component.getBeansOfType(ComponentHost.class)).isEmpty();
			runner().run((context) -> {
				Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> context.containsBean("mine.state"));
				assertThat(context.getBean("mine.state")).isNotNull();
			});
		}
		assertThat(this.folder.resolve("mine.sock")).doesNotExist();
	}

	@Test
	void whenOrdersArePlacedTwiceThenTheFirstWins() {
		assertThat(blocks("java").get(0)).contains("FIRST_WRITE");
		dev.pluggable.state.InMemoryStateStore store = new dev.pluggable.state.InMemoryStateStore();
		assertThatExceptionOfType(EtagMismatchException.class).isThrownBy(() -> {
			Class<?> orders = sample("Orders");
			java.lang.reflect.Constructor<?> constructor = orders.getDeclaredConstructors()[0];
			constructor.setAccessible(true);
			Object service = constructor.newInstance(store);
			ReflectionTestUtils.invokeMethod(service, "place", "1", bytes("first"));
			assertThat(store.get("1")).isPresent();
			ReflectionTestUtils.invokeMethod(service, "place", "1", bytes("second"));
		});
		assertThat(store.get("1").orElseThrow().value()).isEqualTo(bytes("first"));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
