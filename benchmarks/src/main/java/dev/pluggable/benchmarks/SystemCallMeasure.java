package dev.pluggable.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Counts the system calls of a call with strace, which slows the process down but counts
 * correctly.
 */
final class SystemCallMeasure implements Measure {

	private static final int CALLS = 1000;

	/** Enough calls for the compilers to finish. */
	private static final int WARM_UP_CALLS = 6000;

	private static final int MOST = 4;

	@Override
	public void run(Scale scale, Report report) throws Exception {
		if (!hasStrace()) {
			report.table("System calls", "Not measured: strace is missing.");
			return;
		}
		Table table = report.table("System calls",
				"System calls per get of 100 B with one caller, of all threads of this process, counted by strace -c "
						+ "-f. Threads wait with futex and epoll; the number of waits varies with the load of the machine.");
		try (WorkFolder folder = new WorkFolder()) {
			try (ServerProcess loop = ServerProcess.start(CallLoop.class, List.of())) {
				for (String way : scale.quick() ? CallLoop.WAYS.subList(0, 2) : CallLoop.WAYS) {
					loop.ask(way + " " + WARM_UP_CALLS);
					List<Count> counts = traced(loop, way, folder.resolve("strace"));
					table.row("by", way, "system calls", counts.stream().mapToInt(Count::calls).sum() / (double) CALLS,
							"most often",
							counts.stream()
								.sorted(Comparator.comparingInt(Count::calls).reversed())
								.limit(MOST)
								.map(Count::toString)
								.collect(Collectors.joining(", ")));
				}
				// The program removes its folder when it ends by itself.
				loop.finish();
			}
		}
		catch (IOException ex) {
			report.table("System calls by strace", "Not measured: " + ex.getMessage() + ".");
		}
	}

	private static boolean hasStrace() {
		try {
			return new ProcessBuilder("strace", "-V").redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start()
				.waitFor() == 0;
		}
		catch (IOException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private static List<Count> traced(ServerProcess loop, String way, Path output)
			throws IOException, InterruptedException {
		Process strace = new ProcessBuilder("strace", "-c", "-f", "-o", output.toString(), "-p",
				Long.toString(loop.pid()))
			.redirectErrorStream(true)
			.start();
		try (BufferedReader said = strace.inputReader()) {
			String line = said.readLine();
			if (line == null || !line.contains("attached")) {
				throw new IOException("strace cannot attach: " + line);
			}
			loop.ask(way + " " + CALLS);
			// strace writes its counts when it is interrupted.
			new ProcessBuilder("kill", "-INT", Long.toString(strace.pid())).start().waitFor();
			while (said.readLine() != null) {
				// strace reports that it detaches.
			}
			if (!strace.waitFor(10, TimeUnit.SECONDS)) {
				throw new IOException("strace does not end");
			}
		}
		finally {
			strace.destroyForcibly();
		}
		return counts(Files.readAllLines(output));
	}

	/**
	 * Read lines of: time in percent, seconds, microseconds per call, calls, errors if
	 * any, name.
	 */
	private static List<Count> counts(List<String> lines) {
		List<Count> counts = new ArrayList<>();
		for (String line : lines) {
			String[] words = line.trim().split("\\s+");
			if (words.length >= 5 && words[3].matches("\\d+") && !words[words.length - 1].equals("total")) {
				counts.add(new Count(words[words.length - 1], Integer.parseInt(words[3])));
			}
		}
		return counts;
	}

	private record Count(String name, int calls) {

		@Override
		public String toString() {
			return String.format(Locale.ROOT, "%s %.1f", this.name, this.calls / (double) CALLS);
		}

	}

}
