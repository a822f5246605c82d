package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import dev.pluggable.benchmarks.Aim;
import dev.pluggable.benchmarks.GoProgram;
import dev.pluggable.benchmarks.Report;
import dev.pluggable.benchmarks.Table;
import dev.pluggable.benchmarks.WorkFolder;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginStatus;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Lets components fail at random under load, and verifies what the product promises.
 */
public final class Soak {

	private static final Set<String> OPTIONS = Set.of("--sources", "--faults", "--seed", "--out", "--disks", "--clock");

	private static final long REMAINING_MESSAGES_MILLIS = 30_000;

	private static final long LEFTOVERS_MILLIS = 10_000;

	private final Map<String, String> options;

	private final long seed;

	private final int count;

	private final Path out;

	private final Report report = new Report();

	private Soak(Map<String, String> options) {
		this.options = options;
		this.seed = Long.parseLong(options.getOrDefault("seed", "42"));
		this.count = Integer.parseInt(options.getOrDefault("faults", "2000"));
		this.out = Path.of(options.getOrDefault("out", "soak"));
	}

	/**
	 * Run. The exit code is 0 if the product keeps all promises, 1 if the product breaks
	 * one, and 2 if the program cannot run.
	 * @param arguments {@code --sources <folder>} with the Go sources, and optionally
	 * {@code --faults <number>}, {@code --seed <number>}, {@code --out <folder>},
	 * {@code --disks yes} if this process is alone in its mount namespace, and
	 * {@code --clock <file>} with the file of {@code clock.c}
	 */
	public static void main(String[] arguments) {
		int status = 2;
		try {
			Map<String, String> options = new HashMap<>();
			for (int i = 0; i < arguments.length; i += 2) {
				if (i + 1 == arguments.length || !OPTIONS.contains(arguments[i])) {
					throw new IllegalArgumentException("'" + arguments[i] + "' is unknown or has no value");
				}
				options.put(arguments[i].substring(2), arguments[i + 1]);
			}
			// Each start of the application would configure the logging again.
			System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
			status = new Soak(options).run() ? 0 : 1;
		}
		catch (IllegalArgumentException ex) {
			System.err.println(ex.getMessage());
		}
		catch (Exception ex) {
			ex.printStackTrace();
		}
		// Threads that are still running must not keep the process alive.
		System.exit(status);
	}

