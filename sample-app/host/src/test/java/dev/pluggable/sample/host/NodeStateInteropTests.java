package dev.pluggable.sample.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.ProbeResult;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.state.EtagInvalidException;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateFeatures;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreBehaviour;
import dev.pluggable.state.StateStoreKind;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Runs the behaviour of all state stores against a component in Node without an SDK,
 * which has other implementations of gRPC, reflection and the codec. Fails if Node or npm
 * is missing.
 */
@Tag("interop")
class NodeStateInteropTests extends StateStoreBehaviour {

	private static final Counterpart NODE_STATE = Counterpart.of("node-state");

	@TempDir
	static Path folder;

	private static ComponentProcess process;

	private static ComponentHost host;

	@BeforeAll
	static void installAndStart() throws Exception {
		NODE_STATE.run("npm", "ci");
		startComponent();
		host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(folder))
			.withDeclarations(List.of(declaration("orders"), declaration("others"))));
		host.start();
		awaitReady();
	}

	@AfterAll
	static void stop() {
		host.close();
		process.close();
	}

	private static void startComponent() {
		process = NODE_STATE.start(folder, "node", "main.js");
	}

	private static ComponentDeclaration declaration(String name) {
		return new ComponentDeclaration(name, ComponentType.of("state.node"), false, Map.of(),
				HostSettings.defaultComponentSettings());
	}

	@Override
	protected StateStore store() {
		return store("orders");
	}

	private static StateStore store(String name) {
		return component(name).instance();
	}

	@Test
	void whenItsOwnTestsRunThenTheyPass() throws Exception {
		NODE_STATE.run("npm", "test");
	}

	@Test
	void whenTheComponentIsFoundThenItsFeaturesAndHealthAreKnown() throws Exception {
		assertThat(store().features()).containsExactlyInAnyOrder(StateFeatures.ETAG, StateFeatures.TTL);
		await().until(() -> component("orders").status().probe().health() == ProbeResult.Health.UP);
		assertThat(component("orders").status().probe().detail()).isEqualTo("Ping");
		assertThat(host.endpoints()).filteredOn((endpoint) -> endpoint.name().equals("node"))
			.singleElement()
			.satisfies((endpoint) -> assertThat(endpoint.services())
				.containsExactly("dapr.proto.components.v1.StateStore"));
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("node.sock"))))
			.isEqualTo("rwx------");
	}

	@Test
	void whenTwoComponentsShareTheProcessThenEachHasItsOwnData() {
		store("orders").set("shared", bytes("ours"));
		assertThat(store("others").get("shared")).isEmpty();
		store("others").set("shared", bytes("theirs"));
		assertThat(store("orders").get("shared").map(StateItem::text)).contains("ours");
	}

	@Test
	void whenAnEtagIsMalformedThenTheDetailsOfTheStatusSayThatItIsTheEtag() {
		assertThatExceptionOfType(EtagInvalidException.class)
			.isThrownBy(() -> store().set(SetRequest.of("k", "w").withEtag("no number")))
			.withMessageContaining("no number");
	}

	@Test
	void whenTimeToLiveIsOverThenTheValueIsGone() {
		Instant start = Instant.now();
		store().set(SetRequest.of("short", "v").withTtl(Duration.ofSeconds(1)));
		await().until(() -> store().get("short").isEmpty());
		assertThat(Duration.between(start, Instant.now())).isGreaterThanOrEqualTo(Duration.ofMillis(990));
	}

	@Test
	void whenTheProcessIsKilledAndStartedAgainThenTheSameObjectWorks() {
		StateStore store = store();
		long generation = component("orders").status().generation();
		process.kill();
		await().until(() -> component("orders").status().state() == ComponentState.UNAVAILABLE);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"));
		assertThat(folder.resolve("node.sock")).as("the stale socket").exists();
		startComponent();
		awaitReady();
		store.set("k", bytes("again"));
		assertThat(store.get("k").map(StateItem::text)).contains("again");
		assertThat(component("orders").status().generation()).isGreaterThan(generation);
	}

	private static void awaitReady() {
		await().until(() -> List.of("orders", "others")
			.stream()
			.allMatch((name) -> component(name).status().state() == ComponentState.READY));
	}

	private static Component<StateStore> component(String name) {
		return host.registry().find(StateStoreKind.INSTANCE, name).orElseThrow();
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
