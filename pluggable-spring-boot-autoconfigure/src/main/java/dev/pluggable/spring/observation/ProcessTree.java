package dev.pluggable.spring.observation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What the processes of one plugin use, read from {@code /proc}: the process that was
 * launched and all its descendants. Processes that have ended while they were read count
 * as nothing.
 *
 * @param processes number of processes
 * @param threads number of threads
 * @param resident resident memory in bytes; memory that processes share counts for each
 * @param descriptors number of open descriptors, of the processes whose descriptors may
 * be read
 * @param ticks processor time of each process in ticks of the kernel
 */
record ProcessTree(int processes, long threads, long resident, long descriptors, Map<Long, Long> ticks) {

	/**
	 * Linux shows times in {@code /proc} in hundredths of a second on each architecture.
	 */
	static final double TICKS_PER_SECOND = 100;

	private static final Path PROC = Path.of("/proc");

	/**
	 * Read the trees of some processes.
	 * @param roots ids of the processes
	 * @return the tree of each process that runs, empty where there is no {@code /proc}
	 */
	static Map<Long, ProcessTree> of(List<Long> roots) {
		if (roots.isEmpty()) {
			return Map.of();
		}
		Map<Long, Stat> stats = new HashMap<>();
		Map<Long, List<Long>> children = new HashMap<>();
		try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
			for (Path directory : all) {
				Stat stat = Stat.read(directory);
				if (stat != null) {
					stats.put(stat.pid(), stat);
					children.computeIfAbsent(stat.parent(), (parent) -> new ArrayList<>()).add(stat.pid());
				}
			}
		}
		catch (IOException | RuntimeException ex) {
			return Map.of();
		}
		Map<Long, ProcessTree> trees = new HashMap<>();
		for (Long root : roots) {
			if (stats.containsKey(root)) {
				trees.put(root, tree(root, stats, children));
			}
		}
		return trees;
	}

	private static ProcessTree tree(Long root, Map<Long, Stat> stats, Map<Long, List<Long>> children) {
		long threads = 0;
		long resident = 0;
		long descriptors = 0;
		Map<Long, Long> ticks = new HashMap<>();
		Deque<Long> open = new ArrayDeque<>(List.of(root));
		while (!open.isEmpty()) {
			Stat stat = stats.get(open.pop());
			if (stat == null || ticks.put(stat.pid(), stat.ticks()) != null) {
				continue;
			}
			threads += stat.threads();
			resident += resident(stat.pid());
			descriptors += descriptors(stat.pid());
			open.addAll(children.getOrDefault(stat.pid(), List.of()));
		}
		return new ProcessTree(ticks.size(), threads, resident, descriptors, Map.copyOf(ticks));
	}

	private static long resident(long pid) {
		try {
			for (String line : Files.readAllLines(PROC.resolve(pid + "/status"), StandardCharsets.ISO_8859_1)) {
				if (line.startsWith("VmRSS:")) {
					String[] words = line.split("\\s+");
					return Long.parseLong(words[1]) * 1024;
				}
			}
		}
		catch (IOException | RuntimeException ex) {
			// The process has ended.
		}
		return 0;
	}

	private static long descriptors(long pid) {
		long count = 0;
		try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC.resolve(pid + "/fd"))) {
			for (Path ignored : all) {
				count++;
			}
		}
		catch (IOException | RuntimeException ex) {
			// The process has ended, or belongs to another user.
		}
		return count;
	}

	/**
	 * What one line of {@code /proc/<pid>/stat} says, see proc(5).
	 */
	private record Stat(long pid, long parent, long ticks, long threads) {

		static @Nullable Stat read(Path directory) {
			try {
				String line = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
				// The name of the program may contain spaces and brackets.
				String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
				return new Stat(Long.parseLong(directory.getFileName().toString()), Long.parseLong(fields[1]),
						Long.parseLong(fields[11]) + Long.parseLong(fields[12]), Long.parseLong(fields[17]));
			}
			catch (IOException | RuntimeException ex) {
				// The process has ended.
				return null;
			}
		}

	}

}
