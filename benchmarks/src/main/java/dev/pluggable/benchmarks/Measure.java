package dev.pluggable.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A measure, which runs in its own Java process.
 */
@FunctionalInterface
interface Measure {

	/**
	 * Measure.
	 * @param scale durations and numbers of measurements
	 * @param report takes the figures
	 */
	void run(Scale scale, Report report) throws Exception;

	/**
	 * Return all measures by name, in the order in which they run.
	 */
	static Map<String, Supplier<Measure>> all() {
		Map<String, Supplier<Measure>> all = new LinkedHashMap<>();
		all.put("calls", () -> new CallMeasure(false));
		all.put("virtual", () -> new CallMeasure(true));
		all.put("async", AsyncMeasure::new);
		all.put("system-calls", SystemCallMeasure::new);
		all.put("jmh", JmhMeasure::new);
		all.put("streams", StreamMeasure::new);
		all.put("discovery", DiscoveryMeasure::new);
		all.put("cold", ColdStartMeasure::new);
		all.put("recovery", RecoveryMeasure::new);
		all.put("start", StartMeasure::new);
		all.put("go", GoMeasure::new);
		all.put("broker", BrokerMeasure::new);
		return all;
	}

}
