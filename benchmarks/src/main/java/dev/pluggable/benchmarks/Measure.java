package dev.pluggable.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Something to be measured, in a Java process of its own.
 */
@FunctionalInterface
interface Measure {

	/**
	 * Measure.
	 * @param scale how long and how often
	 * @param report takes the figures
	 */
	void run(Scale scale, Report report) throws Exception;

	/**
	 * All measures by their names, in the order in which they are made.
	 */
	static Map<String, Supplier<Measure>> all() {
		Map<String, Supplier<Measure>> all = new LinkedHashMap<>();
		all.put("calls", () -> new CallMeasure(false));
		all.put("virtual", () -> new CallMeasure(true));
		all.put("system-calls", SystemCallMeasure::new);
		all.put("jmh", JmhMeasure::new);
		all.put("streams", StreamMeasure::new);
		all.put("discovery", DiscoveryMeasure::new);
		all.put("recovery", RecoveryMeasure::new);
		all.put("start", StartMeasure::new);
		all.put("go", GoMeasure::new);
		return all;
	}

}
