package dev.pluggable.internal.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;

import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;

/**
 * Finds the program of a plugin.
 */
final class PluginProgram {

	/**
	 * Folders of programs if the plugin has no {@code PATH}.
	 */
	private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

	private static final byte[] ELF = { 0x7f, 'E', 'L', 'F' };

	private static final int ELF_MACHINE = 18;

	private static final Map<Integer, String> ELF_MACHINES = Map.of(0x03, "x86 (32 bit)", 0x28, "ARM (32 bit)", 0x3e,
			"x86_64", 0xb7, "aarch64", 0xf3, "RISC-V", 0x16, "s390x", 0x15, "ppc64");

	private PluginProgram() {
	}

	/**
	 * Find the program. A name without a slash is searched for on the plugin's
	 * {@code PATH}. A relative path begins at the plugin's working directory, or at the
	 * application's without one.
	 * @param settings settings of the plugin
	 * @param environment environment of the plugin
	 * @return an absolute path
	 * @throws PluginException if there is no such program
	 */
	static Path find(PluginSettings settings, Map<String, String> environment) {
		String program = settings.command().get(0);
		Path workingDirectory = settings.workingDirectory();
		Path start = ((workingDirectory != null) ? workingDirectory : Path.of("")).toAbsolutePath();
		try {
			if (program.indexOf('/') != -1) {
				return checked(settings, start.resolve(program).normalize());
			}
			if (!program.isEmpty()) {
				return search(settings, program, start, environment.getOrDefault("PATH", DEFAULT_PATH));
			}
		}
		catch (InvalidPathException ex) {
			// The failure below covers this case.
		}
		throw LaunchFailures.lasting(settings,
				"has a 'command' that does not begin with a program: write the path of the program there");
	}

	private static Path search(PluginSettings settings, String program, Path start, String path) {
		Path found = null;
		for (String folder : path.split(":", -1)) {
			Path candidate = start.resolve(folder).resolve(program).normalize();
			if (Files.isRegularFile(candidate)) {
				if (Files.isExecutable(candidate)) {
					return candidate;
				}
				found = (found != null) ? found : candidate;
			}
		}
		if (found != null) {
			return checked(settings, found);
		}
		throw LaunchFailures.lasting(settings, "cannot be started: there is no such program in the plugin's PATH, "
				+ path + ". Write the path of the program into 'command', or set PATH in 'environment'");
	}

	private static Path checked(PluginSettings settings, Path file) {
		if (!Files.exists(file)) {
			throw LaunchFailures.lasting(settings, "cannot be started: there is no file '" + file
					+ "'. A relative path begins at 'working-directory', or at the application's working directory");
		}
		if (!Files.isRegularFile(file)) {
			throw LaunchFailures.lasting(settings,
					"cannot be started: '" + file + "' is not a file. Write the path of a program into 'command'");
		}
		if (!Files.isExecutable(file)) {
			throw LaunchFailures.lasting(settings, "cannot be started: the application has no permission to run '"
					+ file + "' (" + describe(file) + "). Run 'chmod +x' on the file");
		}
		return file;
	}

	/**
	 * Describe a file that does not run.
	 * @param file the file
	 * @return owner and mode of the file, and the processor of a program
	 */
	static String describe(Path file) {
		StringBuilder text = new StringBuilder();
		try {
			PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
			text.append("owner ")
				.append(attributes.owner().getName())
				.append(", mode ")
				.append(PosixFilePermissions.toString(attributes.permissions()))
				.append(", the application runs as ")
				.append(System.getProperty("user.name"));
			text.append(machine(file));
		}
		catch (IOException ex) {
			text.append(text.isEmpty() ? "the application cannot read the file" : "");
		}
		return text.toString();
	}

	private static String machine(Path file) throws IOException {
		try (InputStream in = Files.newInputStream(file)) {
			byte[] head = in.readNBytes(ELF_MACHINE + 2);
			if (head.length < ELF_MACHINE + 2 || Arrays.mismatch(head, ELF) != ELF.length) {
				return "";
			}
			boolean littleEndian = head[5] == 1;
			int low = head[littleEndian ? ELF_MACHINE : ELF_MACHINE + 1] & 0xff;
			int high = head[littleEndian ? ELF_MACHINE + 1 : ELF_MACHINE] & 0xff;
			int machine = high << 8 | low;
			return ", built for " + ELF_MACHINES.getOrDefault(machine, "processor " + machine) + ", this machine is "
					+ System.getProperty("os.arch");
		}
	}

}
