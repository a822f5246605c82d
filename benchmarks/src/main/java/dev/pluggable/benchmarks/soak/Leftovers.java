package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Counts what a host could leave behind: threads, descriptors, processes and files.
 *
 * @param counts number of things by their description
 */
record Leftovers(Map<String, Integer> counts) {

	/**
	 * Count what exists now.
	 * @param folders folders whose entries count
	 */
	static Leftovers now(List<Path> folders) {
		Map<String, Integer> counts = new TreeMap<>();
		for (Thread thread : Thread.getAllStackTraces().keySet()) {
			// The JDK keeps threads that waited for a process for a minute.
			if (!thread.getName().startsWith("process reaper")) {
				add(counts, "thread " + thread.getName().replaceAll("[0-9]+", "N"));
			}
		}
		for (Path descriptor : list(Path.of("/proc/self/fd"))) {
			add(counts, "descriptor " + describe(descriptor));
		}
		ProcessHandle.current()
			.descendants()
			.filter(ProcessHandle::isAlive)
			.forEach((process) -> add(counts, "process " + process.info().commandLine().orElse("" + process.pid())));
		folders.forEach((folder) -> list(folder).forEach((entry) -> add(counts, "file " + entry)));
		return new Leftovers(counts);
	}

	private static void add(Map<String, Integer> counts, String what) {
		counts.merge(what, 1, Integer::sum);
	}

	private static String describe(Path descriptor) {
		try {
			String target = Files.readSymbolicLink(descriptor).toString();
			int colon = target.indexOf(":[");
			if (colon >= 0) {
				return target.substring(0, colon);
			}
			// The JVM opens its libraries when it needs them, and this list is itself
			// open.
			return (target.endsWith(".jar") || target.startsWith("/proc/")) ? "of the JVM" : target;
		}
		catch (IOException ex) {
			return "of the JVM";
		}
	}

	private static List<Path> list(Path folder) {
		try (Stream<Path> entries = Files.list(folder)) {
			return entries.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return what there is more of than before.
	 */
	List<String> beyond(Leftovers before) {
		List<String> more = new ArrayList<>();
		this.counts.forEach((what, count) -> {
			int difference = count - before.counts.getOrDefault(what, 0);
			if (difference > 0 && !what.equals("descriptor of the JVM")) {
				more.add(difference + " x " + what);
			}
		});
		return more;
	}

}
