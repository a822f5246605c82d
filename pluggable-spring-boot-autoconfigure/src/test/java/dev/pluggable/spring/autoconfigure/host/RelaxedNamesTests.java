package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentType;
import dev.pluggable.fixtures.Connections;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.HostSettings;
import dev.pluggable.host.SecretReference;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.spring.autoconfigure.resources.PluggableResourcesAutoConfiguration;
import dev.pluggable.spring.autoconfigure.server.PluggableServerAutoConfiguration;
import dev.pluggable.spring.server.PluggableComponent;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for names of components that environment variables write in another way.
 */
class RelaxedNamesTests {

	@TempDir
	Path folder;

	private static ConfigurableEnvironment environment(Map<String, Object> file, Map<String, Object> variables) {
		ConfigurableEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().forEach((source) -> environment.getPropertySources().remove(source.getName()));
		environment.getPropertySources().addLast(new SystemEnvironmentPropertySource("systemEnvironment", variables));
		environment.getPropertySources().addLast(new MapPropertySource("file", file));
		ConfigurationPropertySources.attach(environment);
		return environment;
	}

	private static List<ComponentDeclaration> declarations(Map<String, Object> file, Map<String, Object> variables) {
		return PropertiesHostSettings.declarations(environment(file, variables), List.of());
	}

	@Test
	void whenAVariableStandsForADashedNameThenThereIsOneComponentWithTheValueOfTheVariable() {
		assertThat(declarations(
				Map.of("pluggable.components.order-store.type", "state.h2",
						"pluggable.components.order-store.metadata.redisHost", "file",
						"pluggable.components.order-store.required", "true"),
				Map.of("PLUGGABLE_COMPONENTS_ORDERSTORE_TYPE", "state.redis",
						"PLUGGABLE_COMPONENTS_ORDERSTORE_METADATA_REDISHOST", "variable",
						"PLUGGABLE_COMPONENTS_ORDERSTORE_METADATA_USER", "me")))
			.singleElement()
			.satisfies((declaration) -> {
				assertThat(declaration.name()).isEqualTo("order-store");
				assertThat(declaration.type()).hasToString("state.redis");
				assertThat(declaration.required()).isTrue();
				assertThat(declaration.metadata())
					.containsExactlyInAnyOrderEntriesOf(Map.of("redisHost", "variable", "user", "me"));
			});
	}

	@Test
	void whenAVariableStandsForANameWithUpperCaseThenThereIsOneComponent() {
		assertThat(declarations(Map.of("pluggable.components.orderStore.type", "state.h2"),
				Map.of("PLUGGABLE_COMPONENTS_ORDERSTORE_TYPE", "state.redis")))
			.singleElement()
			.satisfies((declaration) -> {
				assertThat(declaration.name()).isEqualTo("orderStore");
				assertThat(declaration.type()).hasToString("state.redis");
			});
	}

	@Test
	void whenAVariableStandsForMetadataOfANameWithUpperCaseThenThereIsOneEntry() {
		assertThat(declarations(
				Map.of("pluggable.components.orderStore.type", "state.h2",
						"pluggable.components.orderStore.metadata.redisHost", "file"),
				Map.of("PLUGGABLE_COMPONENTS_ORDERSTORE_METADATA_REDISHOST", "variable")))
			.singleElement()
			.satisfies((declaration) -> {
				assertThat(declaration.name()).isEqualTo("orderStore");
				assertThat(declaration.metadata()).containsExactly(Map.entry("redisHost", "variable"));
			});
	}

	@Test
	void whenOnlyAVariableDeclaresAComponentThenItHasTheNameOfTheVariable() {
		assertThat(declarations(Map.of(), Map.of("PLUGGABLE_COMPONENTS_ORDERSTORE_TYPE", "state.redis")))
			.singleElement()
			.extracting(ComponentDeclaration::name)
			.isEqualTo("orderstore");
	}

