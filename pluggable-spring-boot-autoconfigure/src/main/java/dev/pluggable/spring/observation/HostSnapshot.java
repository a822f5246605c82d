package dev.pluggable.spring.observation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.pluggable.Component;
import dev.pluggable.ComponentStatus;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.plugin.PluginStatus;
import org.jspecify.annotations.Nullable;

/**
 * The statuses that the meters show. All meters of one scrape read the same statuses,
 * because a look at everything for each meter would take time that grows with the square
 * of the number of endpoints. Safe for use by many threads.
 */
final class HostSnapshot {

	/**
	 * How long statuses are shown before they are read again.
	 */
	private static final long LIFETIME = Duration.ofSeconds(1).toNanos();

	private final Supplier<List<EndpointStatus>> endpointSource;

	private final Supplier<List<Component<?>>> componentSource;

	private final Supplier<List<PluginStatus>> pluginSource;

	private final Function<List<Long>, Map<Long, ProcessTree>> processes;

	private final LongSupplier ticker;

	private final Clock clock;

	private Map<String, EndpointStatus> endpoints = Map.of();

	private Map<ComponentKey, ComponentStatus> components = Map.of();

	private Map<String, PluginStatus> plugins = Map.of();

	private Map<Long, ProcessTree> trees = Map.of();

	private final Map<String, CpuTime> cpuTimes = new HashMap<>();

	private @Nullable Long readAt;

	private boolean processesRead;

	HostSnapshot(Supplier<List<EndpointStatus>> endpoints, Supplier<List<Component<?>>> components,
			Supplier<List<PluginStatus>> plugins, Function<List<Long>, Map<Long, ProcessTree>> processes,
			LongSupplier ticker, Clock clock) {
		this.endpointSource = endpoints;
		this.componentSource = components;
		this.pluginSource = plugins;
		this.processes = processes;
		this.ticker = ticker;
		this.clock = clock;
	}

	synchronized Map<String, EndpointStatus> endpoints() {
		look();
		return this.endpoints;
	}

	synchronized Map<ComponentKey, ComponentStatus> components() {
		look();
		return this.components;
	}

	synchronized Map<String, PluginStatus> plugins() {
		look();
		return this.plugins;
	}

	/**
	 * The processes of a plugin.
	 * @param plugin name of the plugin
	 * @return what they use, {@code null} if no process runs
	 */
	synchronized @Nullable ProcessTree processes(String plugin) {
		readProcesses();
		PluginStatus status = this.plugins.get(plugin);
		return (status != null && status.pid() != null) ? this.trees.get(status.pid()) : null;
	}

	/**
	 * Processor time of all processes that a plugin has had.
	 * @param plugin name of the plugin
	 * @return the time in seconds, which never decreases
	 */
	synchronized double cpuTime(String plugin) {
		readProcesses();
		CpuTime time = this.cpuTimes.get(plugin);
		return (time != null) ? time.total / ProcessTree.TICKS_PER_SECOND : 0;
	}

	/**
	 * The time since a moment.
	 * @param since the moment
	 * @return seconds, never negative
	 */
	double age(Instant since) {
		return Math.max(0, Duration.between(since, this.clock.instant()).toMillis() / 1000.0);
	}

	private void look() {
		long now = this.ticker.getAsLong();
		if (this.readAt != null && now - this.readAt < LIFETIME) {
			return;
		}
		this.endpoints = this.endpointSource.get()
			.stream()
			.collect(Collectors.toMap(EndpointStatus::name, Function.identity(), (first, second) -> first));
		this.components = this.componentSource.get()
			.stream()
			.sorted(Comparator.comparing(Component::declared, Comparator.reverseOrder()))
			.collect(Collectors.toMap((component) -> new ComponentKey(component.name(), component.kind().name()),
					Component::status, (first, second) -> first, LinkedHashMap::new));
		this.plugins = this.pluginSource.get()
			.stream()
			.collect(Collectors.toMap(PluginStatus::name, Function.identity(), (first, second) -> first));
		this.readAt = now;
		this.processesRead = false;
	}

	private void readProcesses() {
		look();
		if (this.processesRead) {
			return;
		}
		this.processesRead = true;
		this.trees = this.processes
			.apply(this.plugins.values().stream().map(PluginStatus::pid).filter(Objects::nonNull).toList());
		for (PluginStatus plugin : this.plugins.values()) {
			ProcessTree tree = (plugin.pid() != null) ? this.trees.get(plugin.pid()) : null;
			this.cpuTimes.computeIfAbsent(plugin.name(), (absent) -> new CpuTime())
				.add((tree != null) ? tree.ticks() : Map.of());
		}
	}

	/**
	 * Identifies a component.
	 *
	 * @param name name of the component
	 * @param kind name of its kind
	 */
	record ComponentKey(String name, String kind) {
	}

	/**
	 * Adds up the time of processes that come and go.
	 */
	private static final class CpuTime {

		private Map<Long, Long> last = Map.of();

		private long total;

		private void add(Map<Long, Long> ticks) {
			ticks.forEach((pid, now) -> {
				long before = this.last.getOrDefault(pid, 0L);
				// A process with the id of an earlier process starts with less time.
				this.total += (now >= before) ? now - before : now;
			});
			this.last = ticks;
		}

	}

}
