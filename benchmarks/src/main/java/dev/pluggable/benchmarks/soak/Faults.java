package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginStatus;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the faults of a plan. Faults of several components overlap; the faults of
 * one component follow each other.
 */
final class Faults {

	/** The largest number of faults at the same time. */
	private static final int OVERLAPPING = 6;

	/** The longest time until a plugin has done what the application asked for. */
	private static final long REQUEST_MILLIS = 30_000;

	private static final long START_MILLIS = 10_000;

	/** The longest time until a deleted socket is there again. */
	private static final long SOCKET_MILLIS = 5_000;

	private final ComponentHost host;

	private final World world;

	private final Map<String, Load> loads;

	private final Journal journal;

	private final Pauses pauses;

	private final Recovery recovery;

	private int running;

	private final AtomicInteger clockChanges = new AtomicInteger();

	private final Map<Fault.Kind, Outcomes> outcomes = new EnumMap<>(Fault.Kind.class);

	Faults(ComponentHost host, World world, Map<String, Load> loads, Journal journal, Pauses pauses) {
		this.host = host;
		this.world = world;
		this.loads = loads;
		this.journal = journal;
		this.pauses = pauses;
		this.recovery = new Recovery(host, journal, pauses);
	}

	/**
	 * Carry out all faults, and wait until all components have recovered. A fault whose
	 * target is busy lets the next ones go first.
	 */
	void run(List<Fault> plan) throws InterruptedException {
		List<Fault> remaining = new LinkedList<>(plan);
		Set<String> busy = new HashSet<>();
		ExecutorService threads = Executors.newFixedThreadPool(OVERLAPPING);
		try {
			while (!remaining.isEmpty()) {
				Fault fault = next(remaining, busy);
				TimeUnit.MILLISECONDS.sleep(fault.pause());
				threads.execute(() -> {
					try {
						run(fault);
					}
					catch (Exception ex) {
						this.journal.violated(Journal.Promise.PROGRAM, fault.target(), "the fault failed with " + ex);
					}
					finally {
						release(fault, busy);
					}
				});
			}
		}
		finally {
			threads.shutdown();
			threads.awaitTermination(5, TimeUnit.MINUTES);
		}
	}

	/**
	 * Wait for a fault whose targets are free, and make them busy.
	 * @param remaining the faults, from which the fault is removed
	 * @param busy names of the busy targets
	 */
	private Fault next(List<Fault> remaining, Set<String> busy) throws InterruptedException {
		synchronized (busy) {
			while (true) {
				for (Fault fault : remaining) {
					List<String> names = names(fault);
					if (this.running < OVERLAPPING && Collections.disjoint(busy, names)) {
						this.running++;
						busy.addAll(names);
						remaining.remove(fault);
						return fault;
					}
				}
				busy.wait();
			}
		}
	}

	private void release(Fault fault, Set<String> busy) {
		synchronized (busy) {
			this.running--;
			names(fault).forEach(busy::remove);
			busy.notifyAll();
		}
	}

	private List<String> names(Fault fault) {
		List<Target> targets = this.world.targets(fault.target());
		return targets.isEmpty() ? List.of(fault.target()) : targets.stream().map(Target::name).toList();
	}

	private void run(Fault fault) throws Exception {
		this.journal.begins(fault, names(fault));
		switch (fault.target()) {
			case Fault.FOLDER -> {
				try (Junk junk = new Junk(this.world.sockets(), this.world.inFolder().get(0).socket(),
						new Random(fault.seed()))) {
					TimeUnit.MILLISECONDS.sleep(fault.duration());
				}
				ended(fault, 0, null);
			}
			case Fault.CLOCK -> {
				changeTime(fault);
				ended(fault, 0, null);
			}
			default -> run(fault, this.world.targets(fault.target()));
		}
	}

	private void changeTime(Fault fault) throws Exception {
		TimeOfDay time = this.world.time();
		this.journal.note("the time of day is off by " + time.change(new Random(fault.seed())) + " ms");
		TimeUnit.MILLISECONDS.sleep(fault.duration());
		time.set(0);
		this.clockChanges.addAndGet(2);
	}

	private void run(Fault fault, List<Target> targets) throws Exception {
		targets.forEach((target) -> load(target).meter().faultBegins());
		boolean peaceful = fault.kind().peaceful();
		for (Target target : targets) {
			peaceful &= !(target instanceof SoakComponent component && component.stopsFirst());
		}
		if (fault.kind() == Fault.Kind.FULL_RUN_DISK) {
			fillRunDisk(fault, targets);
		}
		else if (targets.get(0) instanceof SoakComponent component) {
			carryOut(fault, component);
		}
		else if (targets.get(0) instanceof ServedComponent component) {
			carryOut(fault, component);
		}
		Long millis = 0L;
		for (Target target : targets) {
			Long one = this.recovery.await(target, load(target));
			millis = (one != null && millis != null) ? Long.valueOf(Math.max(millis, one)) : null;
		}
		if (fault.kind() == Fault.Kind.AGE && millis != null) {
			// Two connections reach their age before the next fault of the component.
			TimeUnit.MILLISECONDS.sleep(2 * fault.duration());
		}
		long failures = targets.stream().mapToLong((target) -> load(target).meter().failuresOfFault()).sum();
		ended(fault, failures, millis);
		if (peaceful && failures > 0) {
			this.journal.violated(Journal.Promise.PEACE, fault.target(),
					failures + " calls failed; the last failure: " + load(targets.get(0)).meter().lastFailure());
		}
	}

