package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.ComponentRegistry;
import dev.pluggable.ComponentState;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.InvalidDeclarationException;
import dev.pluggable.secrets.MapSecretStore;
import dev.pluggable.secrets.SecretStore;
import dev.pluggable.secrets.SecretStoreKind;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.spring.autoconfigure.endpoint.PluggableEndpointAutoConfiguration;
import dev.pluggable.spring.endpoint.PluggableEndpoint;
import dev.pluggable.state.StateStoreKind;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for properties that refer to secrets in the metadata of components.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretReferencesTests {

	private static final String VALUE = "tOp-sEcReT-4711";

	@TempDir
	Path folder;

	private final List<AutoCloseable> closeables = new CopyOnWriteArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
	}

	@Test
	void whenASecretStoreComesLateThenTheComponentIsInitialisedWithItsSecret(CapturedOutput output) {
		FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start();
		this.closeables.add(server);
		runner()
			.withPropertyValues("pluggable.components.vault.type=secretstores.map",
					"pluggable.components.orders.type=state.h2",
					"pluggable.components.orders.metadata-from.redisPassword.secret-store=vault",
					"pluggable.components.orders.metadata-from.redisPassword.key=redis",
					"management.endpoints.web.exposure.include=pluggable")
			.run((context) -> {
				ComponentRegistry registry = context.getBean(ComponentRegistry.class);
				Awaitility.await()
					.atMost(Duration.ofSeconds(20))
					.until(() -> "waits for secret store 'vault'"
						.equals(registry.find(StateStoreKind.INSTANCE, "orders").orElseThrow().status().reason()));
				this.closeables.add(ComponentServer.builder(this.folder.resolve("map.sock"))
					.serve(SecretStoreKind.INSTANCE,
							(name, metadata) -> new MapSecretStore().with("redis", Map.of("redis", VALUE)))
					.start());
				Awaitility.await()
					.atMost(Duration.ofSeconds(20))
					.until(() -> registry.find(StateStoreKind.INSTANCE, "orders")
						.orElseThrow()
						.status()
						.state() == ComponentState.READY);
				assertThat(server.inits).containsExactly("orders{redisPassword=" + VALUE + "}");
				assertThat(context.getBean("vault", SecretStore.class).get("redis").value()).isEqualTo(VALUE);
				assertThat(context.getBean(PluggableProperties.class).toString()).doesNotContain(VALUE);
				assertThat(context.getBean(PluggableEndpoint.class).pluggable().toString()).doesNotContain(VALUE);
			});
		assertThat(output).doesNotContain(VALUE);
	}

	@Test
	void whenTheStoreIsBuiltInThenItIsDeclaredByItsDaprNameToo() throws Exception {
		Path file = Files.writeString(this.folder.resolve("s.json"), "{\"db\": {\"word\": \"" + VALUE + "\"}}");
		FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start();
		this.closeables.add(server);
		runner()
			.withPropertyValues("pluggable.components.files.type=secretstores.local.file",
					"pluggable.components.files.metadata.secretsFile=" + file,
					"pluggable.components.files.metadata.multiValued=true", "pluggable.components.orders.type=state.h2",
					"pluggable.components.orders.required=true", "pluggable.startup-timeout=20s",
					"pluggable.components.orders.metadata-from.redisPassword.secret-store=files",
					"pluggable.components.orders.metadata-from.redisPassword.name=db",
					"pluggable.components.orders.metadata-from.redisPassword.key=word")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(server.inits).containsExactly("orders{redisPassword=" + VALUE + "}");
			});
	}

	@Test
	void whenReferencesMakeNoSenseThenTheStartFailsAndSaysWhy() {
		runner().withPropertyValues("pluggable.components.a.type=secretstores.x",
				"pluggable.components.a.metadata-from.k.secret-store=b", "pluggable.components.a.metadata-from.k.key=k",
				"pluggable.components.b.type=secretstores.y", "pluggable.components.b.metadata-from.k.secret-store=a",
				"pluggable.components.b.metadata-from.k.key=k")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidDeclarationException.class)
				.hasMessageContaining("a -> b -> a"));
		runner()
			.withPropertyValues("pluggable.components.a.type=state.x", "pluggable.components.a.metadata-from.k.key=k")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("pluggable.components.a.metadata-from.k.secret-store"));
		runner()
			.withPropertyValues("pluggable.components.a.type=state.x",
					"pluggable.components.a.metadata-from.k.secret-store=b")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("pluggable.components.a.metadata-from.k.key"));
	}

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PluggableAutoConfiguration.class, PluggableEndpointAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder);
	}

}
