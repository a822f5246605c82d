package dev.pluggable.spring.observation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.search.RequiredSearch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HostMeters}.
 */
class HostMetersTests {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	private final List<EndpointStatus> endpoints = new ArrayList<>();

	private final List<PluginStatus> plugins = new ArrayList<>();

	private Map<Long, ProcessTree> trees = Map.of();

	private long now;

	private int looks;

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final HostMeters meters = new HostMeters(new HostSnapshot(() -> {
		this.looks++;
		return List.copyOf(this.endpoints);
	}, List::of, () -> List.copyOf(this.plugins), (roots) -> this.trees, () -> this.now,
			Clock.fixed(NOW, ZoneOffset.UTC)));

	@AfterEach
	void close() {
		this.meters.close();
		assertThat(this.registry.getMeters()).isEmpty();
	}

	@Test
	void whenAnEndpointIsThereThenItsMetersShowIt() {
		this.endpoints.add(endpoint("h2", EndpointState.LOST));
		this.meters.bindTo(this.registry);
		assertThat(get("pluggable.endpoint.state", "endpoint", "h2", "state", "lost").gauge().value()).isEqualTo(1);
		assertThat(get("pluggable.endpoint.state", "endpoint", "h2", "state", "ready").gauge().value()).isZero();
		assertThat(get("pluggable.endpoint.generation", "endpoint", "h2").gauge().value()).isEqualTo(3);
		assertThat(get("pluggable.endpoint.age", "endpoint", "h2").gauge().value()).isEqualTo(60);
		assertThat(get("pluggable.endpoint.reconnects", "endpoint", "h2").functionCounter().count()).isEqualTo(2);
	}

	@Test
	void whenEndpointsComeAndGoThenTheirMetersDoToo() {
		this.meters.bindTo(this.registry);
		assertThat(this.registry.getMeters()).isEmpty();
		this.endpoints.add(endpoint("h2", EndpointState.READY));
		pass(2);
		this.meters.reconcile();
		assertThat(this.registry.find("pluggable.endpoint.state").gauges()).hasSize(EndpointState.values().length);
		this.meters.reconcile();
		assertThat(this.registry.find("pluggable.endpoint.state").gauges()).hasSize(EndpointState.values().length);
		this.endpoints.clear();
		pass(2);
		this.meters.reconcile();
		assertThat(this.registry.getMeters()).isEmpty();
	}

	@Test
	void whenAFolderIsFullOfSocketsThenTheNumberOfMetersIsBoundedAndThePluginHasIts() {
		for (int i = 0; i < HostMeters.MAX_SUBJECTS + 500; i++) {
			this.endpoints.add(endpoint("e" + i, EndpointState.READY));
		}
		this.plugins.add(plugin("relayer", 7L));
		this.meters.bindTo(this.registry);
		assertThat(this.registry.find("pluggable.endpoint.age").gauges()).hasSize(HostMeters.MAX_SUBJECTS - 1);
		assertThat(get("pluggable.plugin.state", "plugin", "relayer", "state", "ready").gauge().value()).isEqualTo(1);
		this.endpoints.subList(0, 1000).clear();
		pass(2);
		this.meters.reconcile();
		assertThat(this.registry.find("pluggable.endpoint.age").gauges()).hasSize(500);
	}

	@Test
	void whenAllMetersAreReadThenTheHostIsLookedAtOnce() {
		for (int i = 0; i < 100; i++) {
			this.endpoints.add(endpoint("e" + i, EndpointState.READY));
		}
		this.meters.bindTo(this.registry);
		pass(2);
		this.looks = 0;
		this.registry
			.forEachMeter((meter) -> meter.measure().forEach((value) -> assertThat(value.getValue()).isFinite()));
		assertThat(this.looks).isOne();
	}

