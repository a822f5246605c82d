package dev.pluggable.benchmarks.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * One fault of a plan.
 *
 * @param number number of the fault, from 1
 * @param kind the kind
 * @param target name of the component, or {@link #FOLDER}
 * @param pause milliseconds between the earlier fault and this one
 * @param duration milliseconds of the fault
 * @param seed seed for further choices of the fault
 */
record Fault(int number, Kind kind, String target, long pause, long duration, long seed) {

	/** Target of the faults that concern the socket folder. */
	static final String FOLDER = "folder";

	/**
	 * Plan faults. The same arguments lead to the same plan.
	 * @param seed seed of the plan
	 * @param count number of faults
	 * @param inFolder names of the components in the socket folder
	 * @param launched names of the launched components
	 */
	static List<Fault> plan(long seed, int count, List<String> inFolder, List<String> launched) {
		Random random = new Random(seed);
		List<String> all = new ArrayList<>(inFolder);
		all.addAll(launched);
		List<Fault> faults = new ArrayList<>();
		for (int number = 1; number <= count; number++) {
			Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
			List<String> targets = switch (kind) {
				case TAKEOVER -> inFolder;
				case RESTART, STOP -> launched;
				case JUNK -> List.of(FOLDER);
				default -> all;
			};
			String target = targets.get(random.nextInt(targets.size()));
			long pause = random.nextInt(400);
			faults.add(new Fault(number, kind, target, pause, duration(kind, random), random.nextLong()));
		}
		return faults;
	}

	private static long duration(Kind kind, Random random) {
		int longest = switch (kind) {
			// Every fourth process hangs for longer than the call timeout and the hang
			// timeout.
			case HANG -> (random.nextInt(4) == 0) ? 8000 : 2500;
			case KILL, TERMINATE, STOP, FULL_DISK -> 2500;
			case TAKEOVER, RESTART -> 1000;
			case JUNK -> 4000;
			case AGE -> 3000;
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
		 * The application restarts the plugin.
		 */
		RESTART,

		/**
		 * The application stops the plugin, and starts the plugin after the duration.
		 */
		STOP,

		/**
		 * Writes fail for the duration, as on a full disk.
		 */
		FULL_DISK;

		/**
		 * Tell whether no call may fail, because there is always a process that serves.
		 */
		boolean peaceful() {
			return this == TAKEOVER || this == RESTART || this == AGE;
		}

		@Override
		public String toString() {
			return name().toLowerCase(Locale.ROOT).replace('_', ' ');
		}

	}

}
