package dev.pluggable.secrets;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import dev.pluggable.Component;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentType;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.Connections;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.proto.components.v1.SecretStoreGrpc;
import dev.pluggable.proto.components.v1.SecretStoreProto;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.transport.TransportType;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SecretStoreKind}, its proxy and its service, over a real socket.
 */
class SecretStoreKindTests {

	private static final String VALUE = "tOp-sEcReT-4711";

	@TempDir
	Path folder;

	private final MapSecretStore store = new MapSecretStore().with("db", Map.of("user", "scott", "password", VALUE));

	private final List<Map<String, String>> inits = new ArrayList<>();

	private final List<AutoCloseable> closeables = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		this.store.gate.countDown();
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
	}

	@Test
	void whenAskedThenKindIsDescribed() {
		assertThat(SecretStoreKind.INSTANCE.name()).isEqualTo("secretstores");
		assertThat(SecretStoreKind.INSTANCE.typePrefix()).isEqualTo("secretstores");
		assertThat(SecretStoreKind.INSTANCE.type()).isEqualTo(SecretStore.class);
		assertThat(SecretStoreKind.INSTANCE.services()).containsExactly("dapr.proto.components.v1.SecretStore");
		assertThat(SecretStoreKind.INSTANCE.builtIns()).containsOnlyKeys("env", "local.env", "file", "local.file",
				"config-tree");
	}

	@Test
	void whenAStoreIsServedThenItsSecretsAreRead() {
		SecretStore proxy = proxy(Duration.ofSeconds(5));
		assertThat(this.inits).containsExactly(Map.of("vaultToken", "abc"));
		assertThat(proxy.features()).containsExactly("MULTIPLE_KEY_VALUES_PER_SECRET");
		Secret secret = proxy.get(GetSecretRequest.of("db").withMetadata(Map.of("version_id", "3")));
		assertThat(secret.value("password")).contains(VALUE);
		assertThat(secret.value("user")).contains("scott");
		assertThat(this.store.gets).containsExactly(new GetSecretRequest("db", Map.of("version_id", "3")));
		assertThat(proxy.bulkGet()).containsOnlyKeys("db");
		assertThat(proxy.bulkGet().get("db").value("password")).contains(VALUE);
		proxy.ping();
	}

	@Test
	void whenAllAreReadThenMetadataAndEveryKeyArrive() {
		this.store.with("api", Map.of("api", "x"));
		SecretStore proxy = proxy(Duration.ofSeconds(5));
		assertThat(proxy.bulkGet(Map.of("version_id", "3"))).isEqualTo(this.store.secrets);
		assertThat(this.store.bulkGets).containsExactly(Map.of("version_id", "3"));
	}

	@Test
	void whenThereIsNoSuchSecretThenTheExceptionSaysSo() {
		SecretStore proxy = proxy(Duration.ofSeconds(5));
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> proxy.get("other"))
			.withMessageContaining("'other'")
			.satisfies((ex) -> {
				assertThat(ex.getComponent()).isEqualTo("vault");
				assertThat(ex.getStatusCode()).isEqualTo(Status.Code.NOT_FOUND);
			});
	}

	@Test
	void whenTheStoreFailsThenTheExceptionIsTheOneOfTheStatus() {
		SecretStore proxy = proxy(Duration.ofSeconds(5));
		this.store.failure = new InvalidRequestException("no such version");
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> proxy.get("db"));
		this.store.failure = new IllegalStateException("it is " + VALUE);
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> proxy.get("db"))
			.satisfies((ex) -> assertThat(stackTrace(ex)).contains("IllegalStateException").doesNotContain(VALUE));
	}

	@Test
	void whenTheCallerHasADeadlineThenItHolds() throws Exception {
		SecretStore proxy = proxy(Duration.ofMinutes(5));
		this.store.gate = new CountDownLatch(1);
		ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
		this.closeables.add(scheduler::shutdownNow);
		try (Context.CancellableContext context = Context.current()
			.withDeadlineAfter(200, TimeUnit.MILLISECONDS, scheduler)) {
			assertThatExceptionOfType(ComponentTimeoutException.class)
				.isThrownBy(() -> context.call(() -> proxy.get("db")));
			assertThatExceptionOfType(ComponentTimeoutException.class)
				.isThrownBy(() -> context.call(() -> proxy.bulkGet()));
		}
	}

	@Test
	void whenTheStoreHangsThenTheCallTimeoutHolds() {
		SecretStore proxy = proxy(Duration.ofMillis(200));
		this.store.gate = new CountDownLatch(1);
		assertThatExceptionOfType(ComponentTimeoutException.class).isThrownBy(() -> proxy.get("db"));
	}

	@Test
	void whenARequestIsBadThenTheServiceSaysWhoseFaultItIs() throws Exception {
		ComponentServer server = serve();
		Transport transport = Transport.create(TransportType.AUTO);
		this.closeables.add(transport);
		ManagedChannel channel = Connections.to(server.socket(), transport);
		this.closeables.add(0, channel::shutdownNow);
		SecretStoreGrpc.SecretStoreBlockingStub stub = SecretStoreGrpc.newBlockingStub(channel);
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> stub.get(SecretStoreProto.GetSecretRequest.newBuilder().setKey("db").build()))
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION));
		stub.init(SecretStoreProto.SecretStoreInitRequest.getDefaultInstance());
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> stub.get(SecretStoreProto.GetSecretRequest.getDefaultInstance()))
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> stub.get(SecretStoreProto.GetSecretRequest.newBuilder().setKey("x").build()))
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
	}

	@Test
	void whenSecretsAreReadThenNoTextHoldsTheirValues() {
		try (LogCapture log = new LogCapture()) {
			SecretStore proxy = proxy(Duration.ofSeconds(5));
			Secret secret = proxy.get("db");
			assertThat(secret.toString()).contains("password").doesNotContain(VALUE);
			assertThat(proxy.bulkGet().toString()).doesNotContain(VALUE);
			assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(secret::value)
				.satisfies((ex) -> assertThat(stackTrace(ex)).contains("password").doesNotContain(VALUE));
			assertThat(proxy.toString()).doesNotContain(VALUE);
			assertThat(log.text()).contains("'vault' is ready").doesNotContain(VALUE);
		}
	}

	private ComponentServer serve() {
		ComponentServer server = ComponentServer.builder(this.folder.resolve("map.sock"))
			.serve(SecretStoreKind.INSTANCE, (name, metadata) -> {
				this.inits.add(metadata);
				return this.store;
			})
			.start();
		this.closeables.add(server);
		return server;
	}

	private SecretStore proxy(Duration timeout) {
		serve();
		ComponentSettings settings = new ComponentSettings(timeout, Duration.ofSeconds(5), Duration.ZERO, 1024 * 1024);
		ComponentHost host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(List.of(new ComponentDeclaration("vault", ComponentType.of("secretstores.map"), true,
					Map.of("vaultToken", "abc"), settings))));
		this.closeables.add(0, host);
		host.start();
		Component<SecretStore> component = host.registry().find(SecretStoreKind.INSTANCE, "vault").orElseThrow();
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> component.status().state() == ComponentState.READY);
		return component.instance();
	}

	private static String stackTrace(Throwable ex) {
		StringWriter text = new StringWriter();
		ex.printStackTrace(new PrintWriter(text));
		return text.toString();
	}

}
