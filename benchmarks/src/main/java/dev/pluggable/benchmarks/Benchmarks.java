package dev.pluggable.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Runs each measure in its own Java process, and writes the results.
 */
public final class Benchmarks {

	/** JVM options of the processes that measure. */
	private static final List<String> JVM = List.of("-Xms1g", "-Xmx2g");

	private static final String ONE = "--measure";

	/** System property with the folder of the sources. */
	static final String SOURCES = "benchmarks.sources";

	/** Measures that a quick run leaves out unless they are named. */
	private static final Set<String> NOT_QUICK = Set.of("virtual", "jmh", "cold");

	private Benchmarks() {
	}

	/**
	 * Measure.
	 * @param arguments {@code --quick}, {@code --out <folder>},
	 * {@code --only <measure,...>}, {@code --virtual-java <command>}
	 * @throws Exception if the results cannot be written
	 */
	public static void main(String[] arguments) throws Exception {
		if (arguments.length == 4 && arguments[0].equals(ONE)) {
			measure(arguments[1], Scale.of(arguments[2]), Path.of(arguments[3]));
			return;
		}
		Options options = Options.parse(arguments);
		Files.createDirectories(options.out());
		Report report = new Report();
		report.where().put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
		report.where().put("scale", options.scale());
		report.where().put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
		report.where()
			.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
					+ System.getProperty("os.arch"));
		report.where().put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
		Map<String, Long> seconds = new LinkedHashMap<>();
		long begun = System.nanoTime();
		for (String name : options.measures()) {
			Path java = name.equals("virtual") ? options.virtualJava() : ServerProcess.java();
			if (options.scale().equals("quick") && NOT_QUICK.contains(name) && options.all()) {
				continue;
			}
			if (java == null) {
				report.table("Virtual threads",
						"Not measured: this JDK has no virtual threads, and --virtual-java names no other.");
				continue;
			}
			System.err.println("Measuring: " + name);
			long began = System.nanoTime();
			report.add(measured(java, name, options));
			seconds.put(name, seconds(began));
			System.err.println("Measured: " + name + ", " + seconds.get(name) + " s");
		}
		report.where().put("seconds", seconds(begun) + " " + seconds);
		String text = report.markdown();
		System.out.println(text);
		report.write(options.out().resolve("results.json"));
		Files.writeString(options.out().resolve("results.md"), text);
		System.err.println("Written to " + options.out());
	}

	private static long seconds(long begun) {
		return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
	}

	/**
	 * Run one measure in its own process. Its failure does not affect the other measures.
	 */
	private static Report measured(Path java, String name, Options options) throws IOException, InterruptedException {
		Path file = options.out().resolve(name + ".json");
		Files.deleteIfExists(file);
		List<String> command = new ArrayList<>(List.of(java.toString()));
		command.addAll(JVM);
		command.addAll(ServerProcess.NO_WARNINGS);
		command.add("-D" + SOURCES + "=" + System.getProperty(SOURCES, ""));
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), Benchmarks.class.getName(), ONE, name,
				options.scale(), file.toString()));
		int status = new ProcessBuilder(command).inheritIO().start().waitFor();
		if (status == 0) {
			return Report.read(file);
		}
		Report failed = new Report();
		failed.aims().add(failed(name, "exit status " + status));
		return failed;
	}

	private static Aim failed(String name, String how) {
		return new Aim("measure '" + name + "'", "runs to its end", how, false);
	}

	private static void measure(String name, Scale scale, Path file) throws Exception {
		Supplier<Measure> measure = Measure.all().get(name);
		if (measure == null) {
			throw new IllegalArgumentException(
					"There is no measure '" + name + "'; there are " + Measure.all().keySet());
		}
		Report report = new Report();
		try {
			measure.get().run(scale, report);
		}
		catch (Exception ex) {
			// The report keeps the earlier results of this measure.
			ex.printStackTrace();
			report.aims().add(failed(name, ex.getClass().getSimpleName()));
		}
		report.write(file);
		// Threads that are still running must not keep the process alive.
		System.exit(0);
	}

	/**
	 * The options of a run.
	 *
	 * @param scale name of a {@link Scale}
	 * @param out folder for the results
	 * @param measures names of the measures to run
	 * @param all whether the arguments named no measures
	 * @param virtualJava the command of a JDK with virtual threads, or {@code null}
	 */
	record Options(String scale, Path out, List<String> measures, boolean all, @Nullable Path virtualJava) {

		static Options parse(String... arguments) {
			String scale = "full";
			Path out = Path.of("results");
			List<String> all = List.copyOf(Measure.all().keySet());
			List<String> measures = all;
			Path virtualJava = Callers.hasVirtualThreads() ? ServerProcess.java() : null;
			for (int i = 0; i < arguments.length; i++) {
				switch (arguments[i]) {
					case "--quick" -> scale = "quick";
					case "--smoke" -> scale = "smoke";
					case "--out" -> out = Path.of(value(arguments, ++i));
					case "--only" -> measures = List.of(value(arguments, ++i).split(","));
					case "--virtual-java" -> virtualJava = Path.of(value(arguments, ++i));
					default -> throw new IllegalArgumentException("Unknown option '" + arguments[i] + "'");
				}
			}
			return new Options(scale, out, measures, measures == all, virtualJava);
		}

		private static String value(String[] arguments, int index) {
			if (index >= arguments.length) {
				throw new IllegalArgumentException(arguments[index - 1] + " needs a value");
			}
			return arguments[index];
		}

	}

}