	@Test
	void whenTwoNamesOfAFileDifferOnlyInDashesThenTheErrorExplainsIt() {
		Map<String, Object> file = new LinkedHashMap<>();
		file.put("pluggable.components.order-store.type", "state.h2");
		file.put("pluggable.components.orderstore.type", "state.h2");
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> declarations(file, Map.of()))
			.satisfies((ex) -> assertThat(ex.getReason()).contains("'order-store'", "'orderstore'",
					"differ only in dashes", "Rename one of them."));
	}

	@Test
	void whenAVariableStandsForANameInAComponentFileThenThereIsOneComponent() throws Exception {
		Path file = this.folder.resolve("store.yaml");
		Files.writeString(file, """
				apiVersion: dapr.io/v1alpha1
				kind: Component
				metadata:
				  name: order-store
				spec:
				  type: state.redis
				  version: v1
				  ignoreErrors: true
				  metadata: []
				""");
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PluggableAutoConfiguration.class, PluggableResourcesAutoConfiguration.class))
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment",
						Map.of("PLUGGABLE_COMPONENTS_ORDERSTORE_TYPE", "state.in-memory"))))
			.withPropertyValues("pluggable.socket-folders=" + this.folder.resolve("none"),
					"pluggable.resources=file:" + file)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBeanNamesForType(StateStore.class)).containsExactly("order-store");
			});
	}

	@Test
	void whenAVariableStandsForTheNameOfAPluginThenThereIsOnePlugin() {
		ConfigurableEnvironment environment = environment(Map.of("pluggable.plugins.my-plugin.command", "/bin/true",
				"pluggable.plugins.my-plugin.protocol", "socket"),
				Map.of("PLUGGABLE_PLUGINS_MYPLUGIN_STARTTIMEOUT", "7s"));
		PluggableProperties properties = Binder.get(environment).bind("pluggable", PluggableProperties.class).get();
		assertThat(new PropertiesPluginSettings(properties, environment, null).settings()).singleElement()
			.satisfies((plugin) -> {
				assertThat(plugin.name()).isEqualTo("my-plugin");
				assertThat(plugin.startTimeout()).hasSeconds(7);
			});
	}

	@Test
	void whenAVariableStandsForAKeyOfAComponentFileThenTheKeyOfTheFileHasTheValue() {
		ComponentDeclaration file = new ComponentDeclaration("store", ComponentType.of("state.redis"), false,
				Map.of("redisHost", "file", "redis-user", "file"), HostSettings.defaultComponentSettings(),
				Map.of("redisPassword", SecretReference.of("vault", "redis", null)), List.of(), null);
		assertThat(PropertiesHostSettings.declarations(
				environment(Map.of(),
						Map.of("PLUGGABLE_COMPONENTS_STORE_METADATA_REDISHOST", "variable",
								"PLUGGABLE_COMPONENTS_STORE_METADATA_REDISUSER", "variable",
								"PLUGGABLE_COMPONENTS_STORE_METADATAFROM_REDISPASSWORD_SECRETSTORE", "safe",
								"PLUGGABLE_COMPONENTS_STORE_METADATAFROM_REDISPASSWORD_NAME", "db")),
				List.of((settings, application) -> List.of(file))))
			.singleElement()
			.satisfies((declaration) -> {
				assertThat(declaration.metadata())
					.containsExactlyInAnyOrderEntriesOf(Map.of("redisHost", "variable", "redis-user", "variable"));
				assertThat(declaration.secrets()).containsOnlyKeys("redisPassword");
				assertThat(declaration.secrets().get("redisPassword").store()).isEqualTo("safe");
			});
	}

	@Test
	void whenAVariableReplacesASecretOfAComponentFileThenTheValueIsUsed() {
		ComponentDeclaration file = new ComponentDeclaration("store", ComponentType.of("state.redis"), false, Map.of(),
				HostSettings.defaultComponentSettings(),
				Map.of("redisPassword", SecretReference.of("vault", "redis", null)), List.of(), null);
		assertThat(PropertiesHostSettings.declarations(
				environment(Map.of(), Map.of("PLUGGABLE_COMPONENTS_STORE_METADATA_REDISPASSWORD", "plain")),
				List.of((settings, application) -> List.of(file))))
			.singleElement()
			.satisfies((declaration) -> {
				assertThat(declaration.secrets()).isEmpty();
				assertThat(declaration.metadata().values()).containsExactly("plain");
			});
	}

	@Test
	void whenKeysOfMetadataDifferOnlyInDashesAndCaseThenBothStay() {
		assertThat(declarations(
				Map.of("pluggable.components.store.type", "state.h2", "pluggable.components.store.metadata.redisHost",
						"a", "pluggable.components.store.metadata.redis-host", "b"),
				Map.of()))
			.singleElement()
			.satisfies((declaration) -> assertThat(declaration.metadata()).containsOnlyKeys("redisHost", "redis-host"));
	}

	@Test
	void whenAVariableStandsForAReferenceToASecretThenThereIsOneReference() {
		assertThat(declarations(
				Map.of("pluggable.components.store.type", "state.h2",
						"pluggable.components.store.metadata-from.redisPassword.secret-store", "vault",
						"pluggable.components.store.metadata-from.redisPassword.name", "db"),
				Map.of("PLUGGABLE_COMPONENTS_STORE_METADATAFROM_REDISPASSWORD_NAME", "other")))
			.singleElement()
			.satisfies((declaration) -> {
				assertThat(declaration.secrets()).containsOnlyKeys("redisPassword");
				assertThat(declaration.secrets().get("redisPassword").name()).isEqualTo("other");
			});
	}

	@Test
	void whenVariablesStandForEnvironmentVariablesOfAPluginThenTheyHaveTheirUsualNames() {
		ConfigurableEnvironment environment = environment(
				Map.of("pluggable.plugins.p.command", "/bin/true", "pluggable.plugins.p.environment.variables.DB_USER",
						"file", "pluggable.plugins.p.environment.variables.http_proxy", "file"),
				Map.of("PLUGGABLE_PLUGINS_P_ENVIRONMENT_VARIABLES_DB_USER", "variable",
						"PLUGGABLE_PLUGINS_P_ENVIRONMENT_VARIABLES_DB_PASSWORD", "secret"));
		PluggableProperties properties = Binder.get(environment).bind("pluggable", PluggableProperties.class).get();
		assertThat(new PropertiesPluginSettings(properties, environment, null).settings()).singleElement()
			.satisfies((plugin) -> assertThat(plugin.environment().variables()).containsExactlyInAnyOrderEntriesOf(
					Map.of("DB_USER", "variable", "DB_PASSWORD", "secret", "http_proxy", "file")));
	}

	@Test
	void whenAVariableStandsForAServedInstanceThenThereIsOneInstance() throws Exception {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableServerAutoConfiguration.class))
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment",
						Map.of("PLUGGABLE_SERVER_INSTANCES_ORDERSTORE_METADATA_TABLENAME", "variable"))))
			.withPropertyValues("pluggable.server.folder=" + this.folder,
					"pluggable.server.instances.order-store.metadata.tableName=file")
			.withUserConfiguration(Served.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				Connections.with(this.folder.resolve("mine.sock"), (channel) -> {
					Metadata headers = new Metadata();
					headers.put(Metadata.Key.of("x-component-instance", Metadata.ASCII_STRING_MARSHALLER),
							"order-store");
					StateStoreGrpc.newBlockingStub(channel)
						.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
						.withDeadlineAfter(20, TimeUnit.SECONDS)
						.get(StateProto.GetRequest.newBuilder().setKey("k").build());
				});
				assertThat(context.getBean(Served.class).made).containsExactly("order-store{tableName=variable}");
			});
	}

	/**
	 * Serves a store, and records the instances.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Served {

		final List<String> made = new CopyOnWriteArrayList<>();

		@Bean
		@PluggableComponent(name = "mine")
		ComponentFactory<StateStore> stores() {
			return (name, metadata) -> {
				this.made.add(name + metadata);
				return new InMemoryStateStore();
			};
		}

	}

}