	private Load load(Target target) {
		Load load = this.loads.get(target.name());
		if (load == null) {
			throw new IllegalStateException("There is no load for '" + target + "'");
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
			case CRASH_LOOP -> {
				component.crashAtStart(true);
				Processes.signal(pid, "KILL");
				TimeUnit.MILLISECONDS.sleep(fault.duration());
				component.crashAtStart(false);
			}
			case BROKEN_PROGRAM -> breakProgram(fault, component, pid);
			case FULL_DISK -> {
				Disk disk = this.world.disk(component.name());
				disk.fill();
				TimeUnit.MILLISECONDS.sleep(fault.duration());
				disk.free();
			}
			default -> throw new IllegalArgumentException(fault + " does not concern a process");
		}
	}

	private void carryOut(Fault fault, ServedComponent component) throws Exception {
		switch (fault.kind()) {
			case RESTART -> {
				component.stop();
				component.start();
			}
			case STOP -> {
				component.stop();
				TimeUnit.MILLISECONDS.sleep(fault.duration());
				component.start();
			}
			case DELETED_SOCKET -> {
				Files.delete(component.socket());
				if (!this.pauses.await(SOCKET_MILLIS, () -> Files.exists(component.socket()))) {
					this.journal.violated(Journal.Promise.RECOVERY, component.name(),
							"the deleted socket is not there again after " + SOCKET_MILLIS + " ms");
				}
				TimeUnit.MILLISECONDS.sleep(fault.duration());
			}
			case MALFORMED -> {
				try (Malformed malformed = new Malformed(component.socket(), new Random(fault.seed()))) {
					TimeUnit.MILLISECONDS.sleep(fault.duration());
				}
			}
			default -> throw new IllegalArgumentException(fault + " does not concern a server of the application");
		}
	}

	/**
	 * Wait for the end of a process, and start the next one after the duration of the
	 * fault. The host starts launched processes.
	 */
	private void startAgain(Fault fault, SoakComponent component, long pid) throws Exception {
		this.pauses.await(START_MILLIS, () -> !Processes.isAlive(pid));
		component.changing(false);
		if (!component.launched()) {
			component.forget(pid);
			TimeUnit.MILLISECONDS.sleep(fault.duration());
			component.start();
		}
	}

	private void replace(SoakComponent component, long pid) throws Exception {
		if (component.launched()) {
			component.changing(component.stopsFirst());
			request(component, "restart", this.host.plugins().restart(component.name()));
			component.changing(false);
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
		if (!this.pauses.await(START_MILLIS, () -> component.isServedByOther(pid))) {
			throw new IOException("The next process of '" + component + "' does not listen");
		}
		TimeUnit.MILLISECONDS.sleep(millis);
		Processes.signal(pid, "TERM");
		component.forget(pid);
	}

	/**
	 * Kill the process while its program does not work, or restart the plugin, which must
	 * fail. An earlier process that need not stop first must survive the restart.
	 */
	private void breakProgram(Fault fault, SoakComponent component, long pid) throws Exception {
		Random random = new Random(fault.seed());
		boolean kill = random.nextBoolean();
		int way = random.nextInt(SoakComponent.WAYS_TO_BREAK);
		this.journal.note("the program of '" + component + "' is broken in way " + way
				+ (kill ? ", and its process is killed" : ", and the plugin is restarted"));
		component.breakProgram(way);
		if (kill) {
			Processes.signal(pid, "KILL");
			TimeUnit.MILLISECONDS.sleep(fault.duration());
			component.mendProgram();
			return;
		}
		component.changing(component.stopsFirst());
		if (succeeds(this.host.plugins().restart(component.name()))) {
			this.journal.violated(Journal.Promise.RECOVERY, component.name(),
					"a restart with a broken program succeeded");
		}
		component.changing(false);
		component.mendProgram();
		if (!component.stopsFirst()) {
			replace(component, pid);
			long failures = load(component).meter().failuresOfFault();
			if (failures > 0) {
				this.journal.violated(Journal.Promise.PEACE, component.name(),
						failures + " calls failed while the program was broken, although the earlier process lived; "
								+ "the last failure: " + load(component).meter().lastFailure());
			}
		}
	}

	private boolean succeeds(CompletionStage<PluginStatus> request) throws InterruptedException {
		CompletableFuture<PluginStatus> future = request.toCompletableFuture();
		return this.pauses.await(REQUEST_MILLIS, future::isDone) && !future.isCompletedExceptionally();
	}

	private void fillRunDisk(Fault fault, List<Target> targets) throws Exception {
		Disk disk = this.world.disk(Fault.PLUGINS);
		disk.fill();
		for (Target target : targets) {
			Processes.signal(((SoakComponent) target).pid(), "KILL");
		}
		TimeUnit.MILLISECONDS.sleep(fault.duration());
		disk.free();
	}

	private void request(SoakComponent component, String what, CompletionStage<PluginStatus> request)
			throws InterruptedException {
		if (!succeeds(request)) {
			this.journal.violated(Journal.Promise.RECOVERY, component.name(),
					"the request to " + what + " the plugin failed: " + request);
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

	int clockChanges() {
		return this.clockChanges.get();
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
