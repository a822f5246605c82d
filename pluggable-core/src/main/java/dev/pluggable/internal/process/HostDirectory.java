package dev.pluggable.internal.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.regex.Pattern;

import dev.pluggable.internal.files.PrivateFolder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The private folder of one host. The host locks a file in the folder while it lives, so
 * another host can tell a folder in use from the folder of a killed host. Not safe for
 * use by many threads.
 */
final class HostDirectory implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(HostDirectory.class);

	static final FileAttribute<Set<PosixFilePermission>> PRIVATE = PosixFilePermissions
		.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

	private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE = PosixFilePermissions
		.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

	private static final String PREFIX = "pluggable-";

	private static final int RANDOM_LENGTH = 6;

	private static final Pattern NAME = Pattern.compile(PREFIX + "[0-9a-z]{" + RANDOM_LENGTH + "}");

	private static final long NAMES = 36L * 36 * 36 * 36 * 36 * 36;

	private static final String LOCK = "lock";

	private static final int MAX_ATTEMPTS = 20;

	/**
	 * Prefix of the system properties that list the folders of this JVM. The JVM must
	 * never open its own lock file again: closing the second channel would release the
	 * lock of the first one. A copy of this class from another class loader reads the
	 * same properties.
	 */
	private static final String LIVE = RunDirectories.class.getName() + ".live:";

	private final Path path;

	private FileChannel lock;

	private HostDirectory(Path path, FileChannel lock) {
		this.path = path;
		this.lock = lock;
	}

	/**
	 * Whether a path has the name of a host's folder.
	 */
	static boolean isName(Path path) {
		return NAME.matcher(path.getFileName().toString()).matches();
	}

	/**
	 * Length of the folder's name, in bytes.
	 */
	static int nameLength() {
		return PREFIX.length() + RANDOM_LENGTH;
	}

	/**
	 * Create and lock a folder.
	 * @param base parent of the folder
	 */
	static HostDirectory create(Path base) throws IOException {
		for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
			Path created = Files.createDirectory(base.resolve(randomName()), PRIVATE);
			System.setProperty(LIVE + created, "");
			FileChannel lock = lock(created);
			if (lock != null) {
				return new HostDirectory(created, lock);
			}
			System.clearProperty(LIVE + created);
		}
		throw new IOException("another process deletes each new folder");
	}

	private static String randomName() {
		return PREFIX + Long.toString(NAMES + ThreadLocalRandom.current().nextLong(NAMES), 36).substring(1);
	}

	/**
	 * Create and lock the lock file.
	 * @return the lock, {@code null} if another host has deleted the new folder, which
	 * has no lock for a moment
	 */
	private static @Nullable FileChannel lock(Path directory) throws IOException {
		FileChannel channel;
		try {
			channel = FileChannel.open(directory.resolve(LOCK),
					Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), PRIVATE_FILE);
		}
		catch (NoSuchFileException | FileAlreadyExistsException ex) {
			return null;
		}
		FileLock lock = null;
		try {
			lock = channel.tryLock();
			return (lock != null) ? channel : null;
		}
		finally {
			if (lock == null) {
				channel.close();
			}
		}
	}

	Path path() {
		return this.path;
	}

	/**
	 * Create the folder and its lock again if somebody has deleted them. Some systems
	 * delete old temporary files.
	 * @return {@code false} if another user has taken the name of the folder
	 */
	boolean restore() throws IOException {
		try {
			Files.createDirectory(this.path, PRIVATE);
		}
		catch (FileAlreadyExistsException ex) {
			if (!PrivateFolder.isPrivate(this.path)) {
				return false;
			}
			if (Files.exists(this.path.resolve(LOCK), LinkOption.NOFOLLOW_LINKS)) {
				return true;
			}
		}
		FileChannel locked = lock(this.path);
		if (locked != null) {
			this.lock.close();
			this.lock = locked;
		}
		return true;
	}

	/**
	 * Delete the folder.
	 */
	@Override
	public void close() {
		delete(this.path);
		release();
	}

	/**
	 * Give up the lock, and leave the folder as it is.
	 */
	void release() {
		try {
			this.lock.close();
		}
		catch (IOException ex) {
			logger.debug("Cannot close the lock of {}", this.path, ex);
		}
		System.clearProperty(LIVE + this.path);
	}

	/**
	 * Delete the folder of a host. The lock file goes last, so a folder without a lock is
	 * empty. A folder that is not private any more belongs to somebody else and stays.
	 * @param directory the folder
	 */
	static void delete(Path directory) {
		try (PrivateFolder folder = PrivateFolder.open(directory)) {
			folder.deleteEntries((name) -> !name.equals(LOCK));
			folder.delete(Path.of(LOCK));
			folder.delete();
		}
		catch (NoSuchFileException ex) {
			logger.debug("Somebody else has deleted {}", directory);
		}
		catch (IOException ex) {
			logger.warn("Cannot delete {}: {}", directory, ex.toString());
		}
	}

	/**
	 * Find the folders of hosts that were killed. Deletes empty folders without a lock.
	 * @param base parent of the folders
	 * @param action handles a folder while the folder is locked
	 */
	static void forEachAbandoned(Path base, Consumer<Path> action) throws IOException {
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(base, PREFIX + "*")) {
			for (Path entry : entries) {
				if (isName(entry) && isOwnFolder(entry)) {
					ifAbandoned(entry, action);
				}
			}
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
	}

	private static boolean isOwnFolder(Path entry) {
		try {
			return PrivateFolder.isPrivate(entry);
		}
		catch (IOException | UnsupportedOperationException ex) {
			return false;
		}
	}

	private static void ifAbandoned(Path directory, Consumer<Path> action) {
		// Two channels of one JVM on one lock file would interfere.
		synchronized (HostDirectory.class) {
			if (System.getProperty(LIVE + directory) != null) {
				return;
			}
			Path lock = directory.resolve(LOCK);
			if (!Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS)) {
				deleteIfEmpty(directory);
				return;
			}
			try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
				if (channel.tryLock() != null) {
					action.accept(directory);
				}
			}
			catch (OverlappingFileLockException ex) {
				logger.trace("This JVM uses {}", directory);
			}
			catch (IOException ex) {
				logger.warn("Cannot find out whether {} is in use: {}", directory, ex.toString());
			}
		}
	}

	/**
	 * Delete a folder without a lock. Either the folder is new, or its deletion was
	 * interrupted.
	 */
	private static void deleteIfEmpty(Path directory) {
		try {
			Files.delete(directory);
		}
		catch (IOException ex) {
			logger.trace("{} is not deleted", directory, ex);
		}
	}

}
