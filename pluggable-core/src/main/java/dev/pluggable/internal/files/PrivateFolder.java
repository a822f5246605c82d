package dev.pluggable.internal.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

import dev.pluggable.internal.transport.PeerPolicy;
import org.jspecify.annotations.Nullable;

/**
 * A folder that belongs to the user of this process alone and is held open. All methods
 * work on the held folder: nobody can redirect them by replacing the folder under its
 * name. Not safe for use by many threads.
 */
public final class PrivateFolder implements Closeable {

	private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

	private static final Path OPEN_FILES = Path.of("/proc/self/fd");

	private static final int MAX_RETRIES = 3;

	private final Path path;

	private final SecureDirectoryStream<Path> parent;

	private final SecureDirectoryStream<Path> held;

	private PrivateFolder(Path path, SecureDirectoryStream<Path> parent, SecureDirectoryStream<Path> held) {
		this.path = path;
		this.parent = parent;
		this.held = held;
	}

	/**
	 * Open a folder without following a link at its name.
	 * @param path absolute path of the folder
	 * @return the folder
	 * @throws NoSuchFileException if there is no such folder
	 * @throws IOException if the folder cannot be opened, belongs to another user, or is
	 * open to other users
	 */
	public static PrivateFolder open(Path path) throws IOException {
		Path above = Objects.requireNonNull(path.getParent());
		SecureDirectoryStream<Path> parent = secure(Files.newDirectoryStream(above));
		SecureDirectoryStream<Path> held = null;
		try {
			held = parent.newDirectoryStream(path.getFileName(), LinkOption.NOFOLLOW_LINKS);
			String problem = problem(attributes(held.getFileAttributeView(PosixFileAttributeView.class)));
			if (problem != null) {
				throw new FileSystemException(path.toString(), null, problem);
			}
			return new PrivateFolder(path, parent, held);
		}
		catch (IOException | RuntimeException ex) {
			close(held);
			close(parent);
			throw ex;
		}
	}

