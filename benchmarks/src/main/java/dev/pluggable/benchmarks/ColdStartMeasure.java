package dev.pluggable.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Measures a JVM that has just started: its connections to all sockets of one process in
 * Go, and the cost of the idle endpoints afterwards.
 */
final class ColdStartMeasure implements Measure {

	private static final int[] COUNTS = { 100, 1000, 5000 };

	private static final int IDLE = COUNTS[0];

	private static final String CHANNELS = "bare channels";

	private static final String CALLS = "bare channels, four calls";

	private static final String HOST = "host";

	@Override
	public void run(Scale scale, Report report) throws Exception {
		Path sources = Path.of(System.getProperty(Benchmarks.SOURCES, "")).resolve("go");
		try (WorkFolder folder = new WorkFolder()) {
			Path program = folder.resolve("sockets");
			if (!GoProgram.build(sources, "./sockets", program)) {
				report.table("A JVM that has just started", "Not measured: Go is missing or cannot build the program.");
				return;
			}
			List<String> command = new ArrayList<>(List.of(program.toString()));
			for (int count : COUNTS) {
				command.addAll(List.of(folder.folder("s" + count).toString(), Integer.toString(count)));
			}
			try (ServerProcess go = ServerProcess.start(new ProcessBuilder(command))) {
				start(scale, folder, report);
				idle(scale, folder, report);
			}
		}
	}

	private static void start(Scale scale, WorkFolder folder, Report report) throws Exception {
		Table table = report.table("Start of a JVM with many sockets of one process",
				"Each figure is that of a JVM that has just started. Milliseconds until all components are ready "
						+ "(connection, reflection, Init, Features, Ping); bare channels make one call each. Bare channels "
						+ "with four calls make the calls of the host, and are its floor: 'to calls' is the ratio to "
						+ "them. 'each' is the time of one socket more, compared with the row above.");
		Rounds<Double> before = null;
		int connected = 0;
		for (int count : COUNTS) {
			Path sockets = folder.resolve("s" + count);
			Path log = folder.resolve("log");
			long[] warnings = new long[1];
			Rounds<Double> rounds = new Rounds<>();
			rounds.add(CHANNELS, () -> millis(ManyEndpoints.CHANNELS, sockets, count, log));
			rounds.add(CALLS, () -> millis(ManyEndpoints.CALLS, sockets, count, log));
			rounds.add(HOST, () -> {
				double millis = millis(ManyEndpoints.HOST, sockets, count, log);
				warnings[0] += warnings(log);
				return millis;
			});
			for (int i = 0; i < (scale.quick() ? 1 : 5); i++) {
				rounds.measureOnce();
			}
			for (String name : rounds.names()) {
				double last = rounds.figure(name, Double::doubleValue).median();
				double earlier = (before != null) ? before.figure(name, Double::doubleValue).median() : 0;
				table.row("sockets", count, "by", name, "ms", rounds.figure(name, Double::doubleValue), "ratio",
						rounds.ratio(name, CHANNELS, Double::doubleValue), "to calls",
						rounds.ratio(name, CALLS, Double::doubleValue), "each", (last - earlier) / (count - connected));
			}
			report.aims()
				.add(Aim.orBetter(String.format(Locale.ROOT, "%,d sockets in a JVM that has just started", count), 1.2,
						rounds.ratio(HOST, CHANNELS, Double::doubleValue).median()));
			report.aims()
				.add(Aim.orBetter(String.format(Locale.ROOT, "%,d sockets, to the same calls by hand", count), 1.2,
						rounds.ratio(HOST, CALLS, Double::doubleValue).median()));
			report.aims()
				.add(Aim.atMost(String.format(Locale.ROOT, "warnings about %,d healthy sockets", count), 0, "",
						warnings[0]));
			before = rounds;
			connected = count;
		}
	}

	private static double millis(String by, Path sockets, int count, Path log) throws Exception {
		try (ServerProcess process = process(by, sockets, count, log)) {
			return Double.parseDouble(process.details());
		}
	}

	private static ServerProcess process(String by, Path sockets, int count, Path log) throws Exception {
		return ServerProcess.start(ManyEndpoints.class,
				List.of("-Xms1g", "-Xmx2g", "-Dlogback.configurationFile=soak-logback.xml", "-Dsoak.log=" + log), by,
				sockets.toString(), Integer.toString(count));
	}

	private static long warnings(Path log) throws Exception {
		try (Stream<String> lines = Files.lines(log)) {
			return lines.filter((line) -> line.contains(" WARN ") || line.contains(" ERROR ")).count();
		}
	}

	private static void idle(Scale scale, WorkFolder folder, Report report) throws Exception {
		int[] seconds = scale.quick() ? new int[] { 30, 60 } : new int[] { 30, 60, 300, 360 };
		Table table = report.table("Idle endpoints of a JVM that has just started", IDLE
				+ " endpoints, each with one component that the host probes every 10 s. '% of a core' is the "
				+ "processor time of the process, with the JVM's compilers; 'threads' is that of Java's threads.");
		try (ServerProcess process = process(ManyEndpoints.HOST, folder.resolve("s" + IDLE), IDLE,
				folder.resolve("log"))) {
			long begun = System.nanoTime();
			String[] before = process.ask("").split(" ");
			int from = 0;
			for (int until : seconds) {
				TimeUnit.NANOSECONDS.sleep(begun + TimeUnit.SECONDS.toNanos(until) - System.nanoTime());
				String[] now = process.ask("").split(" ");
				double all = share(before[1], now[1], until - from);
				table.row("seconds", from + " to " + until, "% of a core", all, "threads",
						share(before[0], now[0], until - from));
				if (from == 30) {
					report.aims().add(Aim.atMost(IDLE + " idle endpoints, second half-minute", 3, " % of a core", all));
				}
				if (from == 300) {
					report.aims().add(Aim.atMost(IDLE + " idle endpoints, sixth minute", 0.5, " % of a core", all));
				}
				before = now;
				from = until;
			}
		}
	}

	private static double share(String before, String now, int seconds) {
		return (Long.parseLong(now) - Long.parseLong(before)) / 1e7 / seconds;
	}

}
