package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.pluggable.benchmarks.WorkFolder;
import org.jspecify.annotations.Nullable;

/**
 * The components, their processes and disks, and the time of day: everything that faults
 * change, but not the host.
 */
final class World implements AutoCloseable {

	/** Two processes serve sockets in the folder. */
	private static final List<String> IN_FOLDER = List.of("a", "b");

	/** The application itself serves a socket in the folder. */
	private static final String SERVED = "s";

	/** The settings that all plugins share. A crash loop shall not last long. */
	private static final Map<String, String> RESTART = Map.of("restart.max-delay", "1s", "restart.crash-loop-window",
			"10s", "restart.reset-after", "5s", "restart.hang-timeout", "6s", "start-timeout", "30s", "required",
			"true");

	private final List<SoakComponent> inFolder = new ArrayList<>();

	private final List<SoakComponent> launched = new ArrayList<>();

	private final ServedComponent served;

	private final Path sockets;

	private final Path plugins;

	private final Map<String, Disk> disks = new HashMap<>();

	private final @Nullable TimeOfDay time;

	/**
	 * Create the components, and start the processes in the folder.
	 * @param folder holds everything
	 * @param program the program of all processes
	 * @param disks whether file systems can be mounted
	 * @param time the time of day; {@code null} if it cannot be changed
	 */
	World(WorkFolder folder, Path program, boolean disks, @Nullable TimeOfDay time)
			throws IOException, InterruptedException {
		this.sockets = folder.folder("s");
		this.plugins = folder.folder("p");
		this.time = time;
		Map<String, Map<String, String>> plugins = new LinkedHashMap<>();
		// A plugin that opens a socket, one that prints go-plugin's handshake, and one of
		// go-plugin.
		plugins.put("p", Map.of("protocol", "socket"));
		plugins.put("g", Map.of("restart.mode", "stop-first", "command[3]", "-announce"));
		plugins.put("t", Map.of("auto-mtls", "true", "handshake.cookie-key", "SOAK_COOKIE", "handshake.cookie-value",
				"soak", "command[3]", "-go-plugin"));
		for (String name : IN_FOLDER) {
			this.inFolder.add(new SoakComponent(name, program, folder.folder("c" + name), this.sockets, null));
		}
		for (Map.Entry<String, Map<String, String>> plugin : plugins.entrySet()) {
			Map<String, String> properties = new HashMap<>(RESTART);
			properties.putAll(plugin.getValue());
			this.launched.add(new SoakComponent(plugin.getKey(), program, folder.folder("c" + plugin.getKey()),
					this.sockets, properties));
		}
		this.served = new ServedComponent(SERVED, this.sockets);
		try {
			if (disks) {
				this.disks.put(Fault.PLUGINS, new Disk(this.plugins));
				for (SoakComponent component : processes()) {
					this.disks.put(component.name(), new Disk(component.data()));
				}
			}
			for (SoakComponent component : this.inFolder) {
				component.start();
			}
			this.served.start();
		}
		catch (IOException | RuntimeException ex) {
			close();
			throw ex;
		}
	}

	/**
	 * Return the targets of each kind of fault that can be carried out.
	 */
	Map<Fault.Kind, List<String>> faults() {
		List<String> inFolder = names(this.inFolder);
		List<String> launched = names(this.launched);
		List<String> processes = names(processes());
		List<String> served = List.of(SERVED);
		List<String> restartable = new ArrayList<>(launched);
		restartable.addAll(served);
		Map<Fault.Kind, List<String>> faults = new EnumMap<>(Fault.Kind.class);
		for (Fault.Kind kind : Fault.Kind.values()) {
			faults.put(kind, switch (kind) {
				case KILL, TERMINATE, HANG, AGE, FULL_DISK -> processes;
				case TAKEOVER -> inFolder;
				case RESTART, STOP -> restartable;
				case CRASH_LOOP, BROKEN_PROGRAM -> launched;
				case DELETED_SOCKET, MALFORMED -> served;
				case FULL_RUN_DISK -> List.of(Fault.PLUGINS);
				case JUNK -> List.of(Fault.FOLDER);
				case CLOCK -> List.of(Fault.CLOCK);
			});
		}
		if (this.disks.isEmpty()) {
			faults.keySet().removeAll(List.of(Fault.Kind.FULL_DISK, Fault.Kind.FULL_RUN_DISK));
		}
		if (this.time == null) {
			faults.remove(Fault.Kind.CLOCK);
		}
		return faults;
	}

	private static List<String> names(List<SoakComponent> components) {
		return components.stream().map(Target::name).toList();
	}

	/**
	 * Return the properties of the application.
	 */
	Map<String, Object> properties() {
		Map<String, Object> properties = new HashMap<>();
		properties.put("pluggable.socket-folders", this.sockets.toString());
		properties.put("pluggable.plugin-directory", this.plugins.toString());
		// Probes are frequent, so that the host notices a process that hangs.
		properties.put("pluggable.health.probe-interval", "500ms");
		properties.put("pluggable.health.probe-timeout", "1s");
		String component = "pluggable.components.";
		properties.put(component + TimeWatch.MEMORY + ".type", "state.in-memory");
		properties.put(component + TimeWatch.TICKS + ".type", "bindings.cron");
		properties.put(component + TimeWatch.TICKS + ".metadata.schedule", "* * * * * *");
		properties.put(component + TimeWatch.TICKS + ".metadata.direction", "input");
		properties.put(component + "t-accounts.type", "account.t");
		all().forEach((target) -> properties.putAll(target.properties()));
		return properties;
	}

	/**
	 * Return the components of a target.
	 * @param target name of a component, or {@link Fault#PLUGINS}
	 */
	List<Target> targets(String target) {
		return target.equals(Fault.PLUGINS) ? List.copyOf(this.launched)
				: all().stream().filter((component) -> component.name().equals(target)).toList();
	}

	List<Target> all() {
		List<Target> all = new ArrayList<>(processes());
		all.add(this.served);
		return all;
	}

	private List<SoakComponent> processes() {
		List<SoakComponent> processes = new ArrayList<>(this.inFolder);
		processes.addAll(this.launched);
		return processes;
	}

	List<SoakComponent> inFolder() {
		return this.inFolder;
	}

	List<SoakComponent> launched() {
		return this.launched;
	}

	Path sockets() {
		return this.sockets;
	}

	Path plugins() {
		return this.plugins;
	}

	/**
	 * Return a disk.
	 * @param name name of the component whose data are on the disk, or
	 * {@link Fault#PLUGINS} for the run directories
	 */
	Disk disk(String name) {
		Disk disk = this.disks.get(name);
		if (disk == null) {
			throw new IllegalStateException("There is no disk of '" + name + "'");
		}
		return disk;
	}

	TimeOfDay time() {
		if (this.time == null) {
			throw new IllegalStateException("The time of day cannot be changed");
		}
		return this.time;
	}

	@Override
	public void close() throws IOException, InterruptedException {
		this.served.close();
		for (SoakComponent component : this.inFolder) {
			component.close();
		}
		for (Disk disk : this.disks.values()) {
			disk.close();
		}
	}

}
