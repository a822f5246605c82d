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
 * Finds the descendants of plugins by an environment variable that they inherit, even
 * after their parent has ended. Works only on systems with {@code /proc}.
 */
final class MarkedProcesses {

	/**
	 * Environment variable with the run directory of a launched process.
	 */
	static final String MARKER = "PLUGGABLE_PLUGIN_DIRECTORY";

	static final long NO_SESSION = -1;

	private static final Path PROC = Path.of("/proc");

	/**
	 * Larger than any environment of a process on Linux.
	 */
	private static final int MAX_ENVIRONMENT = 8 * 1024 * 1024;

	private static final Duration LIMIT = Duration.ofSeconds(2);

	private static final long RECHECK_NANOS = Duration.ofMillis(5).toNanos();

	/**
	 * The encoding in which the JVM passes environments and paths to the system.
	 */
	private static final Charset NATIVE = nativeCharset();

	private MarkedProcesses() {
	}

	/**
	 * Kill the marked processes of the application's user and the processes that they
	 * start meanwhile. Waits for their end, up to 2 s.
	 * @param marker selects processes by their run directory
	 * @return the processes that have not ended
	 */
	static List<OwnedProcess> kill(Predicate<String> marker) {
		return kill(marker, NO_SESSION);
	}

	/**
	 * Kill marked processes and the processes of a session. A process in the session may
	 * have replaced its environment.
	 * @param marker selects processes by their run directory
	 * @param session id of the session, which is the id of its first process; that
	 * process has ended
	 * @return the processes that have not ended
	 */
	static List<OwnedProcess> kill(Predicate<String> marker, long session) {
		long start = System.nanoTime();
		while (true) {
			List<OwnedProcess> found = find(marker, session);
			if (found.isEmpty() || System.nanoTime() - start > LIMIT.toNanos()) {
				return found;
			}
			found.forEach(OwnedProcess::kill);
			LockSupport.parkNanos(RECHECK_NANOS);
		}
	}

	/**
	 * Find the marked processes of the application's user, except the application.
	 * @param marker selects processes by their run directory
	 * @return the processes
	 */
	static List<OwnedProcess> find(Predicate<String> marker) {
		return find(marker, NO_SESSION);
	}

	private static List<OwnedProcess> find(Predicate<String> marker, long session) {
		List<OwnedProcess> found = new ArrayList<>();
		if (!Files.isDirectory(PROC)) {
			return found;
		}
		long self = ProcessHandle.current().pid();
		// The system does not reuse the id while the session has members. If another
		// process has the id, the session is that process's.
		long members = (session != NO_SESSION && ProcessHandle.of(session).isPresent()) ? NO_SESSION : session;
		int uid = (int) PeerPolicy.ownUid();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
			for (Path entry : entries) {
				long pid = Long.parseLong(entry.getFileName().toString());
				// The handle comes first: if another process gets the id before the
				// environment is read, the handle belongs to a process that has ended.
				Optional<ProcessHandle> handle = (pid != self) ? ProcessHandle.of(pid) : Optional.empty();
				handle.flatMap((process) -> recognise(process, entry, uid, marker, members)).ifPresent(found::add);
			}
		}
		catch (IOException | DirectoryIteratorException | NumberFormatException ex) {
			// The processes found so far are correct.
		}
		return found;
	}

	private static Optional<OwnedProcess> recognise(ProcessHandle handle, Path process, int uid,
			Predicate<String> marker, long session) {
		try {
			if (!Integer.valueOf(uid).equals(Files.getAttribute(process, "unix:uid", LinkOption.NOFOLLOW_LINKS))) {
				return Optional.empty();
			}
			try (InputStream in = Files.newInputStream(process.resolve("environ"))) {
				if (isMarked(in.readNBytes(MAX_ENVIRONMENT), marker)) {
					return Optional.of(OwnedProcess.marked(handle));
				}
			}
			return (session != NO_SESSION && isInSession(Files.readString(process.resolve("stat")), session))
					? Optional.of(OwnedProcess.inSession(handle)) : Optional.empty();
		}
		catch (IOException | UnsupportedOperationException ex) {
			// The process has ended, or the application may not read its environment.
			return Optional.empty();
		}
	}

	/**
	 * The name of the program is in parentheses and may contain anything. State, parent,
	 * process group and session follow.
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
