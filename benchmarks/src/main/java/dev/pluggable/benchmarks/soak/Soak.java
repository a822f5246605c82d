package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import dev.pluggable.benchmarks.Aim;
import dev.pluggable.benchmarks.GoProgram;
import dev.pluggable.benchmarks.Report;
import dev.pluggable.benchmarks.Table;
import dev.pluggable.benchmarks.WorkFolder;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.RestartSettings;

/**
 * Lets components fail at random under load, and verifies what the product promises.
 */
public final class Soak {

	private static final List<String> IN_FOLDER = List.of("a", "b");

	/** Name of the plugin that opens a socket. */
	private static final String SOCKET = "p";

	/** Name of the plugin that prints go-plugin's handshake. */
	private static final String GO_PLUGIN = "g";

	/** Probes are frequent, so that the host notices a process that hangs. */
	private static final Duration PROBE = Duration.ofMillis(500);

	private static final Duration HANG_TIMEOUT = Duration.ofSeconds(4);

	private static final Duration READY = Duration.ofSeconds(30);

	private static final long REMAINING_MESSAGES_MILLIS = 30_000;

	private static final long LEFTOVERS_MILLIS = 10_000;

	private final long seed;

	private final List<Fault> plan;

	private final Path out;

	private final Report report = new Report();

	private Soak(long seed, int faults, Path out) {
		this.seed = seed;
		this.plan = Fault.plan(seed, faults, IN_FOLDER, List.of(SOCKET, GO_PLUGIN));
		this.out = out;
	}

