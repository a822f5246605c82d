package dev.pluggable.host;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.Component;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentImplementation;
import dev.pluggable.ComponentInitializationException;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.DelegatingStateStore;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.secrets.MapSecretStore;
import dev.pluggable.secrets.Secret;
import dev.pluggable.secrets.SecretStore;
import dev.pluggable.secrets.SecretStoreKind;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import io.grpc.Status;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link SecretReferences} and for components that wait for secrets, with real
 * sockets. Secret stores become ready before or after the components that need them.
 */
class SecretReferencesTests {

	private static final String VALUE = "tOp-sEcReT-4711";

	@TempDir
	Path folder;

	private final MapSecretStore secrets = new MapSecretStore().with("redis", Map.of("redis", VALUE))
		.with("db", Map.of("user", "scott", "word", "x\ny"));

	private final List<AutoCloseable> closeables = new CopyOnWriteArrayList<>();

	private ComponentHost host;

	private LogCapture log;

	@BeforeEach
	void capture() {
		this.log = new LogCapture();
	}

	@AfterEach
	void close() throws Exception {
		this.secrets.gate.countDown();
		if (this.host != null) {
			this.host.close();
		}
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
		this.log.close();
		assertThat(this.log.text()).doesNotContain(VALUE);
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("pluggable-") && thread.isAlive()));
	}

	@Test
	void whenTheStoreComesLaterThenTheComponentWaitsForIt() {
		FakeStateServer server = server("h2.sock");
		start(vault(), orders(Map.of("pw", SecretReference.of("vault", null, "redis"), "user",
				SecretReference.of("vault", "db", "user"))));
		Component<StateStore> orders = orders();
		await().until(() -> "waits for secret store 'vault'".equals(orders.status().reason()));
		assertThat(orders.status().state()).isEqualTo(ComponentState.PENDING);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> orders.instance().get("k"))
			.withMessageContaining("waits for secret store 'vault'");
		assertThat(server.inits).isEmpty();
		serveVault();
		ready(orders);
		assertThat(server.inits).singleElement()
			.asString()
			.startsWith("orders{")
			.contains("pw=" + VALUE, "user=scott", "url=file");
		assertThat(orders.toString() + orders.status() + this.host.endpoints()).doesNotContain(VALUE);
	}

	@Test
	void whenTheProcessIsReplacedThenTheSecretsAreReadAnew() {
		FakeStateServer first = server("h2.sock");
		serveVault();
		start(vault(), orders(Map.of("pw", SecretReference.of("vault", "redis", null))));
		ready(orders());
		first.close();
		await().until(() -> orders().status().state() == ComponentState.UNAVAILABLE);
		this.secrets.with("redis", Map.of("redis", "rotated"));
		FakeStateServer second = server("h2.sock");
		ready(orders());
		assertThat(first.inits).singleElement().asString().contains("pw=" + VALUE);
		assertThat(second.inits).singleElement().asString().contains("pw=rotated");
	}

	@Test
	void whenASecretCannotBeReadThenTheReasonIsKeptAndItIsTriedAgain() {
		FakeStateServer server = server("h2.sock");
		serveVault();
		start(vault(), orders(Map.of("pw", SecretReference.of("vault", "redis", "none"))));
		await().until(() -> orders().status().state() == ComponentState.INIT_FAILED);
		assertThat(orders().status().reason()).contains("its secrets cannot be read",
				"secret 'redis' of secret store 'vault' has no key 'none', but [redis]");
		this.secrets.secrets.remove("redis");
		await().until(() -> String.valueOf(orders().status().reason()).contains("There is no secret 'redis'"));
		assertThat(server.inits).isEmpty();
		this.secrets.with("redis", Map.of("none", "v"));
		ready(orders());
		assertThat(server.inits).singleElement().asString().contains("pw=v");
	}

	@Test
	void whenTheStoreHangsThenNothingElseDoes() {
		server("h2.sock");
		serveVault();
		this.secrets.gate = new CountDownLatch(1);
		start(vault(),
				new ComponentDeclaration("orders", ComponentType.of("state.h2"), false, Map.of(),
						new ComponentSettings(Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ZERO, 1024))
					.withSecrets(Map.of("pw", SecretReference.of("vault", "redis", null))));
		await().until(() -> !this.secrets.gets.isEmpty());
		server("other.sock");
		await().until(() -> this.host.registry()
			.find(StateStoreKind.INSTANCE, "other")
			.filter((other) -> other.status().state() == ComponentState.READY)
			.isPresent());
		await().until(() -> orders().status().state() == ComponentState.INIT_FAILED);
		assertThat(orders().status().reason()).startsWith("its secrets cannot be read: no answer within 200ms");
		this.secrets.gate.countDown();
		ready(orders());
	}

	@Test
	void whenTheComponentRepeatsSecretsThenTheyAreHiddenWhateverTheirKey() {
		FakeStateServer server = server("h2.sock");
		server.initStatus = () -> Status.UNKNOWN.withDescription("bad " + VALUE + " and x\ny!");
		serveVault();
		start(vault(), orders(Map.of("color", SecretReference.of("vault", "redis", null), "size",
				SecretReference.of("vault", "db", "word"))));
		await().until(() -> orders().status().state() == ComponentState.INIT_FAILED);
		assertThat(orders().status().reason()).isEqualTo("Init failed: UNKNOWN: bad ****** and ******!");
		server.initStatus = () -> Status.OK;
		ready(orders());
		server.getStatus = () -> Status.INTERNAL.withDescription(VALUE + " x\ny x y");
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> orders().instance().get("k"))
			.withMessageContaining("****** ****** ******")
			.satisfies((ex) -> assertThat(stackTrace(ex)).doesNotContain(VALUE));
	}

	@Test
	void whenABuiltInNeedsABuiltInStoreThenItIsMadeAtOnce() throws Exception {
		Path file = Files.writeString(this.folder.resolve("s.json"), "{\"a\": \"" + VALUE + "\"}");
		List<Map<String, String>> made = new ArrayList<>();
		// The order of declarations does not matter.
		create(List.of(implementation((name, metadata) -> {
			made.add(metadata);
			return new InMemoryStateStore();
		})), builtIn(Map.of("pw", SecretReference.of("files", "a", null))),
				declaration("files", "secretstores.file", Map.of("secretsFile", file.toString())));
		assertThat(orders().status().state()).isEqualTo(ComponentState.READY);
		assertThat(made).containsExactly(Map.of("pw", VALUE));
	}

	@Test
	void whenABuiltInCannotBeMadeThenTheErrorHasNoSecret() throws Exception {
		Path file = Files.writeString(this.folder.resolve("s.json"), "{\"a\": \"" + VALUE + "\"}");
		ComponentDeclaration files = declaration("files", "secretstores.file", Map.of("secretsFile", file.toString()));
		assertThatExceptionOfType(ComponentInitializationException.class)
			.isThrownBy(() -> create(List.of(implementation((name, metadata) -> {
				throw new InvalidRequestException("refused: " + metadata.get("pw"));
			})), files, builtIn(Map.of("pw", SecretReference.of("files", "a", null)))))
			.withMessageContaining("refused: ******")
			.satisfies((ex) -> assertThat(stackTrace(ex)).doesNotContain(VALUE));
		assertThatExceptionOfType(ComponentInitializationException.class)
			.isThrownBy(() -> create(List.of(implementation((name, metadata) -> new InMemoryStateStore())), files,
					builtIn(Map.of("pw", SecretReference.of("files", "b", null)))))
			.withMessageContaining("'orders'")
			.withMessageContaining("secret 'b' of secret store 'files'");
	}

	@Test
	void whenABuiltInNeedsARemoteStoreThenItIsMadeOnceTheStoreIsThere() {
		AtomicInteger made = new AtomicInteger();
		AtomicInteger ended = new AtomicInteger();
		create(List.of(implementation((name, metadata) -> {
			if (made.getAndIncrement() == 0) {
				throw new InvalidRequestException("not yet: " + metadata.get("pw"));
			}
			return new ClosingStore(ended);
		})), vault(), builtIn(Map.of("pw", SecretReference.of("vault", "redis", null))));
		this.host.start();
		StateStore store = orders().instance();
		assertThat(orders().status().state()).isEqualTo(ComponentState.PENDING);
		assertThat(orders().status().reason()).isEqualTo("waits for secret store 'vault'");
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"))
			.withMessageContaining("waits for secret store 'vault'");
		assertThat(store).isEqualTo(store).hasToString("state component 'orders' (state.custom)");
		ComponentServer first = serveVault();
		await().until(() -> orders().status().state() == ComponentState.INIT_FAILED);
		assertThat(orders().status().reason()).contains("not yet: ******");
		ready(orders());
		store.set("k", new byte[] { 1 });
		assertThat(store.get("k")).isPresent();
		assertThat(orders().status().features()).isEqualTo(new InMemoryStateStore().features());
		assertThatIllegalArgumentException().isThrownBy(() -> store.get(""));
		first.close();
		Component<SecretStore> vault = this.host.registry().find(SecretStoreKind.INSTANCE, "vault").orElseThrow();
		await().until(() -> vault.status().state() == ComponentState.UNAVAILABLE);
		serveVault();
		await().until(() -> vault.status().state() == ComponentState.READY);
		assertThat(store.get("k")).isPresent();
		assertThat(made).hasValue(2);
		this.host.close();
		assertThat(ended).hasValue(1);
	}

	@Test
	void whenAStoreNeedsASecretOfAnotherThenEachFollowsTheOther() {
		FakeStateServer server = server("h2.sock");
		ComponentImplementation<SecretStore> second = new ComponentImplementation<>(SecretStoreKind.INSTANCE, "second",
				(name, metadata) -> new MapSecretStore().with("pin", Map.of("pin", metadata.get("root") + "!")));
		create(List.of(second), orders(Map.of("pw", SecretReference.of("second", "pin", null))),
				declaration("second", "secretstores.second", Map.of())
					.withSecrets(Map.of("root", SecretReference.of("vault", "redis", null))),
				vault());
		this.host.start();
		await().until(() -> "waits for secret store 'second'".equals(orders().status().reason()));
		serveVault();
		ready(orders());
		assertThat(server.inits).singleElement().asString().contains("pw=" + VALUE + "!");
	}

	@Test
	void whenDeclarationsCannotBeMetThenTheErrorExplains() {
		assertInvalid("'a': secret stores wait for secrets of each other: a -> b -> a", store("a", "b"),
				store("b", "a"));
		assertInvalid("a -> a", store("a", "a"));
		assertInvalid("b -> c -> d -> b", store("a", "b"), store("b", "c"), store("c", "d"), store("d", "b"));
		assertInvalid("'a': metadata 'x' comes from the secret store 'none', which is not declared",
				store("a", "none"));
		assertInvalid("which is no secret store (type 'state.h2')", store("a", "orders"),
				declaration("orders", "state.h2", Map.of()));
		assertInvalid("is set to a value as well", vault(), declaration("orders", "state.h2", Map.of("x", VALUE))
			.withSecrets(Map.of("x", SecretReference.of("vault", "k", null))));
	}

	@Test
	void whenPartsOfAReferenceAreLeftOutThenTheOtherOneStandsForThem() {
		assertThat(SecretReference.of("s", null, "k")).isEqualTo(new SecretReference("s", "k", "k"));
		assertThat(SecretReference.of("s", "n", "")).isEqualTo(new SecretReference("s", "n", "n"));
		assertThat(SecretReference.of("s", "n", "k")).isEqualTo(new SecretReference("s", "n", "k"));
		assertThatIllegalArgumentException().isThrownBy(() -> SecretReference.of("s", null, null));
		assertThatIllegalArgumentException().isThrownBy(() -> SecretReference.of("", "n", null));
		assertThat(new Secret(Map.of("k", VALUE)).toString()).doesNotContain(VALUE);
	}

	private void assertInvalid(String message, ComponentDeclaration... declarations) {
		assertThatExceptionOfType(InvalidDeclarationException.class).isThrownBy(() -> create(List.of(), declarations))
			.withMessageContaining(message)
			.satisfies((ex) -> assertThat(ex.getMessage() + ex.getAction()).doesNotContain(VALUE));
	}

	private static ComponentDeclaration store(String name, String needs) {
		return declaration(name, "secretstores.some", Map.of())
			.withSecrets(Map.of("x", SecretReference.of(needs, "k", null)));
	}

	private static ComponentDeclaration vault() {
		return declaration("vault", "secretstores.map", Map.of());
	}

	private static ComponentDeclaration orders(Map<String, SecretReference> references) {
		return declaration("orders", "state.h2", Map.of("url", "file")).withSecrets(references);
	}

	private static ComponentDeclaration builtIn(Map<String, SecretReference> references) {
		return declaration("orders", "state.custom", Map.of()).withSecrets(references);
	}

	private static ComponentDeclaration declaration(String name, String type, Map<String, String> metadata) {
		return new ComponentDeclaration(name, ComponentType.of(type), false, metadata,
				HostSettings.defaultComponentSettings());
	}

	private static ComponentImplementation<StateStore> implementation(ComponentFactory<StateStore> factory) {
		return new ComponentImplementation<>(StateStoreKind.INSTANCE, "custom", factory);
	}

	private void start(ComponentDeclaration... declarations) {
		create(List.of(), declarations);
		this.host.start();
	}

	private void create(List<ComponentImplementation<?>> implementations, ComponentDeclaration... declarations) {
		this.host = new ComponentHost(
				HostSettings.defaults().withSocketFolders(Set.of(this.folder)).withDeclarations(List.of(declarations)),
				List.of(), implementations, (endpoint, builder) -> {
				});
	}

	private Component<StateStore> orders() {
		return this.host.registry().find(StateStoreKind.INSTANCE, "orders").orElseThrow();
	}

	private ComponentServer serveVault() {
		ComponentServer server = ComponentServer.builder(this.folder.resolve("map.sock"))
			.serve(SecretStoreKind.INSTANCE, (name, metadata) -> this.secrets)
			.start();
		this.closeables.add(server);
		return server;
	}

	private FakeStateServer server(String name) {
		FakeStateServer server = new FakeStateServer(this.folder.resolve(name)).start();
		this.closeables.add(server);
		return server;
	}

	private static void ready(Component<?> component) {
		await().until(() -> component.status().state() == ComponentState.READY);
	}

	private static String stackTrace(Throwable ex) {
		StringWriter text = new StringWriter();
		ex.printStackTrace(new PrintWriter(text));
		return text.toString();
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20));
	}

	/**
	 * A store that counts calls of {@code close}.
	 */
	private static final class ClosingStore extends DelegatingStateStore implements AutoCloseable {

		private final AtomicInteger ended;

		ClosingStore(AtomicInteger ended) {
			super(new InMemoryStateStore());
			this.ended = ended;
		}

		@Override
		public void close() {
			this.ended.incrementAndGet();
		}

	}

}