	private boolean run() throws Exception {
		long begun = System.nanoTime();
		Files.createDirectories(this.out);
		try (WorkFolder folder = new WorkFolder();
				Journal journal = new Journal(this.seed, this.out.resolve("soak.log"))) {
			Path program = folder.resolve("soak");
			if (!GoProgram.build(Path.of(this.options.getOrDefault("sources", "go-plugin/soak")), program)) {
				throw new IOException("Go is missing or cannot build the component");
			}
			String clock = this.options.get("clock");
			TimeOfDay time = (clock != null) ? new TimeOfDay(Path.of(clock)) : null;
			if (time != null && !time.works()) {
				throw new IOException("The time of day of this process does not change");
			}
			try (Pauses pauses = new Pauses();
					World world = new World(folder, program, "yes".equals(this.options.get("disks")), time)) {
				// The first application loads classes and libraries, which stay.
				rehearse(world, journal, pauses);
				List<Path> folders = List.of(world.sockets(), world.plugins());
				Leftovers before = Leftovers.now(folders);
				List<Fault> plan = Fault.plan(this.seed, this.count, world.faults());
				soak(world, plan, journal, pauses);
				verifyLeftovers(before, folders, journal, pauses);
				Set<Fault.Kind> missing = EnumSet.allOf(Fault.Kind.class);
				missing.removeAll(world.faults().keySet());
				this.report.where().put("faults", this.count + (missing.isEmpty() ? "" : ", without " + missing));
			}
			for (Journal.Promise promise : Journal.Promise.values()) {
				int count = journal.violations(promise).size();
				this.report.aims()
					.add(new Aim(promise.toString(), "0 violations", Integer.toString(count), count == 0));
			}
			this.report.where().put("seed", Long.toString(this.seed));
			this.report.where()
				.put("seconds", Long.toString(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)));
			this.report.where().put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
			write(journal);
			return journal.clean();
		}
	}

	/**
	 * Start the application. The start waits for all components and plugins.
	 */
	private static ConfigurableApplicationContext start(World world) {
		SpringApplication application = new SpringApplication(SoakApplication.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setBannerMode(Banner.Mode.OFF);
		application.setRegisterShutdownHook(false);
		application.setDefaultProperties(world.properties());
		return application.run();
	}

	private void rehearse(World world, Journal journal, Pauses pauses) throws Exception {
		try (ConfigurableApplicationContext application = start(world)) {
			ComponentHost host = application.getBean(ComponentHost.class);
			Map<String, Load> loads = loads(application, world, journal, pauses);
			Recovery recovery = new Recovery(host, journal, pauses);
			try (TimeWatch time = new TimeWatch(host, journal, pauses)) {
				for (Target target : world.all()) {
					recovery.await(target, load(loads, target));
				}
			}
			end(loads);
		}
	}

	private static Map<String, Load> loads(ApplicationContext application, World world, Journal journal,
			Pauses pauses) {
		ComponentHost host = application.getBean(ComponentHost.class);
		Ledger ledger = application.getBean(Ledger.class);
		Map<String, Load> loads = new LinkedHashMap<>();
		world.all().forEach((target) -> loads.put(target.name(), new Load(target, host, ledger, journal, pauses)));
		return loads;
	}

	private static Load load(Map<String, Load> loads, Target target) {
		Load load = loads.get(target.name());
		if (load == null) {
			throw new IllegalStateException("There is no load for '" + target + "'");
		}
		return load;
	}

	private void soak(World world, List<Fault> plan, Journal journal, Pauses pauses) throws Exception {
		try (ConfigurableApplicationContext application = start(world)) {
			ComponentHost host = application.getBean(ComponentHost.class);
			CompositeHealthContributor health = (CompositeHealthContributor) Objects
				.requireNonNull(application.getBean(HealthContributorRegistry.class).getContributor("pluggable"));
			List<String> endpoints = host.endpoints().stream().map(EndpointStatus::name).toList();
			Map<String, Load> loads = loads(application, world, journal, pauses);
			Faults faults = new Faults(host, world, loads, journal, pauses);
			try (TimeWatch time = new TimeWatch(host, journal, pauses);
					HealthWatch watch = new HealthWatch(host, health, world.all(), journal, pauses)) {
				faults.run(plan);
				watch.close();
				time.end(faults.clockChanges());
				report(faults);
				report(watch, time, pauses);
			}
			int keys = end(loads);
			report(loads, keys);
			if (!pauses.await(LEFTOVERS_MILLIS,
					() -> host.endpoints().stream().map(EndpointStatus::name).toList().equals(endpoints))) {
				journal.violated(Journal.Promise.LEFTOVERS, Fault.FOLDER,
						"the endpoints were " + endpoints + " and are " + host.endpoints());
			}
			if (!pauses.await(LEFTOVERS_MILLIS,
					() -> host.plugins().statuses().stream().allMatch(Soak::hasNoObjects))) {
				journal.violated(Journal.Promise.LEFTOVERS, Fault.PLUGINS,
						"brokered connections of closed accounts: " + host.plugins().statuses());
			}
		}
	}

	private static boolean hasNoObjects(PluginStatus status) {
		return status.served().isEmpty() && status.dialed().isEmpty();
	}

	/**
	 * End the load, and verify what the components have acknowledged.
	 * @return number of keys
	 */
	private static int end(Map<String, Load> loads) throws InterruptedException {
		int keys = 0;
		for (Load load : loads.values()) {
			load.stop();
		}
		for (Load load : loads.values()) {
			keys += load.verifyValues();
			load.verifyAccounts();
			load.verifyMessages(REMAINING_MESSAGES_MILLIS);
			load.close();
		}
		return keys;
	}

	private static void verifyLeftovers(Leftovers before, List<Path> folders, Journal journal, Pauses pauses)
			throws InterruptedException {
		if (!pauses.await(LEFTOVERS_MILLIS, () -> Leftovers.now(folders).beyond(before).isEmpty())) {
			journal.violated(Journal.Promise.LEFTOVERS, Fault.FOLDER,
					"the closed application left behind " + Leftovers.now(folders).beyond(before));
		}
	}

	private void report(Faults faults) {
		Table table = this.report.table("Faults",
				"Failed calls are those of the component during the fault and its recovery. A recovery lasts from the "
						+ "moment at which a process serves until the component is ready and healthy, in milliseconds.");
		faults.outcomes().forEach((kind, outcomes) -> {
			List<Long> recoveries = outcomes.recoveries();
			table.row("fault", kind.toString(), "number", outcomes.faults(), "failed calls", outcomes.failures(),
					"recovery, median", recoveries.isEmpty() ? "" : recoveries.get(recoveries.size() / 2),
					"recovery, longest", recoveries.isEmpty() ? "" : recoveries.get(recoveries.size() - 1));
		});
	}

	private void report(HealthWatch watch, TimeWatch time, Pauses pauses) {
		this.report.table("States and health",
				"The program compares all states, and the health that Spring Boot's Actuator reports, with what it "
						+ "knows about the processes. A pause is a time in which the machine gave no processor; time "
						+ "limits do not include pauses.")
			.row("comparisons", watch.looks(), "longest wrong answer (ms)", watch.longestMillis(), "sum of pauses (ms)",
					TimeUnit.NANOSECONDS.toMillis(pauses.nanos()));
		this.report.table("Time of day", "A schedule runs each second, and values expire after two seconds.")
			.row("runs", time.runs(), "longest time without a run (ms)", time.longestGapMillis(), "expired values",
					time.expired());
	}

	private void report(Map<String, Load> loads, int keys) {
		Table calls = this.report.table("Calls",
				"Outcomes of all calls. The final values of " + keys + " keys were verified.");
		Table messages = this.report.table("Messages",
				"Messages that the component accepted, and how often they were handled. A message can be handled again "
						+ "if its acknowledgement was lost.");
		loads.forEach((name, load) -> {
			CallMeter meter = load.meter();
			calls.row("component", name, "succeeded", meter.succeeded(), "not sent", meter.notSent(), "perhaps applied",
					meter.maybeApplied(), "timed out", meter.timedOut(), "reported by component", meter.reported(),
					"longest (ms)", meter.longestMillis());
			messages.row("component", name, "accepted", load.accepted(), "handled", load.handled(),
					"handled more than once", load.repeated());
			AccountLoad accounts = load.accounts();
			if (accounts != null) {
				this.report.table("Created objects", "Objects that a plugin created for one call, with AutoMTLS.")
					.row("component", name, "created", accounts.created());
			}
		});
	}

	private void write(Journal journal) throws IOException {
		StringBuilder text = new StringBuilder(this.report.markdown());
		for (Journal.Promise promise : Journal.Promise.values()) {
			List<String> violations = journal.violations(promise);
			if (!violations.isEmpty()) {
				text.append("\n## Violations: ").append(promise).append("\n\n");
				violations.forEach((violation) -> text.append("- ").append(violation).append('\n'));
			}
		}
		System.out.println(text);
		Files.writeString(this.out.resolve("soak.md"), text);
		this.report.write(this.out.resolve("soak.json"));
	}

}
