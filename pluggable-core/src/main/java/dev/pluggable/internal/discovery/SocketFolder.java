package dev.pluggable.internal.discovery;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.discovery.SkippedEntry;
import dev.pluggable.discovery.SocketFile;
import dev.pluggable.internal.endpoint.SocketIdentity;
import dev.pluggable.internal.files.PathTrust;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.Names;
import dev.pluggable.internal.transport.FileType;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the top level of a socket folder. Ignores folders in it, and lists every other
 * entry that is not a usable socket with the reason.
 */
final class SocketFolder {

	private static final Logger logger = LoggerFactory.getLogger(SocketFolder.class);

	/**
	 * Longest file name that file systems allow.
	 */
	private static final int MAX_FILE_NAME = 255;

	/**
	 * Most entries that are looked at.
	 */
	static final int MAX_ENTRIES = 20_000;

	/**
	 * Two changes within this time can leave the same modification time.
	 */
	private static final Duration TIME_RESOLUTION = Duration.ofSeconds(1);

	/**
	 * A folder is read after this time even if it looks unchanged, for file systems that
	 * do not maintain modification times.
	 */
	private static final Duration READ_ANYWAY = Duration.ofSeconds(30);

	private static final String NOT_INSPECTED = "cannot be inspected";

	private final Path folder;

	private final PathTrust trust;

	private final boolean allowUntrusted;

	private final SocketNames names;

	private @Nullable String lastProblem;

	private @Nullable FolderStatus last;

	private @Nullable Version lastVersion;

	private long lastReadNanos;

	/**
	 * Create a folder that was not read yet.
	 * @param folder path of the folder
	 * @param trust decides whether other users can change the folder
	 * @param allowUntrusted whether to use a folder that other users can change
	 * @param names remembers the sockets of folders to which other users can write
	 */
	SocketFolder(Path folder, PathTrust trust, boolean allowUntrusted, SocketNames names) {
		this.folder = folder;
		this.trust = trust;
		this.allowUntrusted = allowUntrusted;
		this.names = names;
	}

	/**
	 * Read the folder, or return the same status as before if the folder has certainly
	 * not changed. A folder with many sockets therefore costs little while its entries do
	 * not change.
	 */
	FolderStatus look(boolean watched) {
		FolderStatus refused = refused();
		if (refused != null) {
			boolean same = this.last != null && this.last.state() == refused.state()
					&& Objects.equals(this.last.reason(), refused.reason());
			this.last = same ? this.last : refused;
			this.lastVersion = null;
			return Objects.requireNonNull(this.last);
		}
		Instant now = Instant.now();
		Version version = Version.of(this.folder);
		FolderStatus last = this.last;
		if (last != null && last.watched() == watched && version != null && version.equals(this.lastVersion)
				&& System.nanoTime() - this.lastReadNanos < READ_ANYWAY.toNanos()) {
			return last;
		}
		FolderStatus status = withOwnNames(read(this.folder, watched));
		this.last = status;
		this.lastReadNanos = System.nanoTime();
		boolean certain = status.state() == FolderStatus.State.READABLE
				&& status.skipped().stream().noneMatch((entry) -> entry.reason().startsWith(NOT_INSPECTED));
		this.lastVersion = (certain && version != null && version.isBefore(now.minus(TIME_RESOLUTION))) ? version
				: null;
		return status;
	}

	/**
	 * Refuse a folder that other users can change: they could give the socket of one
	 * component the name of another one, and so receive the metadata for its
	 * {@code Init}.
	 */
	private @Nullable FolderStatus refused() {
		String problem;
		try {
			problem = this.trust.problem(this.folder);
		}
		catch (IOException ex) {
			// The folder cannot be read either, and the reading tells why.
			return null;
		}
		boolean isNew = !Objects.equals(problem, this.lastProblem);
		this.lastProblem = problem;
		if (problem == null) {
			return null;
		}
		if (!this.allowUntrusted) {
			return failed(this.folder, FolderStatus.State.REFUSED,
					"other users can change the folder, and so exchange components: " + problem + ". "
							+ PathTrust.ADVICE
							+ ", choose another folder, name its owner in 'pluggable.security.allowed-uids', or set "
							+ "'pluggable.security.allow-untrusted-folders' to true "
							+ "if you trust everybody who can write there");
		}
		if (isNew) {
			logger.warn("The socket folder {} is used, although other users can change it: {}. They can exchange "
					+ "the sockets of components before the host has seen them, and the host then sends the metadata and "
					+ "requests of one component to another one, passwords included", this.folder, problem);
		}
		return null;
	}

	/**
	 * Leave out the sockets whose names other users may have changed or added.
	 */
	private FolderStatus withOwnNames(FolderStatus status) {
		if (this.lastProblem == null && !this.trust.isShared(this.folder)) {
			return status;
		}
		List<SkippedEntry> skipped = new ArrayList<>(status.skipped());
		List<SocketFile> sockets = this.names.check(status.sockets(),
				(socket) -> this.lastProblem == null && this.trust.isOwner(socket.path()), skipped);
		if (sockets.size() == status.sockets().size()) {
			return status;
		}
		return new FolderStatus(status.folder(), status.state(), status.reason(), status.watched(), sockets,
				skipped.stream()
					.limit(FolderStatus.MAX_SKIPPED)
					.sorted(Comparator.comparing(SkippedEntry::entry))
					.toList());
	}

