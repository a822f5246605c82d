package dev.pluggable.spring.observation;

import java.util.Locale;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import org.jspecify.annotations.Nullable;

/**
 * The meters of endpoints, components and plugins, and their keys.
 *
 * @since 0.1.0
 */
public enum HostMeterDocumentation implements MeterDocumentation {

	/**
	 * 1 for the state in which the endpoint is, 0 for each other state.
	 */
	ENDPOINT_STATE("pluggable.endpoint.state", Meter.Type.GAUGE,
			"1 for the state in which the endpoint is, 0 for each other state", null, Keys.ENDPOINT, Keys.STATE),

	/**
	 * Generation of the connection of the endpoint, 0 before the first connection.
	 */
	ENDPOINT_GENERATION("pluggable.endpoint.generation", Meter.Type.GAUGE,
			"Generation of the connection of the endpoint, 0 before the first connection", null, Keys.ENDPOINT),

	/**
	 * Time that the endpoint has been in its state.
	 */
	ENDPOINT_AGE("pluggable.endpoint.age", Meter.Type.GAUGE, "Time that the endpoint has been in its state", "seconds",
			Keys.ENDPOINT),

	/**
	 * How often the endpoint has connected again.
	 */
	ENDPOINT_RECONNECTS("pluggable.endpoint.reconnects", Meter.Type.COUNTER,
			"How often the endpoint has connected again", null, Keys.ENDPOINT),

	/**
	 * 1 for the state in which the component is, 0 for each other state.
	 */
	COMPONENT_STATE("pluggable.component.state", Meter.Type.GAUGE,
			"1 for the state in which the component is, 0 for each other state", null, Keys.COMPONENT, Keys.KIND,
			Keys.STATE),

	/**
	 * Generation on which the component is initialised, 0 if there is none.
	 */
	COMPONENT_GENERATION("pluggable.component.generation", Meter.Type.GAUGE,
			"Generation on which the component is initialised, 0 if there is none", null, Keys.COMPONENT, Keys.KIND),

	/**
	 * Time that the component has been in its state.
	 */
	COMPONENT_AGE("pluggable.component.age", Meter.Type.GAUGE, "Time that the component has been in its state",
			"seconds", Keys.COMPONENT, Keys.KIND),

	/**
	 * 1 for the health that the last probe of the component has found, 0 for each other
	 * health.
	 */
	COMPONENT_HEALTH("pluggable.component.health", Meter.Type.GAUGE,
			"1 for the health that the last probe of the component has found, 0 for each other health", null,
			Keys.COMPONENT, Keys.KIND, Keys.HEALTH),

	/**
	 * 1 for the state in which the plugin is, 0 for each other state.
	 */
	PLUGIN_STATE("pluggable.plugin.state", Meter.Type.GAUGE,
			"1 for the state in which the plugin is, 0 for each other state", null, Keys.PLUGIN, Keys.STATE),

	/**
	 * How often the supervisor has started the plugin again.
	 */
	PLUGIN_RESTARTS("pluggable.plugin.restarts", Meter.Type.COUNTER,
			"How often the supervisor has started the plugin again", null, Keys.PLUGIN),

	/**
	 * Moment at which the current process of the plugin has started, in seconds since
	 * 1970. There is no value while no process runs.
	 */
	PLUGIN_START_TIME("pluggable.plugin.start.time", Meter.Type.GAUGE,
			"Moment at which the current process of the plugin has started, in seconds since 1970", "seconds",
			Keys.PLUGIN),

	/**
	 * Processor time that the processes of the plugin have used since the application has
	 * started, as far as it was seen: what a process used between the last look and its
	 * end is missing.
	 */
	PLUGIN_CPU_TIME("pluggable.plugin.cpu.time", Meter.Type.COUNTER,
			"Processor time that the processes of the plugin have used since the application has started", "seconds",
			Keys.PLUGIN),

	/**
	 * Resident memory of the processes of the plugin.
	 */
	PLUGIN_MEMORY("pluggable.plugin.memory.resident", Meter.Type.GAUGE,
			"Resident memory of the processes of the plugin", "bytes", Keys.PLUGIN),

	/**
	 * Open descriptors of the processes of the plugin.
	 */
	PLUGIN_DESCRIPTORS("pluggable.plugin.descriptors", Meter.Type.GAUGE,
			"Open descriptors of the processes of the plugin", null, Keys.PLUGIN),

	/**
	 * Threads of the processes of the plugin.
	 */
	PLUGIN_THREADS("pluggable.plugin.threads", Meter.Type.GAUGE, "Threads of the processes of the plugin", null,
			Keys.PLUGIN),

	/**
	 * Processes of the plugin.
	 */
	PLUGIN_PROCESSES("pluggable.plugin.processes", Meter.Type.GAUGE, "Processes of the plugin", null, Keys.PLUGIN),

	/**
	 * Brokered connections of the plugin.
	 */
	PLUGIN_CONNECTIONS("pluggable.plugin.connections", Meter.Type.GAUGE, "Brokered connections of the plugin", null,
			Keys.PLUGIN, Keys.DIRECTION);

	private final String name;

	private final Meter.Type type;

	private final String description;

	private final @Nullable String unit;

	private final Keys[] keys;

	HostMeterDocumentation(String name, Meter.Type type, String description, @Nullable String unit, Keys... keys) {
		this.name = name;
		this.type = type;
		this.description = description;
		this.unit = unit;
		this.keys = keys;
	}

	@Override
	public String getName() {
		return this.name;
	}

	@Override
	public Meter.Type getType() {
		return this.type;
	}

	@Override
	public @Nullable String getBaseUnit() {
		return this.unit;
	}

	/**
	 * What the meter shows.
	 * @return one sentence without its full stop
	 */
	public String getDescription() {
		return this.description;
	}

	@Override
	public KeyName[] getKeyNames() {
		return this.keys.clone();
	}

	/**
	 * Keys with few values.
	 */
	public enum Keys implements KeyName {

		/**
		 * Name of the endpoint, which is the name of the plugin for a launched process.
		 */
		ENDPOINT,

		/**
		 * Name of the component.
		 */
		COMPONENT,

		/**
		 * Name of the component's kind.
		 */
		KIND,

		/**
		 * Name of the plugin.
		 */
		PLUGIN,

		/**
		 * A state in small letters, such as {@code ready}.
		 */
		STATE,

		/**
		 * {@code up}, {@code down} or {@code unknown}.
		 */
		HEALTH,

		/**
		 * {@code served} for connections that the plugin calls the application on,
		 * {@code dialed} for connections that the application calls the plugin on.
		 */
		DIRECTION;

		@Override
		public String asString() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

}
