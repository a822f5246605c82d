package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Records faults and violations, and writes them to a file as they happen. Safe for use
 * by many threads.
 */
final class Journal implements AutoCloseable {

	/** Violations of one promise that the report shows. */
	private static final int SHOWN = 20;

	private final long seed;

	private final PrintWriter file;

	private final LocalTime begun = LocalTime.now();

	private final long begunNanos = System.nanoTime();

	private final Map<Promise, List<String>> violations = new ConcurrentHashMap<>();

	private final Map<String, Fault> faults = new ConcurrentHashMap<>();

	Journal(long seed, Path file) {
		this.seed = seed;
		try {
			this.file = new PrintWriter(Files.newBufferedWriter(file), true);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Note the begin of a fault. Later violations of its targets name the fault.
	 */
	void begins(Fault fault, List<String> targets) {
		targets.forEach((target) -> this.faults.put(target, fault));
		note(fault + " begins");
	}

	void note(String event) {
		// The time of day changes.
		LocalTime now = this.begun.plusNanos(System.nanoTime() - this.begunNanos);
		this.file.println(now.truncatedTo(ChronoUnit.MILLIS) + " " + event);
	}

	/**
	 * Record a violation.
	 * @param promise the promise that was not kept
	 * @param target name of the component
	 * @param what a sentence that says what happened
	 */
	void violated(Promise promise, String target, String what) {
		Fault fault = this.faults.get(target);
		String text = "seed " + this.seed + ", " + ((fault != null) ? "after " + fault : "without a fault of " + target)
				+ ": " + what;
		List<String> texts = this.violations.computeIfAbsent(promise, (key) -> new CopyOnWriteArrayList<>());
		texts.add(text);
		note("VIOLATION " + promise + ": " + text);
		if (texts.size() <= SHOWN) {
			System.err.println("VIOLATION " + promise + ": " + text);
		}
	}

	List<String> violations(Promise promise) {
		return this.violations.getOrDefault(promise, List.of());
	}

	boolean clean() {
		return this.violations.isEmpty();
	}

	@Override
	public void close() {
		this.file.close();
	}

	/**
	 * What the product promises.
	 */
	enum Promise {

		WRITES("no acknowledged write is lost"),

		REFUSED("no request that was reported as not sent takes effect"),

		MESSAGES("each accepted message is handled"),

		SUBSCRIPTIONS("no subscription is silent: a message after a recovery is handled within "
				+ Recovery.MESSAGE.toSeconds() + " s"),

		RECOVERY("a component is ready and a plugin runs again within bounded time"),

		DEADLINES("no call passes its deadline by more than " + CallMeter.BEYOND.toMillis() + " ms"),

		HEALTH("no state and no health is wrong for more than " + HealthWatch.LONGEST.toMillis() + " ms"),

		PEACE("no call fails because a process or a server is replaced, a connection reaches its age, a served "
				+ "socket is deleted, or clients send junk"),

		TIME("schedules and times to live do not depend on the time of day"),

		LEFTOVERS("threads, descriptors, sockets, processes, directories and endpoints are as before"),

		PROGRAM("the program of faults works");

		private final String text;

		Promise(String text) {
			this.text = text;
		}

		@Override
		public String toString() {
			return this.text;
		}

	}

}