	static FolderStatus read(Path folder, boolean watched) {
		List<SocketFile> sockets = new ArrayList<>();
		List<SkippedEntry> skipped = new ArrayList<>();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
			int count = 0;
			for (Path entry : entries) {
				if (count++ == MAX_ENTRIES) {
					skipped.add(0, new SkippedEntry("*", "the folder has more than " + MAX_ENTRIES
							+ " entries, and the host looks at no more. Remove files that are no sockets"));
					break;
				}
				inspect(entry, sockets, skipped);
			}
		}
		catch (NoSuchFileException ex) {
			return failed(folder, FolderStatus.State.MISSING, "the folder does not exist (yet)");
		}
		catch (NotDirectoryException ex) {
			return failed(folder, FolderStatus.State.UNREADABLE, "not a folder");
		}
		catch (AccessDeniedException ex) {
			return failed(folder, FolderStatus.State.UNREADABLE, "permission denied: " + permissions(folder));
		}
		catch (IOException | DirectoryIteratorException ex) {
			return failed(folder, FolderStatus.State.UNREADABLE, "cannot be read: " + ex);
		}
		sockets.sort(Comparator.comparing(SocketFile::name).thenComparing(SocketFile::path));
		skipped.sort(Comparator.comparing(SkippedEntry::entry));
		return new FolderStatus(folder, FolderStatus.State.READABLE, null, watched, List.copyOf(sockets),
				List.copyOf(skipped));
	}

	private static FolderStatus failed(Path folder, FolderStatus.State state, String reason) {
		return new FolderStatus(folder, state, reason, false, List.of(), List.of());
	}

	private static void inspect(Path entry, List<SocketFile> sockets, List<SkippedEntry> skipped) {
		String fileName = entry.getFileName().toString();
		String reason;
		try {
			Map<String, Object> attributes = Files.readAttributes(entry, "unix:mode," + SocketIdentity.ATTRIBUTES,
					LinkOption.NOFOLLOW_LINKS);
			FileType type = FileType.of((int) Objects.requireNonNull(attributes.get("mode")));
			if (type == FileType.FOLDER) {
				return;
			}
			reason = (type != FileType.SOCKET) ? notASocket(type) : unusable(entry, fileName);
			if (reason == null) {
				sockets.add(new SocketFile(entry, stem(fileName), SocketIdentity.of(attributes)));
				return;
			}
		}
		catch (NoSuchFileException ex) {
			return;
		}
		catch (IOException ex) {
			reason = NOT_INSPECTED + ": " + ex;
		}
		if (skipped.size() < FolderStatus.MAX_SKIPPED) {
			skipped.add(new SkippedEntry(printable(fileName), reason));
		}
	}

	private static String notASocket(FileType type) {
		return (type == FileType.LINK) ? "not a socket: a symbolic link, which is never followed" : "not a socket";
	}

	private static @Nullable String unusable(Path path, String fileName) {
		String name = stem(fileName);
		if (name.isEmpty()) {
			return "the name is empty without its extension";
		}
		if (!Names.isName(name)) {
			return "'" + printable(name) + "' cannot be the name of a component: " + Names.RULE;
		}
		if (!printable(fileName).equals(fileName)) {
			return "the extension must not contain control characters";
		}
		if (!SocketPaths.fits(path)) {
			return "the path has " + SocketPaths.length(path) + " bytes, and a socket can be reached by at most "
					+ SocketPaths.MAX_BYTES;
		}
		return null;
	}

	/**
	 * Return the file name without its last extension, as Dapr does: {@code a.b} for
	 * {@code a.b.sock}.
	 */
	private static String stem(String fileName) {
		int dot = fileName.lastIndexOf('.');
		return (dot >= 0) ? fileName.substring(0, dot) : fileName;
	}

	private static String printable(String fileName) {
		return LogText.visible(fileName, MAX_FILE_NAME);
	}

	/**
	 * The version of a folder. It changes when an entry appears, disappears or is
	 * replaced, and when the folder itself is replaced.
	 *
	 * @param device device of the folder
	 * @param inode inode of the folder
	 * @param modified when an entry last appeared, disappeared or was replaced
	 * @param changed when an entry or the permissions last changed
	 */
	private record Version(Object device, Object inode, FileTime modified, FileTime changed) {

		static @Nullable Version of(Path folder) {
			try {
				Map<String, Object> attributes = Files.readAttributes(folder, "unix:dev,ino,lastModifiedTime,ctime");
				return new Version(Objects.requireNonNull(attributes.get("dev")),
						Objects.requireNonNull(attributes.get("ino")),
						(FileTime) Objects.requireNonNull(attributes.get("lastModifiedTime")),
						(FileTime) Objects.requireNonNull(attributes.get("ctime")));
			}
			catch (IOException ex) {
				return null;
			}
		}

		boolean isBefore(Instant time) {
			FileTime limit = FileTime.from(time);
			return this.modified.compareTo(limit) < 0 && this.changed.compareTo(limit) < 0;
		}

	}

	private static String permissions(Path folder) {
		String user = "we run as " + System.getProperty("user.name");
		try {
			return Files.getOwner(folder).getName() + " owns it with "
					+ java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))
					+ ", " + user;
		}
		catch (IOException ex) {
			return user;
		}
	}

}
