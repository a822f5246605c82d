package dev.pluggable.sample.host;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.Component;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import dev.pluggable.ProbeResult;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.host.SecretReference;
import dev.pluggable.secrets.Secret;
import dev.pluggable.secrets.SecretFeatures;
import dev.pluggable.secrets.SecretNotFoundException;
import dev.pluggable.secrets.SecretStore;
import dev.pluggable.secrets.SecretStoreKind;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import io.grpc.Status;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Uses a secret store in Python without an SDK, which has other implementations of gRPC
 * and reflection. Fails if Python is missing.
 */
@Tag("interop")
@Timeout(120)
class PythonSecretsInteropTests {

	private static final Counterpart PYTHON_SECRETS = Counterpart.of("python-secrets");

	/** Each secret value contains this text, so that a test can search for it. */
	private static final String MARK = "tOp-sEcReT";

	@TempDir
	private Path folder;

	private final List<AutoCloseable> closeables = new ArrayList<>();

	private final List<ComponentProcess> processes = new ArrayList<>();

	private ComponentHost host;

	private LogCapture log;

	@BeforeAll
	static void build() throws Exception {
		PYTHON_SECRETS.run("./build.sh");
	}

	@BeforeEach
	void capture() {
		this.log = new LogCapture();
	}

	@AfterEach
	void closeAndLookForSecrets() throws Exception {
		this.host.close();
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
		this.processes.forEach(ComponentProcess::close);
		this.log.close();
		assertThat(this.log.text()).isNotEmpty().doesNotContain(MARK);
		assertThat(this.processes).allSatisfy((process) -> assertThat(process.output()).noneMatch(this::isSecret));
	}

	private boolean isSecret(String text) {
		return text.contains(MARK);
	}

	private ComponentProcess startComponent() {
		ComponentProcess process = PYTHON_SECRETS.start(this.folder, "target/venv/bin/python", "main.py");
		this.processes.add(process);
		return process;
	}

	private Path secrets(String file, String json) throws IOException {
		return Files.writeString(this.folder.resolve(file), json);
	}

	private Path secrets() throws IOException {
		return secrets("secrets.json", """
				{"token": "tOp-sEcReT-1", "database": {"user": "tOp-sEcReT-2", "password": "tOp-sEcReT-3"}}""");
	}

	private static ComponentDeclaration vault(Path file) {
		return declaration("vault", "secretstores.json-file", Map.of("secretsFile", file.toString()));
	}

	private static ComponentDeclaration orders(String secret, String key) {
		return declaration("orders", "state.h2", Map.of("url", "file"))
			.withSecrets(Map.of("pw", SecretReference.of("vault", secret, key)));
	}

	private static ComponentDeclaration declaration(String name, String type, Map<String, String> metadata) {
		return new ComponentDeclaration(name, ComponentType.of(type), false, metadata,
				HostSettings.defaultComponentSettings());
	}

	private void connect(ComponentDeclaration... declarations) {
		this.host = new ComponentHost(
				HostSettings.defaults().withSocketFolders(Set.of(this.folder)).withDeclarations(List.of(declarations)));
		this.host.start();
	}

	private SecretStore connected(Path file) {
		connect(vault(file));
		awaitReady(vault());
		return vault().instance();
	}

	private Component<SecretStore> vault() {
		return this.host.registry().find(SecretStoreKind.INSTANCE, "vault").orElseThrow();
	}

	private Component<StateStore> orders() {
		return this.host.registry().find(StateStoreKind.INSTANCE, "orders").orElseThrow();
	}

	private FakeStateServer stateServer() {
		FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start();
		this.closeables.add(server);
		return server;
	}

