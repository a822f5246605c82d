package dev.pluggable.internal.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import dev.pluggable.internal.transport.PeerPolicy;

/**
 * Processes that have inherited the marker of a plugin: whoever their parent is now, they
 * were started by it or by one of its descendants. They can be found where there is
 * {@code /proc}; elsewhere there are none.
 */
public final class MarkedProcesses {

	/**
	 * Environment variable of each launched process that names its run directory.
	 */
	static final String MARKER = "PLUGGABLE_PLUGIN_DIRECTORY";

	static final long NO_SESSION = -1;

	private static final Path PROC = Path.of("/proc");

	/**
	 * More than the environment of a process can hold on Linux.
	 */
	private static final int MAX_ENVIRONMENT = 8 * 1024 * 1024;

	private static final Duration LIMIT = Duration.ofSeconds(2);

	private static final long RECHECK_NANOS = Duration.ofMillis(5).toNanos();

	/**
	 * The encoding in which the JVM hands environments and paths to the system.
	 */
	private static final Charset NATIVE = nativeCharset();

	private MarkedProcesses() {
	}

	/**
	 * Kill the processes of our own user that carry a marker, and those that they start
	 * meanwhile. Waits until they are gone, for at most 2 s.
	 * @param marker whether a process with this run directory is to be killed
	 * @return the processes that are still there
	 */
	static List<ProcessHandle> kill(Predicate<String> marker) {
		return kill(marker, NO_SESSION);
	}

	/**
	 * The same with what is in a session, which a process may have left with an
	 * environment of its own.
	 * @param marker whether a process with this run directory is to be killed
	 * @param session number of a session, which is that of the process that began it
	 * @return the processes that are still there
	 */
	static List<ProcessHandle> kill(Predicate<String> marker, long session) {
		long start = System.nanoTime();
		while (true) {
			List<ProcessHandle> found = find(marker, session);
			if (found.isEmpty() || System.nanoTime() - start > LIMIT.toNanos()) {
				return found;
			}
			// A handle knows when its process was started, and kills no other one that
			// has got its number since.
			found.forEach(ProcessHandle::destroyForcibly);
			LockSupport.parkNanos(RECHECK_NANOS);
		}
	}

	/**
	 * The processes of our own user that carry a marker, but for this one.
	 * @param marker whether a run directory is meant
	 * @return the processes
	 */
	public static List<ProcessHandle> find(Predicate<String> marker) {
		return find(marker, NO_SESSION);
	}

	private static List<ProcessHandle> find(Predicate<String> marker, long session) {
		List<ProcessHandle> found = new ArrayList<>();
		if (!Files.isDirectory(PROC)) {
			return found;
		}
		long self = ProcessHandle.current().pid();
		int uid = (int) PeerPolicy.ownUid();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
			for (Path entry : entries) {
				long pid = Long.parseLong(entry.getFileName().toString());
				// The handle comes first: if the number changes hands before the
				// environment is read, the handle is that of a process that is no more.
				Optional<ProcessHandle> handle = (pid != self) ? ProcessHandle.of(pid) : Optional.empty();
				if (handle.isPresent() && isMeant(entry, uid, marker, session)) {
					found.add(handle.get());
				}
			}
		}
		catch (IOException | DirectoryIteratorException | NumberFormatException ex) {
			// What was found so far is right in any case.
		}
		return found;
	}

	private static boolean isMeant(Path process, int uid, Predicate<String> marker, long session) {
		try {
			if (!Integer.valueOf(uid).equals(Files.getAttribute(process, "unix:uid", LinkOption.NOFOLLOW_LINKS))) {
				return false;
			}
			try (InputStream in = Files.newInputStream(process.resolve("environ"))) {
				if (isMarked(in.readNBytes(MAX_ENVIRONMENT), marker)) {
					return true;
				}
			}
			return session != NO_SESSION && isInSession(Files.readString(process.resolve("stat")), session);
		}
		catch (IOException | UnsupportedOperationException ex) {
			// It has ended, or is not ours to look at.
			return false;
		}
	}

	/**
	 * The program's name, which may hold anything, is in parentheses; then come state,
	 * parent, process group and session.
	 */
	private static boolean isInSession(String status, long session) {
		String[] fields = status.substring(status.lastIndexOf(')') + 1).strip().split(" ");
		return fields.length > 3 && !fields[0].equals("Z") && fields[3].equals(Long.toString(session));
	}

	private static boolean isMarked(byte[] environment, Predicate<String> marker) {
		String entries = "\0" + new String(environment, StandardCharsets.ISO_8859_1);
		String key = "\0" + MARKER + "=";
		int begin = entries.indexOf(key);
		if (begin == -1) {
			return false;
		}
		int value = begin + key.length();
		int end = entries.indexOf('\0', value);
		String directory = entries.substring(value, (end != -1) ? end : entries.length());
		return marker.test(new String(directory.getBytes(StandardCharsets.ISO_8859_1), NATIVE));
	}

	private static Charset nativeCharset() {
		try {
			return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
		}
		catch (IllegalArgumentException ex) {
			return StandardCharsets.UTF_8;
		}
	}

}
