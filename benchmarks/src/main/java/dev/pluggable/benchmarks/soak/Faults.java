package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginStatus;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the faults of a plan. Faults of several components overlap; the faults of
 * one component follow each other.
 */
final class Faults {

	/** The largest number of faults at the same time. */
	private static final int OVERLAPPING = 4;

	/** The longest time until a plugin has done what the application asked for. */
	private static final long REQUEST_MILLIS = 30_000;

	private static final long START_MILLIS = 10_000;

	private final ComponentHost host;

	private final Map<String, SoakComponent> components;

	private final Map<String, Load> loads;

	private final Path sockets;

	private final Journal journal;

	private final Recovery recovery;

	private final Semaphore folderFree = new Semaphore(1);

	private final Map<Fault.Kind, Outcomes> outcomes = new EnumMap<>(Fault.Kind.class);

	Faults(ComponentHost host, Map<String, SoakComponent> components, Map<String, Load> loads, Path sockets,
			Journal journal) {
		this.host = host;
		this.components = components;
		this.loads = loads;
		this.sockets = sockets;
		this.journal = journal;
		this.recovery = new Recovery(host, journal);
	}

	/**
	 * Carry out all faults, and wait until all components have recovered.
	 */
	void run(List<Fault> plan) throws InterruptedException {
		Semaphore slots = new Semaphore(OVERLAPPING);
		ExecutorService threads = Executors.newCachedThreadPool();
		try {
			for (Fault fault : plan) {
				SoakComponent component = this.components.get(fault.target());
				Semaphore free = (component != null) ? component.free() : this.folderFree;
				TimeUnit.MILLISECONDS.sleep(fault.pause());
				slots.acquire();
				free.acquire();
				threads.execute(() -> {
					try {
						run(fault, component);
					}
					catch (Exception ex) {
						this.journal.violated(Journal.Promise.PROGRAM, fault.target(), "the fault failed with " + ex);
					}
					finally {
						free.release();
						slots.release();
					}
				});
			}
			slots.acquire(OVERLAPPING);
		}
		finally {
			threads.shutdown();
			threads.awaitTermination(1, TimeUnit.MINUTES);
		}
	}

	private void run(Fault fault, @Nullable SoakComponent component) throws Exception {
		this.journal.begins(fault);
		if (component == null) {
			try (Junk junk = new Junk(this.sockets, anySocket(), new Random(fault.seed()))) {
				TimeUnit.MILLISECONDS.sleep(fault.duration());
			}
			ended(fault, 0, null);
			return;
		}
		Load load = load(component);
		long failures = load.meter().failures();
		carryOut(fault, component);
		Long millis = this.recovery.await(component, load);
		if (fault.kind() == Fault.Kind.AGE && millis != null) {
			// Two connections reach their age before the next fault of the component.
			TimeUnit.MILLISECONDS.sleep(2 * fault.duration());
		}
		failures = load.meter().failures() - failures;
		ended(fault, failures, millis);
		if (fault.kind().peaceful() && failures > 0) {
			this.journal.violated(Journal.Promise.PEACE, component.name(),
					failures + " calls failed; the last failure: " + load.meter().lastFailure());
		}
	}

	private Path anySocket() {
		return this.components.values()
			.stream()
			.filter((component) -> !component.launched())
			.findFirst()
			.orElseThrow()
			.socket();
	}

	private Load load(SoakComponent component) {
		Load load = this.loads.get(component.name());
		if (load == null) {
			throw new IllegalStateException("There is no load for '" + component + "'");
		}
		return load;
	}

	private void carryOut(Fault fault, SoakComponent component) throws Exception {
		long pid = component.pid();
		switch (fault.kind()) {
			case KILL -> {
				Processes.signal(pid, "KILL");
				startAgain(fault, component, pid);
			}
			case TERMINATE -> {
				component.changing(true);
				Processes.signal(pid, "TERM");
				startAgain(fault, component, pid);
			}
			case HANG -> {
				component.hang(pid);
				TimeUnit.MILLISECONDS.sleep(fault.duration());
				component.resume(pid);
			}
			case TAKEOVER -> takeOver(component, pid, fault.duration());
			case AGE -> {
				component.age(fault.duration() + "ms");
				replace(component, pid);
				component.age("");
			}
			case RESTART -> replace(component, pid);
			case STOP -> {
				component.changing(true);
				request(component, "stop", this.host.plugins().stop(component.name()));
				component.changing(false);
				TimeUnit.MILLISECONDS.sleep(fault.duration());
				request(component, "start", this.host.plugins().start(component.name()));
			}
			case FULL_DISK -> {
				component.fullDisk(true);
				TimeUnit.MILLISECONDS.sleep(fault.duration());
				component.fullDisk(false);
			}
			case JUNK -> throw new IllegalArgumentException(fault + " does not concern a component");
		}
	}

	/**
	 * Wait for the end of a process, and start the next one after the duration of the
	 * fault. The host starts launched processes.
	 */
	private void startAgain(Fault fault, SoakComponent component, long pid) throws Exception {
		Waits.until(START_MILLIS, () -> !Processes.isAlive(pid));
		component.changing(false);
		if (!component.launched()) {
			component.forget(pid);
			TimeUnit.MILLISECONDS.sleep(fault.duration());
			component.start();
		}
	}

	private void replace(SoakComponent component, long pid) throws Exception {
		if (component.launched()) {
			request(component, "restart", this.host.plugins().restart(component.name()));
		}
		else {
			takeOver(component, pid, 0);
		}
	}

	/**
	 * Start a process at the same socket, and end the earlier process some time later.
	 */
	private void takeOver(SoakComponent component, long pid, long millis) throws Exception {
		component.start();
		if (!component.awaitListening(pid, START_MILLIS)) {
			throw new IOException("The next process of '" + component + "' does not listen");
		}
		TimeUnit.MILLISECONDS.sleep(millis);
		Processes.signal(pid, "TERM");
		component.forget(pid);
	}

	private void request(SoakComponent component, String what, CompletionStage<PluginStatus> request)
			throws InterruptedException {
		try {
			request.toCompletableFuture().get(REQUEST_MILLIS, TimeUnit.MILLISECONDS);
		}
		catch (ExecutionException | TimeoutException ex) {
			this.journal.violated(Journal.Promise.RECOVERY, component.name(),
					"the request to " + what + " the plugin failed with " + ex);
		}
	}

	private void ended(Fault fault, long failures, @Nullable Long millis) {
		this.journal.note(fault + " ends; " + failures + " calls failed; ready after " + millis + " ms");
		synchronized (this.outcomes) {
			Outcomes outcomes = this.outcomes.computeIfAbsent(fault.kind(), (kind) -> new Outcomes());
			outcomes.faults++;
			outcomes.failures += failures;
			if (millis != null) {
				outcomes.recoveries.add(millis);
			}
		}
	}

	Map<Fault.Kind, Outcomes> outcomes() {
		return this.outcomes;
	}

	/**
	 * The outcomes of all faults of one kind.
	 */
	static final class Outcomes {

		private int faults;

		private long failures;

		private final List<Long> recoveries = new ArrayList<>();

		int faults() {
			return this.faults;
		}

		long failures() {
			return this.failures;
		}

		List<Long> recoveries() {
			return this.recoveries.stream().sorted().toList();
		}

	}

}
