package dev.pluggable.benchmarks.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * One fault of a plan.
 *
 * @param number number of the fault, from 1
 * @param kind the kind
 * @param target name of the component, {@link #FOLDER}, {@link #PLUGINS} or
 * {@link #CLOCK}
 * @param pause milliseconds between the earlier fault and this one
 * @param duration milliseconds of the fault
 * @param seed seed for further choices of the fault
 */
record Fault(int number, Kind kind, String target, long pause, long duration, long seed) {

	/** Target of the faults that concern the socket folder. */
	static final String FOLDER = "folder";

	/** Target of the faults that concern all launched components. */
	static final String PLUGINS = "plugins";

	/** Target of the faults that concern the time of day. */
	static final String CLOCK = "clock";

	/**
	 * Plan faults. The same arguments lead to the same plan.
	 * @param seed seed of the plan
	 * @param count number of faults
	 * @param targets the targets of each kind that can be carried out
	 */
	static List<Fault> plan(long seed, int count, Map<Kind, List<String>> targets) {
		Random random = new Random(seed);
		List<Kind> kinds = List.copyOf(new TreeMap<>(targets).keySet());
		List<Fault> faults = new ArrayList<>();
		for (int number = 1; number <= count; number++) {
			Kind kind = kinds.get(random.nextInt(kinds.size()));
			List<String> possible = targets.getOrDefault(kind, List.of());
			String target = possible.get(random.nextInt(possible.size()));
			long pause = random.nextInt(400);
			faults.add(new Fault(number, kind, target, pause, duration(kind, random), random.nextLong()));
		}
		return faults;
	}

	private static long duration(Kind kind, Random random) {
		int longest = switch (kind) {
			// Every fourth process hangs for longer than the call timeout and the hang
			// timeout.
			case HANG -> (random.nextInt(4) == 0) ? 10_000 : 2500;
			case CRASH_LOOP, JUNK, MALFORMED -> 4000;
			case AGE -> 3000;
			case TAKEOVER, RESTART, DELETED_SOCKET -> 1000;
			default -> 2500;
		};
		return ((kind == Kind.AGE) ? 300 : 0) + random.nextInt(longest);
	}

	@Override
	public String toString() {
		return "fault " + this.number + " (" + this.kind + ", " + this.target + ", " + this.duration + " ms)";
	}

	/**
	 * The kinds of faults.
	 */
	enum Kind {

		/**
		 * The process is killed. A process in a folder starts again after the duration.
		 */
		KILL,

		/**
		 * The process gets SIGTERM. A process in a folder starts again after the
		 * duration.
		 */
		TERMINATE,

		/**
		 * The process gets SIGSTOP, and SIGCONT after the duration.
		 */
		HANG,

		/**
		 * Another process takes the socket over. The earlier process ends after the
		 * duration.
		 */
		TAKEOVER,

		/**
		 * The next process sends GOAWAY to each connection of this age.
		 */
		AGE,

		/**
		 * The socket folder contains entries that are no components, for the duration.
		 */
		JUNK,

		/**
		 * The application restarts the plugin, or the server that it serves itself.
		 */
		RESTART,

		/**
		 * The application stops the plugin, or its own server, and starts it after the
		 * duration.
		 */
		STOP,

		/**
		 * The process is killed, and each next one ends at its start for the duration.
		 */
		CRASH_LOOP,

		/**
		 * The program of the plugin is replaced by one that does not work, and is mended
		 * after the duration. Meanwhile the process is killed, or the application
		 * restarts the plugin.
		 */
		BROKEN_PROGRAM,

		/**
		 * The disk of the component is full for the duration.
		 */
		FULL_DISK,

		/**
		 * The disk of the run directories is full for the duration, and the processes of
		 * all plugins are killed.
		 */
		FULL_RUN_DISK,

		/**
		 * Somebody deletes the socket of the server in the application.
		 */
		DELETED_SOCKET,

		/**
		 * Clients send something else than requests to the server in the application.
		 */
		MALFORMED,

		/**
		 * The time of day of the application changes.
		 */
		CLOCK;

		/**
		 * Tell whether no call may fail, because there is always a process that serves.
		 */
		boolean peaceful() {
			return switch (this) {
				case TAKEOVER, AGE, RESTART, DELETED_SOCKET, MALFORMED -> true;
				default -> false;
			};
		}

		@Override
		public String toString() {
			return name().toLowerCase(Locale.ROOT).replace('_', ' ');
		}

	}

}