	/**
	 * Run. The exit code is 0 if the product keeps all promises, 1 if the product breaks
	 * one, and 2 if the program cannot run.
	 * @param arguments {@code --sources <folder>} with the Go sources, and optionally
	 * {@code --faults <number>}, {@code --seed <number>}, {@code --out <folder>}
	 */
	public static void main(String[] arguments) {
		int status = 2;
		try {
			int faults = 2000;
			long seed = 42;
			Path out = Path.of("soak");
			Path sources = Path.of("go", "soak");
			for (int i = 0; i < arguments.length; i += 2) {
				if (i + 1 == arguments.length) {
					throw new IllegalArgumentException(arguments[i] + " needs a value");
				}
				String value = arguments[i + 1];
				switch (arguments[i]) {
					case "--faults" -> faults = Integer.parseInt(value);
					case "--seed" -> seed = Long.parseLong(value);
					case "--out" -> out = Path.of(value);
					case "--sources" -> sources = Path.of(value);
					default -> throw new IllegalArgumentException("Unknown option '" + arguments[i] + "'");
				}
			}
			Files.createDirectories(out);
			status = new Soak(seed, faults, out).run(sources) ? 0 : 1;
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

	private boolean run(Path sources) throws Exception {
		long begun = System.nanoTime();
		try (WorkFolder folder = new WorkFolder();
				Journal journal = new Journal(this.seed, this.out.resolve("soak.log"))) {
			Path program = folder.resolve("soak");
			if (!GoProgram.build(sources, program)) {
				throw new IOException("Go is missing or cannot build the component");
			}
			Path sockets = folder.folder("s");
			Path plugins = folder.folder("p");
			Map<String, SoakComponent> components = new LinkedHashMap<>();
			for (String name : List.of("a", "b", SOCKET, GO_PLUGIN)) {
				components.put(name,
						new SoakComponent(name, program, folder.folder(name), sockets, !IN_FOLDER.contains(name)));
			}
			HostSettings settings = settings(components, sockets, plugins);
			try {
				for (String name : IN_FOLDER) {
					component(components, name).start();
				}
				// The first host loads classes and libraries, which stay.
				rehearse(settings, components, journal);
				Leftovers before = Leftovers.now(List.of(sockets, plugins));
				try (Pauses pauses = new Pauses()) {
					soak(settings, components, sockets, journal, pauses);
				}
				verifyLeftovers(before, List.of(sockets, plugins), journal);
			}
			finally {
				for (SoakComponent component : components.values()) {
					component.close();
				}
			}
			for (Journal.Promise promise : Journal.Promise.values()) {
				int count = journal.violations(promise).size();
				this.report.aims()
					.add(new Aim(promise.toString(), "0 violations", Integer.toString(count), count == 0));
			}
			this.report.where().put("seed", Long.toString(this.seed));
			this.report.where().put("faults", Integer.toString(this.plan.size()));
			this.report.where()
				.put("seconds", Long.toString(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)));
			this.report.where().put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
			write(journal);
			return journal.clean();
		}
	}

	private static SoakComponent component(Map<String, SoakComponent> components, String name) {
		SoakComponent component = components.get(name);
		if (component == null) {
			throw new IllegalStateException("There is no component '" + name + "'");
		}
		return component;
	}

	private static HostSettings settings(Map<String, SoakComponent> components, Path sockets, Path plugins) {
		List<ComponentDeclaration> declarations = new ArrayList<>();
		components.values().forEach((component) -> declarations.addAll(component.declarations()));
		RestartSettings defaults = RestartSettings.defaults();
		// Each kill is a crash, so the number of crashes is not limited.
		RestartSettings restart = new RestartSettings(defaults.policy(), defaults.initialDelay(),
				defaults.initialDelay(), defaults.jitter(), 0, defaults.crashLoopWindow(), defaults.resetAfter(),
				HANG_TIMEOUT);
		PluginSettings socket = PluginSettings.of(SOCKET, component(components, SOCKET).command())
			.withProtocol(PluginProtocol.SOCKET)
			.withRestart(restart);
		PluginSettings goPlugin = PluginSettings.of(GO_PLUGIN, component(components, GO_PLUGIN).command("-go-plugin"))
			.withRestart(restart);
		EndpointSettings endpoints = HostSettings.defaults().endpoints();
		return HostSettings.defaults()
			.withSocketFolders(Set.of(sockets))
			.withPluginDirectory(plugins)
			.withPlugins(List.of(socket, goPlugin))
			.withDeclarations(declarations)
			.withEndpoints(new EndpointSettings(endpoints.connectTimeout(), PROBE, PROBE, endpoints.drainTimeout()));
	}

	private void rehearse(HostSettings settings, Map<String, SoakComponent> components, Journal journal)
			throws Exception {
		try (ComponentHost host = started(settings); Pauses pauses = new Pauses()) {
			Map<String, Load> loads = loads(host, components, journal, pauses);
			Recovery recovery = new Recovery(host, journal);
			for (SoakComponent component : components.values()) {
				recovery.await(component, load(loads, component));
			}
			end(loads);
		}
	}

	private static ComponentHost started(HostSettings settings) throws IOException {
		ComponentHost host = new ComponentHost(settings);
		host.start();
		if (!host.awaitRequired(READY).isEmpty()) {
			String status = host.endpoints() + " " + host.plugins().statuses();
			host.close();
			throw new IOException("The components did not become ready: " + status);
		}
		return host;
	}

	private static Map<String, Load> loads(ComponentHost host, Map<String, SoakComponent> components, Journal journal,
			Pauses pauses) {
		Map<String, Load> loads = new LinkedHashMap<>();
		components.forEach((name, component) -> loads.put(name, new Load(component, host, journal, pauses)));
		return loads;
	}

	private static Load load(Map<String, Load> loads, SoakComponent component) {
		Load load = loads.get(component.name());
		if (load == null) {
			throw new IllegalStateException("There is no load for '" + component + "'");
		}
		return load;
	}

	private void soak(HostSettings settings, Map<String, SoakComponent> components, Path sockets, Journal journal,
			Pauses pauses) throws Exception {
		try (ComponentHost host = started(settings)) {
			List<String> endpoints = host.endpoints().stream().map(EndpointStatus::name).toList();
			Map<String, Load> loads = loads(host, components, journal, pauses);
			Faults faults = new Faults(host, components, loads, sockets, journal);
			try (HealthWatch watch = new HealthWatch(host, List.copyOf(components.values()), journal, pauses)) {
				faults.run(this.plan);
				watch.close();
				report(faults);
				report(watch, pauses);
			}
			int keys = end(loads);
			report(loads, keys);
			if (!Waits.until(LEFTOVERS_MILLIS,
					() -> host.endpoints().stream().map(EndpointStatus::name).toList().equals(endpoints))) {
				journal.violated(Journal.Promise.LEFTOVERS, Fault.FOLDER,
						"the endpoints were " + endpoints + " and are " + host.endpoints());
			}
		}
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
			load.verifyMessages(REMAINING_MESSAGES_MILLIS);
			load.close();
		}
		return keys;
	}

	private static void verifyLeftovers(Leftovers before, List<Path> folders, Journal journal)
			throws InterruptedException {
		if (!Waits.until(LEFTOVERS_MILLIS, () -> Leftovers.now(folders).beyond(before).isEmpty())) {
			journal.violated(Journal.Promise.LEFTOVERS, Fault.FOLDER,
					"the closed host left behind " + Leftovers.now(folders).beyond(before));
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

	private void report(HealthWatch watch, Pauses pauses) {
		this.report.table("States and health",
				"The program compares all states with what it knows about the processes. A pause is a time in which "
						+ "the program itself did not run; time limits do not include pauses.")
			.row("comparisons", watch.looks(), "longest wrong answer (ms)", watch.longestMillis(), "sum of pauses (ms)",
					TimeUnit.NANOSECONDS.toMillis(pauses.nanos()));
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
