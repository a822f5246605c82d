package dev.pluggable.spring.autoconfigure.resources;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import com.google.protobuf.ByteString;
import dev.pluggable.ApplicationIdentity;
import dev.pluggable.Component;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.InvalidDeclarationException;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.host.ComponentDeclarationSource;
import dev.pluggable.spring.resources.ComponentFiles;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.DefaultResourceLoader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link PluggableResourcesAutoConfiguration} and the identity of the
 * application.
 */
@ExtendWith(OutputCaptureExtension.class)
class PluggableResourcesAutoConfigurationTests {

	@TempDir
	Path folder;

	private Path write(String name, String... lines) throws IOException {
		return Files.writeString(this.folder.resolve(name), String.join("\n", lines) + "\n");
	}

	private Path component(String type, String... lines) throws IOException {
		return write("orders.yaml", "apiVersion: dapr.io/v1alpha1", "kind: Component", "metadata:", "  name: orders",
				"spec:", "  type: " + type, String.join("\n", lines));
	}

	private ApplicationContextRunner runner(Map<String, Object> variables) {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PluggableAutoConfiguration.class, PluggableResourcesAutoConfiguration.class))
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
						new SystemEnvironmentPropertySource(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
								new LinkedHashMap<>(variables))))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.resources=file:" + this.folder,
					"pluggable.startup-timeout=0s");
	}

	private ApplicationContextRunner runner() {
		return runner(Map.of());
	}

	private static Component<?> orders(ComponentRegistry registry) {
		return registry.components()
			.stream()
			.filter((component) -> component.name().equals("orders"))
			.findFirst()
			.orElseThrow();
	}

	@Test
	void whenAFileDeclaresAComponentThenItWorksOverItsSocketWithTheKeysOfDapr() throws IOException {
		component("state.Redis", "  version: v1", "  initTimeout: 30s", "  metadata:", "  - name: host",
				"    value: localhost", "  - name: password", "    envRef: REDIS_PASSWORD", "  - name: keyPrefix",
				"    value: appid", "scopes: [shop]");
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("redis.sock")).start()) {
			server.values().put("shop||old", ByteString.copyFromUtf8("by Dapr"));
			runner(Map.of("REDIS_PASSWORD", "${pw}")).withPropertyValues("spring.application.name=shop")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					StateStore store = context.getBean("orders", StateStore.class);
					Awaitility.await()
						.atMost(Duration.ofSeconds(30))
						.ignoreException(dev.pluggable.ComponentUnavailableException.class)
						.untilAsserted(() -> store.set("k", "v".getBytes(StandardCharsets.UTF_8)));
					assertThat(store.get("k").map(StateItem::text)).contains("v");
					assertThat(store.get("old").map(StateItem::text)).contains("by Dapr");
					assertThat(server.values()).containsOnlyKeys("shop||k", "shop||old");
					assertThat(orders(context.getBean(ComponentRegistry.class)).required()).isTrue();
					assertThat(server.inits).singleElement()
						.asString()
						.startsWith("orders{")
						.contains("host=localhost", "password=${pw}", "keyPrefix=appid");
				});
		}
	}

	@Test
	void whenAFileRefersToASecretThenTheComponentGetsItAndNothingElseShowsIt(CapturedOutput output) throws IOException {
		Path secrets = Files.writeString(this.folder.resolve("secrets.json"), "{\"redis\": \"s3cret\"}");
		component("state.redis", "  metadata:", "  - name: password", "    secretKeyRef: { name: redis }",
				"auth: { secretStore: vault }", "---", "apiVersion: dapr.io/v1alpha1", "kind: Component",
				"metadata: { name: vault }", "spec:", "  type: secretstores.local.file", "  metadata:",
				"  - name: secretsFile", "    value: " + secrets);
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("redis.sock")).start()) {
			runner().run((context) -> {
				assertThat(context).hasNotFailed();
				Awaitility.await()
					.atMost(Duration.ofSeconds(30))
					.untilAsserted(() -> assertThat(server.inits).containsExactly("orders{password=s3cret}"));
			});
			assertThat(output).doesNotContain("s3cret");
		}
	}

	@Test
	void whenPropertiesSayWhereAValueComesFromThenThatOfTheFileDoesNotCount() throws IOException {
		Path secrets = Files.writeString(this.folder.resolve("secrets.json"), "{\"redis\": \"s3cret\"}");
		component("state.redis", "  metadata:", "  - name: a", "    secretKeyRef: { name: none }", "  - name: b",
				"    value: file", "auth: { secretStore: none }");
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("redis.sock")).start()) {
			runner()
				.withPropertyValues("pluggable.components.vault.type=secretstores.file",
						"pluggable.components.vault.metadata.secretsFile=" + secrets,
						"pluggable.components.orders.metadata.a=property",
						"pluggable.components.orders.metadata-from.b.secret-store=vault",
						"pluggable.components.orders.metadata-from.b.key=redis")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					Awaitility.await()
						.atMost(Duration.ofSeconds(30))
						.untilAsserted(() -> assertThat(server.inits).singleElement()
							.asString()
							.contains("a=property", "b=s3cret"));
				});
		}
	}

	@Test
	void whenTheSecretStoreOfAFileIsNotDeclaredThenTheFileIsNamed(CapturedOutput output) throws IOException {
		Path file = component("state.redis", "  metadata:", "  - name: password", "    secretKeyRef: { name: redis }",
				"auth: { secretStore: vault }");
		fail();
		assertThat(output).contains("APPLICATION FAILED TO START", "'vault'",
				"The component is declared by the component file '" + file + "', line 4.");
	}

	@Test
	void whenPropertiesSayMoreAboutAComponentThenTheyWinOneByOne() throws IOException {
		component("state.redis", "  initTimeout: 1m", "  metadata:", "  - name: a", "    value: file", "  - name: b",
				"    value: file");
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			runner()
				.withPropertyValues("pluggable.components.orders.type=state.h2",
						"pluggable.components.orders.required=false", "pluggable.components.orders.metadata.b=property",
						"pluggable.components.orders.metadata.c=property")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(orders(context.getBean(ComponentRegistry.class)).required()).isFalse();
					Awaitility.await()
						.atMost(Duration.ofSeconds(30))
						.untilAsserted(() -> assertThat(server.inits).singleElement()
							.asString()
							.contains("a=file", "b=property", "c=property"));
				});
		}
	}

	@Test
	void whenPropertiesSetNoTypeThenThatOfTheFileHolds() throws IOException {
		component("state.in-memory");
		runner().withPropertyValues("pluggable.components.orders.call-timeout=1s").run((context) -> {
			assertThat(context.getBean("orders")).isInstanceOf(InMemoryStateStore.class);
			assertThat(orders(context.getBean(ComponentRegistry.class)).required()).isTrue();
		});
	}

	@Test
	void whenFilesAreOnTheClassPathThenTheyDeclareBeans() {
		runner().withPropertyValues("pluggable.resources=classpath:/components,optional:file:/no/such/folder")
			.run((context) -> assertThat(context).hasBean("first").hasBean("second"));
	}

	@Test
	void whenThereAreNoFilesThenNothingChanges() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PluggableAutoConfiguration.class, PluggableResourcesAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder)
			.run((context) -> assertThat(context).hasNotFailed().hasBean("in-memory.state"));
	}

	@Test
	void whenAFileCannotBeUsedThenTheApplicationSaysWhereAndWhatToWrite(CapturedOutput output) throws IOException {
		Path file = component("state.redis", "  version: v7", "  metadata:", "  - name: password", "    value: s3cret");
		fail();
		assertThat(output)
			.contains("APPLICATION FAILED TO START", "Component file '" + file + "', line 7: there is no version 'v7'.",
					"Write 'version: v1'")
			.doesNotContain("s3cret");
	}

	@Test
	void whenTheHostRefusesAComponentOfAFileThenTheFileIsNamed(CapturedOutput output) throws IOException {
		Path file = component("sate.redis");
		fail();
		assertThat(output).contains("APPLICATION FAILED TO START", "there is no kind 'sate'",
				"The component is declared by the component file '" + file + "', line 4.");
	}

	@Test
	void whenThePrefixOfAComponentNeedsAnIdThenTheApplicationSaysSo(CapturedOutput output) throws IOException {
		component("state.in-memory", "  metadata:", "  - name: keyPrefix", "    value: appid");
		fail();
		assertThat(output).contains("APPLICATION FAILED TO START", "'orders'", "'keyPrefix'",
				"set 'pluggable.application.id' or 'spring.application.name'");
	}

	private void fail() {
		assertThatException()
			.isThrownBy(() -> new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
				.run("--spring.main.banner-mode=off", "--pluggable.socket-folders=" + this.folder,
						"--pluggable.resources=" + this.folder)
				.close());
	}

	@Test
	void whenASourceIsABeanThenItDeclaresComponentsAndIsToldWhoTheApplicationIs() {
		assertIdentity(runner(), "", "");
		assertIdentity(runner().withPropertyValues("spring.application.name=shop"), "shop", "");
		assertIdentity(runner().withPropertyValues("spring.application.name=shop", "pluggable.application.id=store",
				"pluggable.application.namespace=dev"), "store", "dev");
		assertIdentity(runner(Map.of("NAMESPACE", "prod", "POD_NAMESPACE", "other")), "", "prod");
		assertIdentity(runner(Map.of("POD_NAMESPACE", "other")), "", "other");
		assertIdentity(runner(Map.of("NAMESPACE", "prod")).withPropertyValues("spring.application.name=shop",
				"pluggable.application.id=", "pluggable.application.namespace="), "", "");
	}

	private static void assertIdentity(ApplicationContextRunner runner, String id, String namespace) {
		AtomicReference<ApplicationIdentity> told = new AtomicReference<>();
		runner.withBean(ComponentDeclarationSource.class, () -> (defaults, application) -> {
			told.set(application);
			return List.of();
		}).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(told).hasValue(new ApplicationIdentity(id, namespace));
		});
	}

	@Test
	void whenTwoSourcesDeclareTheSameNameThenTheStartFails() throws IOException {
		component("state.in-memory");
		runner()
			.withBean(ComponentDeclarationSource.class,
					() -> (defaults,
							application) -> new ComponentFiles(List.of(this.folder.toString()), Set::of,
									new DefaultResourceLoader(), (name) -> null)
								.declarations(defaults, application))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidDeclarationException.class)
				.hasMessageContaining("declared twice"));
	}

	/**
	 * An application with component files.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggableResourcesAutoConfiguration.class })
	static class Application {

	}

}
