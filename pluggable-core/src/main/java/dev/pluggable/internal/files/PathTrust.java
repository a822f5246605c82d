package dev.pluggable.internal.files;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

import dev.pluggable.internal.transport.FileType;
import dev.pluggable.internal.transport.PeerPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether another user can change what a path leads to. A path is trusted if each
 * folder and file on the path, including the targets of symbolic links, belongs to a
 * trusted user, and no other user can write to it. In a sticky folder, other users can
 * write but cannot replace the entries of a trusted user, so such entries are trusted.
 * Write permission of a group counts as write permission of others: the same bits also
 * stand for access control lists. Immutable.
 *
 * @param uids numeric ids of the trusted users
 */
public record PathTrust(Set<Long> uids) {

	private static final long ROOT = 0;

	private static final int STICKY = 01000;

	private static final int OTHERS_WRITE = 022;

	private static final int PERMISSIONS = 07777;

	private static final int MAX_LINKS = 40;

	/**
	 * What a user can do about a path that is not trusted.
	 */
	public static final String ADVICE = "Give it to our user or root ('chown') and take the write permission from "
			+ "all others ('chmod go-w')";

	/**
	 * Create a trust.
	 */
	public PathTrust {
		uids = Set.copyOf(uids);
	}

	/**
	 * Trust the user of this process and root.
	 * @return the trust
	 */
	public static PathTrust ownUser() {
		return with(Set.of());
	}

	/**
	 * Trust the user of this process, root and further users.
	 * @param others numeric ids of the further users
	 * @return the trust
	 */
	public static PathTrust with(Set<Long> others) {
		Set<Long> uids = new TreeSet<>(others);
		uids.add(ROOT);
		uids.add(PeerPolicy.ownUid());
		return new PathTrust(uids);
	}

	/**
	 * Find the reason for which a path is not trusted. The last folder may be sticky: a
	 * caller must then check the owner of the entry that the caller uses.
	 * @param path the path of a folder or a file
	 * @return the reason, {@code null} if the path is trusted; for a path that does not
	 * exist, the result is that of its nearest parent that exists
	 * @throws IOException if the path cannot be inspected
	 */
	public @Nullable String problem(Path path) throws IOException {
		Path current = path.toAbsolutePath().getRoot();
		Deque<Path> rest = new ArrayDeque<>();
		path.toAbsolutePath().forEach(rest::add);
		Entry folder = Entry.of(current);
		String problem = problem(folder);
		int links = 0;
		while (problem == null && !rest.isEmpty()) {
			String name = rest.remove().toString();
			if (name.isEmpty() || name.equals(".")) {
				continue;
			}
			if (name.equals("..")) {
				Path parent = current.getParent();
				current = (parent != null) ? parent : current;
				folder = Entry.of(current);
				continue;
			}
			Entry entry;
			try {
				entry = Entry.of(current.resolve(name));
			}
			catch (NoSuchFileException ex) {
				return null;
			}
			if (entry.type() != FileType.LINK) {
				problem = problem(entry);
				current = entry.path();
				folder = entry;
				continue;
			}
			if (folder.isSticky() && !isTrusted(entry)) {
				return belongs(entry);
			}
			if (++links > MAX_LINKS) {
				throw new FileSystemLoopException(path.toString());
			}
			Path target = Files.readSymbolicLink(entry.path());
			for (int i = target.getNameCount() - 1; i >= 0; i--) {
				rest.addFirst(target.getName(i));
			}
			if (target.isAbsolute()) {
				current = target.getRoot();
				folder = Entry.of(current);
			}
		}
		return problem;
	}

	/**
	 * Whether other users can create entries in a folder without being able to replace
	 * those of a trusted user.
	 * @param folder the folder
	 * @return {@code false} if not, or if the folder cannot be inspected
	 */
	public boolean isShared(Path folder) {
		try {
			Entry entry = Entry.of(folder.toRealPath());
			return entry.isSticky() && (entry.mode() & OTHERS_WRITE) != 0;
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Whether a file belongs to a trusted user. Links are not followed.
	 * @param file the file
	 * @return {@code false} if not, or if the file cannot be inspected
	 */
	public boolean isOwner(Path file) {
		try {
			return isTrusted(Entry.of(file));
		}
		catch (IOException ex) {
			return false;
		}
	}

	private @Nullable String problem(Entry entry) {
		if (!isTrusted(entry)) {
			return belongs(entry);
		}
		if ((entry.mode() & OTHERS_WRITE) != 0 && !entry.isSticky()) {
			return "users other than uid " + entry.uid() + " can write to '" + entry.path() + "' (mode "
					+ Integer.toOctalString(entry.mode() & PERMISSIONS) + ")";
		}
		return null;
	}

	private boolean isTrusted(Entry entry) {
		return this.uids.contains(entry.uid());
	}

	private static String belongs(Entry entry) {
		return "'" + entry.path() + "' belongs to uid " + entry.uid();
	}

	/**
	 * Owner and mode of a path, without following a link.
	 */
	private record Entry(Path path, long uid, int mode) {

		static Entry of(Path path) throws IOException {
			Map<String, Object> attributes = Files.readAttributes(path, "unix:mode,uid", LinkOption.NOFOLLOW_LINKS);
			return new Entry(path, ((Number) Objects.requireNonNull(attributes.get("uid"))).longValue() & 0xffffffffL,
					(int) Objects.requireNonNull(attributes.get("mode")));
		}

		FileType type() {
			return FileType.of(this.mode);
		}

		boolean isSticky() {
			return type() == FileType.FOLDER && (this.mode & STICKY) != 0;
		}

	}

}
