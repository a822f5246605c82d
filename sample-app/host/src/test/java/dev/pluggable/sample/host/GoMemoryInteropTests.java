package dev.pluggable.sample.host;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
import dev.pluggable.spring.state.StateTemplate;
import dev.pluggable.state.Concurrency;
import dev.pluggable.state.EtagInvalidException;
import dev.pluggable.state.EtagMismatchException;
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
import org.springframework.core.ParameterizedTypeReference;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Runs the behaviour of all state stores against a component in Go on Dapr's public SDK.
 * Fails if Go is missing.
 */
@Tag("interop")
class GoMemoryInteropTests extends StateStoreBehaviour {

	private static final Counterpart GO_MEMORY = Counterpart.of("go-memory");

	@TempDir
	static Path folder;

	private static Path program;

	private static ComponentProcess process;

	private static ComponentHost host;

	@BeforeAll
	static void buildAndStart() throws Exception {
		program = GO_MEMORY.goBuild(folder);
		startComponent();
		host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(folder))
			.withDeclarations(
					List.of(declaration("orders", Map.of()), declaration("wrong", Map.of("maxEntries", "x")))));
		host.start();
		awaitReady();
	}

	@AfterAll
	static void stop() {
		host.close();
		process.close();
	}

	private static void startComponent() {
		process = GO_MEMORY.start(folder, program.toString());
	}

	private static ComponentDeclaration declaration(String name, Map<String, String> metadata) {
		return new ComponentDeclaration(name, ComponentType.of("state.memory"), false, metadata,
				HostSettings.defaultComponentSettings());
	}

	@Override
	protected StateStore store() {
		return component("orders").instance();
	}

	@Test
	void whenItsOwnTestsRunThenTheyPass() throws Exception {
		GO_MEMORY.goTest();
	}

	@Test
	void whenTheComponentIsFoundThenItsFeaturesAndHealthAreKnown() {
		assertThat(store().features()).containsExactlyInAnyOrder(StateFeatures.ETAG, StateFeatures.TRANSACTIONAL,
				StateFeatures.TTL);
		await().until(() -> component("orders").status().probe().health() == ProbeResult.Health.UP);
		assertThat(component("orders").status().probe().detail()).isEqualTo("Ping");
		assertThat(host.endpoints()).filteredOn((endpoint) -> endpoint.name().equals("memory"))
			.singleElement()
			.satisfies((endpoint) -> assertThat(endpoint.services())
				.contains("dapr.proto.components.v1.TransactionalStateStore"));
	}

	@Test
	void whenTheSdkReportsEtagErrorsByTheirTextAloneThenTheyAreUnderstood() {
		StateStore store = store();
		store.set("bare", bytes("v"));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store.set(SetRequest.of("bare", "w").withEtag("1")));
		assertThatExceptionOfType(EtagInvalidException.class)
			.isThrownBy(() -> store.set(SetRequest.of("bare", "w").withEtag("no number")));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> store.set(SetRequest.of("bare", "w").withConcurrency(Concurrency.FIRST_WRITE)));
		assertThat(store.get("bare").map(StateItem::text)).contains("v");
	}

	@Test
	void whenObjectsAreStoredByTheTemplateThenTheyStayAsTheyAre() {
		StateTemplate template = new StateTemplate(store(), JsonMapper.builder().findAndAddModules().build());
		Price price = new Price(new BigDecimal("0.10"), 9007199254740993L, Instant.parse("2026-01-02T03:04:05.678901Z"),
				new byte[] { 0, -1 }, null);
		List<Object> values = List.of(9007199254740993L, Long.MIN_VALUE, new BigDecimal("0.10"),
				new BigDecimal("12345678901234567890.123456789"), new BigInteger("123456789012345678901234567890"),
				1.5e300, "\u00e4 \"quoted\" \u2028", "", true, Instant.parse("2026-01-02T03:04:05.678901Z"), price);
		for (Object value : values) {
			template.set("object", value);
			assertThat(template.get("object", value.getClass()))
				.hasValueSatisfying((read) -> assertThat(read).usingRecursiveComparison().isEqualTo(value));
		}
		template.set("object", Map.of("amount", new BigDecimal("0.10")));
		assertThat(template.get("object", new ParameterizedTypeReference<Map<String, BigDecimal>>() {
		})).contains(Map.of("amount", new BigDecimal("0.10")));
		template.set("object", List.of(9007199254740993L, 1L));
		assertThat(template.get("object", new ParameterizedTypeReference<List<Long>>() {
		})).contains(List.of(9007199254740993L, 1L));
		template.setAll(Map.of("a", price, "b", price));
		assertThat(template.getAll(List.of("a", "b"), Price.class)).hasSize(2)
			.allSatisfy((key, read) -> assertThat(read).usingRecursiveComparison().isEqualTo(price));
		assertThat(
				template.update("a", Price.class,
						(read) -> new Price(read.amount().add(new BigDecimal("0.10")), read.number(), read.time(),
								read.data(), "n")))
			.satisfies((read) -> assertThat(read.amount()).isEqualTo(new BigDecimal("0.20")));
		assertThat(template.get("a", Price.class).orElseThrow().number()).isEqualTo(9007199254740993L);
	}

	@SuppressWarnings("ArrayRecordComponent")
	record Price(BigDecimal amount, long number, Instant time, byte[] data, String note) {

	}

	@Test
	void whenInitIsRefusedThenTheReasonIsKept() {
		await().until(() -> component("wrong").status().state() == ComponentState.INIT_FAILED);
		assertThat(component("wrong").status().reason()).contains("maxEntries");
	}

	@Test
	void whenTheProcessIsKilledAndStartedAgainThenTheSameObjectWorks() throws IOException {
		StateStore store = store();
		long generation = component("orders").status().generation();
		process.kill();
		await().until(() -> component("orders").status().state() == ComponentState.UNAVAILABLE);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"));
		startComponent();
		awaitReady();
		store.set("k", bytes("again"));
		assertThat(store.get("k").map(StateItem::text)).contains("again");
		assertThat(component("orders").status().generation()).isGreaterThan(generation);
	}

	private static void awaitReady() {
		await().until(() -> component("orders").status().state() == ComponentState.READY);
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