	@Test
	void whenAPluginRunsThenItsMetersShowItsProcesses() {
		this.plugins.add(plugin("relayer", 7L));
		this.trees = Map.of(7L, new ProcessTree(2, 11, 4096, 20, Map.of(7L, 150L, 8L, 50L)));
		this.meters.bindTo(this.registry);
		assertThat(get("pluggable.plugin.state", "plugin", "relayer", "state", "ready").gauge().value()).isEqualTo(1);
		assertThat(get("pluggable.plugin.restarts", "plugin", "relayer").functionCounter().count()).isEqualTo(4);
		assertThat(get("pluggable.plugin.start.time", "plugin", "relayer").gauge().value())
			.isEqualTo(NOW.minusSeconds(60).getEpochSecond());
		assertThat(get("pluggable.plugin.processes", "plugin", "relayer").gauge().value()).isEqualTo(2);
		assertThat(get("pluggable.plugin.threads", "plugin", "relayer").gauge().value()).isEqualTo(11);
		assertThat(get("pluggable.plugin.memory.resident", "plugin", "relayer").gauge().value()).isEqualTo(4096);
		assertThat(get("pluggable.plugin.descriptors", "plugin", "relayer").gauge().value()).isEqualTo(20);
		assertThat(get("pluggable.plugin.cpu.time", "plugin", "relayer").functionCounter().count()).isEqualTo(2);
		assertThat(get("pluggable.plugin.connections", "plugin", "relayer", "direction", "served").gauge().value())
			.isEqualTo(1);
		assertThat(get("pluggable.plugin.connections", "plugin", "relayer", "direction", "dialed").gauge().value())
			.isZero();
	}

	@Test
	void whenProcessesAreReplacedThenTheirProcessorTimeAddsUp() {
		this.plugins.add(plugin("relayer", 7L));
		this.trees = Map.of(7L, new ProcessTree(1, 1, 0, 0, Map.of(7L, 150L)));
		this.meters.bindTo(this.registry);
		assertThat(get("pluggable.plugin.cpu.time", "plugin", "relayer").functionCounter().count()).isEqualTo(1.5);
		this.plugins.set(0, plugin("relayer", null));
		pass(2);
		assertThat(get("pluggable.plugin.cpu.time", "plugin", "relayer").functionCounter().count()).isEqualTo(1.5);
		assertThat(get("pluggable.plugin.processes", "plugin", "relayer").gauge().value()).isNaN();
		assertThat(get("pluggable.plugin.start.time", "plugin", "relayer").gauge().value()).isNaN();
		this.plugins.set(0, plugin("relayer", 9L));
		this.trees = Map.of(9L, new ProcessTree(1, 1, 0, 0, Map.of(9L, 30L)));
		pass(2);
		assertThat(get("pluggable.plugin.cpu.time", "plugin", "relayer").functionCounter().count()).isEqualTo(1.8);
	}

	@Test
	void whenAProcessHasChildrenThenTheyBelongToItsTree() throws Exception {
		Process process = new ProcessBuilder("sh", "-c", "sleep 600 & sleep 600 & wait").start();
		try {
			Awaitility.await().untilAsserted(() -> assertThat(process.descendants()).hasSize(2));
			ProcessTree tree = ProcessTree.of(List.of(process.pid())).get(process.pid());
			assertThat(tree).isNotNull();
			assertThat(tree.processes()).isEqualTo(3);
			assertThat(tree.threads()).isEqualTo(3);
			assertThat(tree.resident()).isGreaterThan(100_000);
			assertThat(tree.descriptors()).isGreaterThanOrEqualTo(3);
		}
		finally {
			process.descendants().forEach(ProcessHandle::destroyForcibly);
			process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
		}
		assertThat(ProcessTree.of(List.of(process.pid()))).isEmpty();
	}

	@Test
	void thePageForOperatorsNamesEachMeterWithItsKeys() throws Exception {
		String page = Files.readString(Path.of("..", "docs", "operations.md"));
		for (HostMeterDocumentation meter : HostMeterDocumentation.values()) {
			String keys = Arrays.stream(meter.getKeyNames())
				.map((key) -> "`" + key.asString() + "`")
				.collect(Collectors.joining(", "));
			String type = meter.getType().name().toLowerCase(Locale.ROOT)
					+ ((meter.getBaseUnit() != null) ? ", " + meter.getBaseUnit() : "");
			assertThat(page).contains("| `" + meter.getName() + "` | " + type + " | " + keys + " |");
		}
	}

	private RequiredSearch get(String name, String... tags) {
		return this.registry.get(name).tags(tags);
	}

	private void pass(long seconds) {
		this.now += TimeUnit.SECONDS.toNanos(seconds);
	}

	private static EndpointStatus endpoint(String name, EndpointState state) {
		return new EndpointStatus(name, null, null, state, null, NOW.minusSeconds(60), 3, null, 2, null, Set.of(),
				ProbeResult.NONE);
	}

	private static PluginStatus plugin(String name, Long pid) {
		return new PluginStatus(name, PluginState.READY, null, NOW.minusSeconds(60), pid, 5, 4, NOW.minusSeconds(60),
				PluginProtocol.GO_PLUGIN, 1, false, false, null, null, List.of(),
				List.of(new BrokeredConnection(1, "host", NOW)), List.of(), true, false);
	}

}
