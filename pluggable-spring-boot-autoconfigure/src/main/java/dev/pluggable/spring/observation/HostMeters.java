package dev.pluggable.spring.observation;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.spring.observation.HostMeterDocumentation.Keys;
import dev.pluggable.spring.observation.HostSnapshot.ComponentKey;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Meters of the endpoints, components and plugins of a host. Each of them gets its meters
 * within {@value #PERIOD_SECONDS} seconds after it was found, and loses them within the
 * same time after it was removed. At most {@value #MAX_SUBJECTS} of them have meters.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class HostMeters implements MeterBinder, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(HostMeters.class);

	private static final int PERIOD_SECONDS = 5;

	/**
	 * Each endpoint, component or plugin has about ten meters, and a folder may contain
	 * any number of sockets.
	 */
	static final int MAX_SUBJECTS = 1000;

	private final HostSnapshot snapshot;

	private final List<Binding> bindings = new CopyOnWriteArrayList<>();

	private final ScheduledExecutorService executor;

	/**
	 * Create the meters of a host.
	 * @param host the host
	 */
	public HostMeters(ComponentHost host) {
		this(new HostSnapshot(host::endpoints, () -> host.registry().components(), () -> host.plugins().statuses(),
				ProcessTree::of, System::nanoTime, Clock.systemUTC()));
	}

	HostMeters(HostSnapshot snapshot) {
		this.snapshot = snapshot;
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "pluggable-meters");
			thread.setDaemon(true);
			return thread;
		});
		executor.setRemoveOnCancelPolicy(true);
		this.executor = executor;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		Binding binding = new Binding(registry);
		binding.reconcile();
		this.bindings.add(binding);
		if (this.bindings.size() == 1) {
			this.executor.scheduleWithFixedDelay(this::reconcile, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
		}
	}

	/**
	 * Add the meters of what is new, and remove the meters of what is no longer there.
	 */
	void reconcile() {
		for (Binding binding : this.bindings) {
			try {
				binding.reconcile();
			}
			catch (RuntimeException ex) {
				logger.warn("The meters of endpoints, components and plugins could not be brought up to date", ex);
			}
		}
	}

	@Override
	public void close() {
		this.executor.shutdownNow();
		this.bindings.forEach(Binding::close);
	}

	/**
	 * The meters in one registry.
	 */
	private final class Binding {

		private final MeterRegistry registry;

		private final Map<Object, List<Meter>> meters = new HashMap<>();

		private boolean warned;

		private boolean closed;

		Binding(MeterRegistry registry) {
			this.registry = registry;
		}

		private synchronized void reconcile() {
			if (this.closed) {
				return;
			}
			HostSnapshot host = HostMeters.this.snapshot;
			Map<Object, Function<MeterRegistry, List<Meter>>> wanted = new LinkedHashMap<>();
			host.plugins().keySet().forEach((name) -> wanted.put("plugin " + name, (to) -> plugin(to, name)));
			host.components().keySet().forEach((key) -> wanted.put(key, (to) -> component(to, key)));
			host.endpoints().keySet().forEach((name) -> wanted.put("endpoint " + name, (to) -> endpoint(to, name)));
			this.meters.entrySet().removeIf((entry) -> {
				boolean gone = !wanted.containsKey(entry.getKey());
				if (gone) {
					entry.getValue().forEach(this.registry::remove);
				}
				return gone;
			});
			wanted.forEach((key, meters) -> {
				if (this.meters.size() < MAX_SUBJECTS) {
					this.meters.computeIfAbsent(key, (absent) -> meters.apply(this.registry));
				}
			});
			if (wanted.size() > MAX_SUBJECTS && !this.warned) {
				this.warned = true;
				logger.warn("There are {} endpoints, components and plugins. Only {} of them have meters, "
						+ "plugins and declared components first", wanted.size(), MAX_SUBJECTS);
			}
		}

		private synchronized void close() {
			this.closed = true;
			this.meters.values().forEach((meters) -> meters.forEach(this.registry::remove));
			this.meters.clear();
		}

	}

	private List<Meter> endpoint(MeterRegistry registry, String name) {
		Subject<EndpointStatus> endpoint = new Subject<>(registry, Tags.of(Keys.ENDPOINT.asString(), name),
				(host) -> host.endpoints().get(name));
		for (EndpointState state : EndpointState.values()) {
			endpoint.gauge(HostMeterDocumentation.ENDPOINT_STATE, Keys.STATE, state,
					(status) -> (status.state() == state) ? 1 : 0);
		}
		endpoint.gauge(HostMeterDocumentation.ENDPOINT_GENERATION, EndpointStatus::generation);
		endpoint.gauge(HostMeterDocumentation.ENDPOINT_AGE, (status) -> this.snapshot.age(status.since()));
		endpoint.counter(HostMeterDocumentation.ENDPOINT_RECONNECTS, EndpointStatus::reconnects);
		return endpoint.meters;
	}

	private List<Meter> component(MeterRegistry registry, ComponentKey key) {
		Subject<ComponentStatus> component = new Subject<>(registry,
				Tags.of(Keys.COMPONENT.asString(), key.name(), Keys.KIND.asString(), key.kind()),
				(host) -> host.components().get(key));
		for (ComponentState state : ComponentState.values()) {
			component.gauge(HostMeterDocumentation.COMPONENT_STATE, Keys.STATE, state,
					(status) -> (status.state() == state) ? 1 : 0);
		}
		for (ProbeResult.Health health : ProbeResult.Health.values()) {
			component.gauge(HostMeterDocumentation.COMPONENT_HEALTH, Keys.HEALTH, health,
					(status) -> (status.probe().health() == health) ? 1 : 0);
		}
		component.gauge(HostMeterDocumentation.COMPONENT_GENERATION, ComponentStatus::generation);
		component.gauge(HostMeterDocumentation.COMPONENT_AGE, (status) -> this.snapshot.age(status.since()));
		return component.meters;
	}

	private List<Meter> plugin(MeterRegistry registry, String name) {
		Tags tags = Tags.of(Keys.PLUGIN.asString(), name);
		Subject<PluginStatus> plugin = new Subject<>(registry, tags, (host) -> host.plugins().get(name));
		for (PluginState state : PluginState.values()) {
			plugin.gauge(HostMeterDocumentation.PLUGIN_STATE, Keys.STATE, state,
					(status) -> (status.state() == state) ? 1 : 0);
		}
		plugin.counter(HostMeterDocumentation.PLUGIN_RESTARTS, PluginStatus::restarts);
		plugin.gauge(HostMeterDocumentation.PLUGIN_START_TIME, HostMeters::startTime);
		plugin.gauge(HostMeterDocumentation.PLUGIN_CONNECTIONS, Keys.DIRECTION, Direction.SERVED,
				(status) -> status.served().size());
		plugin.gauge(HostMeterDocumentation.PLUGIN_CONNECTIONS, Keys.DIRECTION, Direction.DIALED,
				(status) -> status.dialed().size());
		plugin.counter(HostMeterDocumentation.PLUGIN_CPU_TIME, (status) -> this.snapshot.cpuTime(name));
		Subject<ProcessTree> processes = new Subject<>(registry, tags, (host) -> host.processes(name));
		processes.gauge(HostMeterDocumentation.PLUGIN_PROCESSES, ProcessTree::processes);
		processes.gauge(HostMeterDocumentation.PLUGIN_THREADS, ProcessTree::threads);
		processes.gauge(HostMeterDocumentation.PLUGIN_MEMORY, ProcessTree::resident);
		processes.gauge(HostMeterDocumentation.PLUGIN_DESCRIPTORS, ProcessTree::descriptors);
		return Stream.concat(plugin.meters.stream(), processes.meters.stream()).toList();
	}

	private static double startTime(PluginStatus status) {
		Instant started = status.startedAt();
		return (started != null && status.pid() != null) ? started.toEpochMilli() / 1000.0 : Double.NaN;
	}

	/**
	 * The sides that may serve a brokered connection.
	 */
	private enum Direction {

		SERVED, DIALED

	}

	/**
	 * Finds the status of one endpoint, component or plugin.
	 *
	 * @param <S> the status
	 */
	private interface StatusReader<S> {

		@Nullable S read(HostSnapshot host);

	}

	/**
	 * The meters of one endpoint, component or plugin.
	 *
	 * @param <S> the status that they show
	 */
	private final class Subject<S> {

		private final MeterRegistry registry;

		private final Tags tags;

		private final StatusReader<S> status;

		private final List<Meter> meters = new ArrayList<>();

		Subject(MeterRegistry registry, Tags tags, StatusReader<S> status) {
			this.registry = registry;
			this.tags = tags;
			this.status = status;
		}

		private void gauge(HostMeterDocumentation meter, ToDoubleFunction<S> value) {
			gauge(meter, this.tags, value);
		}

		private void gauge(HostMeterDocumentation meter, Keys key, Enum<?> word, ToDoubleFunction<S> value) {
			gauge(meter, this.tags.and(key.asString(), word.name().toLowerCase(Locale.ROOT)), value);
		}

		private void gauge(HostMeterDocumentation meter, Tags tags, ToDoubleFunction<S> value) {
			this.meters.add(Gauge.builder(meter.getName(), HostMeters.this.snapshot, read(value, Double.NaN))
				.description(meter.getDescription())
				.baseUnit(meter.getBaseUnit())
				.tags(tags)
				.register(this.registry));
		}

		private void counter(HostMeterDocumentation meter, ToDoubleFunction<S> value) {
			this.meters.add(FunctionCounter.builder(meter.getName(), HostMeters.this.snapshot, read(value, 0))
				.description(meter.getDescription())
				.baseUnit(meter.getBaseUnit())
				.tags(this.tags)
				.register(this.registry));
		}

		private ToDoubleFunction<HostSnapshot> read(ToDoubleFunction<S> value, double absent) {
			return (host) -> {
				S current = this.status.read(host);
				return (current != null) ? value.applyAsDouble(current) : absent;
			};
		}

	}

}
