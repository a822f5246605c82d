package dev.pluggable.benchmarks;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures the calls with JMH. Each side has its own processes, and the sides alternate.
 */
final class JmhMeasure implements Measure {

	private static final List<String> OPERATIONS = List.of("Get", "Set");

	@Override
	public void run(Scale scale, Report report) throws Exception {
		Table table = report.table("Calls by JMH",
				"One caller, 100 B, each side in its own processes, in alternating order. Times are in microseconds, "
						+ "bytes are those of JMH's gc profiler. The ratio is relative to the stub.");
		int forks = scale.quick() ? 1 : 3;
		for (String operation : OPERATIONS) {
			Rounds<Sample> rounds = new Rounds<>();
			rounds.add("stub", () -> sample("stub" + operation, scale));
			rounds.add("proxy", () -> sample("proxy" + operation, scale));
			for (int i = 0; i < forks; i++) {
				rounds.measureOnce();
			}
			for (String name : rounds.names()) {
				table.row("call", operation.toLowerCase(Locale.ROOT), "by", name, "p50",
						rounds.figure(name, Sample::p50), "p99", rounds.figure(name, Sample::p99), "bytes",
						rounds.figure(name, Sample::bytes), "p50 ratio", rounds.ratio(name, "stub", Sample::p50));
			}
		}
	}

	private static Sample sample(String method, Scale scale) throws Exception {
		int seconds = scale.quick() ? 1 : 3;
		Collection<RunResult> results = new Runner(
				new OptionsBuilder().include(StateBenchmark.class.getName() + "." + method + "$")
					.param("size", "100")
					.forks(1)
					.warmupIterations(seconds)
					.warmupTime(TimeValue.seconds(1))
					.measurementIterations(seconds)
					.measurementTime(TimeValue.seconds(1))
					.addProfiler(GCProfiler.class)
					.verbosity(VerboseMode.SILENT)
					.build())
			.run();
		RunResult result = results.iterator().next();
		double bytes = Double.NaN;
		for (String name : result.getSecondaryResults().keySet()) {
			if (name.endsWith("gc.alloc.rate.norm")) {
				bytes = result.getSecondaryResults().get(name).getScore();
			}
		}
		return new Sample(result.getPrimaryResult().getStatistics().getPercentile(50),
				result.getPrimaryResult().getStatistics().getPercentile(99), bytes);
	}

	/**
	 * The figures of one JMH process.
	 *
	 * @param p50 50th percentile in microseconds
	 * @param p99 99th percentile in microseconds
	 * @param bytes bytes allocated per call
	 */
	private record Sample(double p50, double p99, double bytes) {

	}

}
