package dev.pluggable.sample.h2;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;

/**
 * The options of the program, from its command line and its environment.
 *
 * @param folder folder of the socket
 * @param name name of the socket, without {@code .sock}
 * @param data folder of the files of the stores
 * @param maxMessageBytes largest request that is accepted
 * @param help whether the program only explains its options
 */
record Options(Path folder, String name, Path data, int maxMessageBytes, boolean help) {

	static final String HELP = """
			A state store that loses nothing that it has acknowledged, for hosts that speak
			Dapr's protocol for pluggable components. It serves type 'state.<name>' on the
			socket <folder>/<name>.sock until it gets SIGTERM or SIGINT.

			  --folder <dir>      folder of the socket. Default: the first that is set of
			                      DAPR_COMPONENTS_SOCKETS_FOLDER, DAPR_COMPONENT_SOCKETS_FOLDER
			                      and DAPR_COMPONENT_SOCKET_FOLDER, else
			                      /tmp/dapr-components-sockets
			  --name <name>       name of the socket. Default: h2
			  --data <dir>        folder of the data. Default: H2_DATA_FOLDER, else h2-data in
			                      the current folder. It is made if it does not exist
			  --max-message <n>   largest request that is accepted, in MiB. Default: 4
			  --help              this text

			Each component that a host declares has a file of its own, <data>/<component>.mv.
			Metadata of a component:

			  path                another file; a relative path begins in the folder of the data

			Exit status: 143 after SIGTERM, 1 if the socket cannot be used, 2 for wrong
			options, 74 if data cannot be written (start it again when the disk is well).""";

	private static final Set<String> NAMES = Set.of("folder", "name", "data", "max-message");

	private static final int MAX_MEBIBYTES = 1023;

	static Options parse(String[] args, Function<String, @Nullable String> environment) {
		Map<String, String> given = new HashMap<>();
		boolean help = false;
		for (int i = 0; i < args.length; i++) {
			String arg = args[i];
			if (arg.equals("--help") || arg.equals("-h")) {
				help = true;
				continue;
			}
			int equals = arg.indexOf('=');
			String option = (equals < 0) ? arg : arg.substring(0, equals);
			if (!option.startsWith("--") || !NAMES.contains(option.substring(2))) {
				throw new IllegalArgumentException("Unknown option '" + option + "'");
			}
			if (equals < 0 && ++i == args.length) {
				throw new IllegalArgumentException("Option '" + option + "' needs a value");
			}
			given.put(option.substring(2), (equals < 0) ? args[i] : arg.substring(equals + 1));
		}
		String folder = given.get("folder");
		return new Options((folder != null) ? path(folder) : SocketPaths.defaultFolder(environment),
				given.getOrDefault("name", "h2"), data(given.get("data"), environment.apply("H2_DATA_FOLDER")),
				mebibytes(given.getOrDefault("max-message", "4")), help);
	}

	private static Path data(@Nullable String option, @Nullable String variable) {
		if (option != null) {
			return path(option);
		}
		return path((variable != null && !variable.isEmpty()) ? variable : "h2-data");
	}

	private static Path path(String text) {
		try {
			return Path.of(text).toAbsolutePath().normalize();
		}
		catch (InvalidPathException ex) {
			throw new IllegalArgumentException("'" + text + "' is not a path: " + ex.getReason());
		}
	}

	private static int mebibytes(String text) {
		try {
			int number = Integer.parseInt(text);
			if (number >= 1 && number <= MAX_MEBIBYTES) {
				return number * 1024 * 1024;
			}
		}
		catch (NumberFormatException ex) {
			// The exception below is the same as for a number out of range.
		}
		throw new IllegalArgumentException(
				"Option '--max-message' must be a number of MiB from 1 to " + MAX_MEBIBYTES + ": '" + text + "'");
	}

}