	/**
	 * Check that a folder belongs to the user of this process alone, without following a
	 * link at its name.
	 * @param path path of the folder
	 * @return {@code true} if so; {@code false} also if there is no such folder
	 * @throws IOException if the folder cannot be inspected
	 */
	public static boolean isPrivate(Path path) throws IOException {
		try {
			return problem(attributes(
					Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS))) == null;
		}
		catch (NoSuchFileException ex) {
			return false;
		}
	}

	private static PosixFileAttributes attributes(PosixFileAttributeView view) throws IOException {
		return view.readAttributes();
	}

	private static @Nullable String problem(PosixFileAttributes attributes) throws IOException {
		if (!attributes.isDirectory()) {
			return "is not a folder";
		}
		if (!attributes.owner().equals(ownUser())) {
			return "belongs to the user " + attributes.owner().getName() + ", not to our user";
		}
		return OWNER_ONLY.containsAll(attributes.permissions()) ? null
				: "is open to other users: " + PosixFilePermissions.toString(attributes.permissions());
	}

	private static Object ownUser() throws IOException {
		return OPEN_FILES.getFileSystem()
			.getUserPrincipalLookupService()
			.lookupPrincipalByName(Long.toString(PeerPolicy.ownUid()));
	}

	private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
		if (stream instanceof SecureDirectoryStream<Path> secure) {
			return secure;
		}
		stream.close();
		throw new IOException("this system cannot hold a folder open");
	}

	/**
	 * Return a path to an entry that leads into the held folder whatever happens to the
	 * folder's name.
	 * @param name file name of the entry
	 * @return the path; the plain path of the entry on a system without {@code /proc}
	 */
	public Path pathOf(Path name) throws IOException {
		Path descriptor = descriptor(this.held);
		return ((descriptor != null) ? descriptor : this.path).resolve(name);
	}

	private static @Nullable Path descriptor(SecureDirectoryStream<Path> folder) throws IOException {
		Object key = folder.getFileAttributeView(BasicFileAttributeView.class).readAttributes().fileKey();
		try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(OPEN_FILES)) {
			for (Path descriptor : descriptors) {
				if (isSame(descriptor, key)) {
					return descriptor;
				}
			}
		}
		catch (NoSuchFileException | DirectoryIteratorException ex) {
			// The system has no such folder.
		}
		return null;
	}

	private static boolean isSame(Path descriptor, @Nullable Object key) {
		try {
			return Objects.equals(Files.readAttributes(descriptor, BasicFileAttributes.class).fileKey(), key);
		}
		catch (IOException ex) {
			// Another thread has closed the file.
			return false;
		}
	}

	/**
	 * Delete an entry with all its contents. Deletes links and does not follow them.
	 * Continues after a failure.
	 * @param name file name of the entry, which need not exist
	 * @throws IOException the first failure
	 */
	public void delete(Path name) throws IOException {
		Deletion deletion = new Deletion();
		for (int i = 0; i <= MAX_RETRIES; i++) {
			deletion = new Deletion();
			deletion.delete(this.held, name);
			// A server that is being closed may have created its socket meanwhile.
			if (!(deletion.failure instanceof DirectoryNotEmptyException)) {
				break;
			}
		}
		if (deletion.failure != null) {
			throw deletion.failure;
		}
	}

	/**
	 * Delete the entries that a condition selects.
	 * @param condition selects entries by their file names
	 * @throws IOException the first failure
	 */
	public void deleteEntries(Predicate<String> condition) throws IOException {
		IOException failure = null;
		for (Path entry : entries(this.held)) {
			Path name = entry.getFileName();
			if (condition.test(name.toString())) {
				try {
					delete(name);
				}
				catch (IOException ex) {
					failure = (failure != null) ? failure : ex;
				}
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	/**
	 * Delete the folder itself, which must be empty.
	 */
	public void delete() throws IOException {
		this.parent.deleteDirectory(this.path.getFileName());
	}

	private static List<Path> entries(SecureDirectoryStream<Path> folder) throws IOException {
		// The position of the held stream is shared by its iterators, so each reading
		// uses
		// a stream of its own.
		List<Path> entries = new ArrayList<>();
		try (SecureDirectoryStream<Path> again = folder.newDirectoryStream(Path.of("."))) {
			again.forEach(entries::add);
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
		return entries;
	}

	private static void close(@Nullable Closeable stream) {
		if (stream != null) {
			try {
				stream.close();
			}
			catch (IOException ex) {
				// Nothing was written.
			}
		}
	}

	@Override
	public void close() {
		close(this.held);
		close(this.parent);
	}

	/**
	 * One deletion, which keeps its first failure.
	 */
	private static final class Deletion {

		private @Nullable IOException failure;

		void delete(SecureDirectoryStream<Path> folder, Path name) {
			try {
				PosixFileAttributeView view = folder.getFileAttributeView(name, PosixFileAttributeView.class,
						LinkOption.NOFOLLOW_LINKS);
				if (view.readAttributes().isDirectory()) {
					deleteContents(folder, name);
					folder.deleteDirectory(name);
				}
				else {
					folder.deleteFile(name);
				}
			}
			catch (NoSuchFileException ex) {
				// Somebody else has deleted the entry.
			}
			catch (IOException ex) {
				this.failure = (this.failure != null) ? this.failure : ex;
			}
		}

		private void deleteContents(SecureDirectoryStream<Path> folder, Path name) throws IOException {
			try (SecureDirectoryStream<Path> contents = open(folder, name)) {
				// A plugin may have created read-only folders.
				contents.getFileAttributeView(PosixFileAttributeView.class).setPermissions(OWNER_ONLY);
				for (Path entry : entries(contents)) {
					delete(contents, entry.getFileName());
				}
			}
		}

		private static SecureDirectoryStream<Path> open(SecureDirectoryStream<Path> folder, Path name)
				throws IOException {
			try {
				return folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
			}
			catch (AccessDeniedException ex) {
				Path held = descriptor(folder);
				if (held == null) {
					throw ex;
				}
				Files.setPosixFilePermissions(held.resolve(name), OWNER_ONLY);
				return folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
			}
		}

	}

}