	private static void awaitReady(Component<?> component) {
		await().until(() -> component.status().state() == ComponentState.READY);
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10));
	}

	private static String stackTrace(Throwable ex) {
		StringWriter text = new StringWriter();
		ex.printStackTrace(new PrintWriter(text));
		return text.toString();
	}

	@Test
	void whenItsOwnTestsRunThenTheyPass() throws Exception {
		PYTHON_SECRETS.run("target/venv/bin/python", "-m", "unittest");
		startComponent();
		connected(secrets());
	}

	@Test
	void whenTheComponentIsFoundThenItsFeaturesAndHealthAreKnown() throws Exception {
		startComponent();
		assertThat(connected(secrets()).features()).containsExactly(SecretFeatures.MULTIPLE_KEY_VALUES_PER_SECRET);
		await().until(() -> vault().status().probe().health() == ProbeResult.Health.UP);
		assertThat(vault().status().probe().detail()).isEqualTo("Ping");
	}

	@Test
	void whenReadThenTheSecretHasAllItsValues() throws Exception {
		startComponent();
		SecretStore store = connected(secrets());
		assertThat(store.get("token").value()).isEqualTo("tOp-sEcReT-1");
		Secret database = store.get("database");
		assertThat(database.values()).isEqualTo(Map.of("user", "tOp-sEcReT-2", "password", "tOp-sEcReT-3"));
		assertThat(database.value("none")).isEmpty();
		assertThat(store.bulkGet())
			.isEqualTo(Map.of("token", Secret.of("token", "tOp-sEcReT-1"), "database", database));
		assertThat(store.bulkGet().toString() + database + store).doesNotContain(MARK);
	}

	@Test
	void whenThereIsNoSuchSecretThenItIsNotFound() throws Exception {
		startComponent();
		SecretStore store = connected(secrets());
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> store.get("none"))
			.withMessageContaining("there is no secret 'none'");
	}

	@Test
	void whenTheFileIsBrokenThenTheReasonDoesNotShowIt() throws Exception {
		startComponent();
		SecretStore store = connected(secrets());
		secrets("secrets.json", "{\"token\": \"tOp-sEcReT-1\", tOp-sEcReT-4");
		PluggableException ex = catchThrowableOfType(PluggableException.class, () -> store.get("token"));
		assertThat(ex).isNotInstanceOf(SecretNotFoundException.class).hasMessageContaining("secretsFile");
		assertThat(stackTrace(ex)).doesNotContain(MARK);
		secrets();
		assertThat(store.get("token").value()).isEqualTo("tOp-sEcReT-1");
	}

	@Test
	void whenTheFileIsMissingThenInitSaysSoUntilItIsThere() throws Exception {
		startComponent();
		connect(vault(this.folder.resolve("secrets.json")));
		await().until(() -> vault().status().state() == ComponentState.INIT_FAILED);
		assertThat(vault().status().reason()).contains("secretsFile", "No such file");
		secrets();
		awaitReady(vault());
	}

	@Test
	void whenItIsKilledAndStartedAgainThenTheSameObjectWorks() throws Exception {
		ComponentProcess first = startComponent();
		SecretStore store = connected(secrets());
		first.kill();
		await().until(() -> vault().status().state() == ComponentState.UNAVAILABLE);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("token"));
		startComponent();
		awaitReady(vault());
		assertThat(store.get("token").value()).isEqualTo("tOp-sEcReT-1");
	}

	@Test
	void whenInitNamesAnotherFileThenThatIsRead() throws Exception {
		startComponent();
		assertThat(connected(secrets()).get("token").value()).isEqualTo("tOp-sEcReT-1");
		this.host.close();
		SecretStore other = connected(secrets("other.json", "{\"token\": \"tOp-sEcReT-5\"}"));
		assertThat(other.get("token").value()).isEqualTo("tOp-sEcReT-5");
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> other.get("database"));
		this.processes.get(0).kill();
		await().until(() -> vault().status().state() == ComponentState.UNAVAILABLE);
		startComponent();
		awaitReady(vault());
		assertThat(other.get("token").value()).isEqualTo("tOp-sEcReT-5");
	}

	@Test
	void whenMetadataAreFromTheStoreThenTheComponentWaitsForItAndGetsThem() throws Exception {
		FakeStateServer server = stateServer();
		connect(orders("database", "password"), vault(secrets()));
		await().until(() -> "waits for secret store 'vault'".equals(orders().status().reason()));
		assertThat(orders().status().state()).isEqualTo(ComponentState.PENDING);
		assertThat(server.inits).isEmpty();
		startComponent();
		awaitReady(orders());
		assertThat(server.inits).singleElement().asString().startsWith("orders{").contains("pw=tOp-sEcReT-3");
		assertThat(orders() + " " + orders().status() + this.host.endpoints()).doesNotContain(MARK);
	}

	@Test
	void whenTheComponentIsReplacedThenItsSecretsAreReadAnew() throws Exception {
		startComponent();
		FakeStateServer first = stateServer();
		connect(orders("token", null), vault(secrets()));
		awaitReady(orders());
		first.close();
		await().until(() -> orders().status().state() == ComponentState.UNAVAILABLE);
		secrets("secrets.json", "{\"token\": \"tOp-sEcReT-6\"}");
		FakeStateServer second = stateServer();
		awaitReady(orders());
		assertThat(first.inits).singleElement().asString().contains("pw=tOp-sEcReT-1");
		assertThat(second.inits).singleElement().asString().contains("pw=tOp-sEcReT-6");
	}

	@Test
	void whenTheComponentRepeatsItsSecretThenItIsHidden() throws Exception {
		startComponent();
		FakeStateServer server = stateServer();
		server.initStatus = () -> Status.UNKNOWN.withDescription("bad tOp-sEcReT-1");
		connect(orders("token", null), vault(secrets()));
		await().until(() -> orders().status().state() == ComponentState.INIT_FAILED);
		assertThat(orders().status().reason()).contains("bad ******").doesNotContain(MARK);
		server.initStatus = () -> Status.OK;
		awaitReady(orders());
		server.getStatus = () -> Status.INTERNAL.withDescription("still bad tOp-sEcReT-1");
		ComponentException ex = catchThrowableOfType(ComponentException.class, () -> orders().instance().get("k"));
		assertThat(ex).hasMessageContaining("still bad ******");
		assertThat(stackTrace(ex)).doesNotContain(MARK);
	}

}
