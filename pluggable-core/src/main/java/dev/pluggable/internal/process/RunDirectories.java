package dev.pluggable.internal.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Private folders for the processes of one host, in a folder of the host, with a file
 * that is locked for as long as the host lives. So what a host left behind that was
 * killed can be told from what is in use. Safe for use by many threads.
 */
public final class RunDirectories implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(RunDirectories.class);

	private static final String PREFIX = "pluggable-";

	private static final Pattern NAME = Pattern.compile(PREFIX + "[0-9a-z]{6}");

	private static final long NAMES = 36L * 36 * 36 * 36 * 36 * 36;

	private static final String LOCK = "lock";

	private static final int ATTEMPTS = 20;

	private static final int MAX_AGAIN = 3;

	/**
	 * Bytes that a socket needs in the folder of the host: the process's folder and names
	 * such as {@code plugin4294967295}.
	 */
	private static final int ROOM = 30;

	private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

	private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER = PosixFilePermissions
		.asFileAttribute(OWNER_ONLY);

	private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE = PosixFilePermissions
		.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

	/**
	 * Where the directories of this JVM are listed. To close a second channel on a lock
	 * file would free the lock of the first one, so our own must never be opened, not
	 * even by a copy of this class from another class loader.
	 */
	private static final String LIVE = RunDirectories.class.getName() + ".live:";

	private final Path base;

	private final Path root;

	private FileChannel lock;

	private final AtomicInteger next = new AtomicInteger();

	private boolean closed;

	/**
	 * Make the folder of a host.
	 * @param base the folder in which it is made, such as that for temporary files
	 * @throws PluginException if that is not possible
	 */
	public RunDirectories(Path base) {
		try {
			this.base = base.toRealPath();
			String problem = checkLength(this.base);
			if (problem != null) {
				throw new PluginException("The folder '" + base + "' cannot hold the sockets of plugins: " + problem
						+ "; set 'pluggable.plugin-directory' to another");
			}
			Path created = null;
			FileChannel locked = null;
			for (int attempt = 1; created == null || locked == null; attempt++) {
				created = Files.createDirectory(this.base.resolve(randomName()), PRIVATE_FOLDER);
				System.setProperty(LIVE + created, "");
				locked = lock(created);
				if (locked == null) {
					System.clearProperty(LIVE + created);
					if (attempt == ATTEMPTS) {
						throw new IOException("another process takes each new folder away");
					}
				}
			}
			this.root = created;
			this.lock = locked;
		}
		catch (IOException ex) {
			throw new PluginException("Cannot make a folder for plugins in '" + base + "': " + ex
					+ ". Let our user write there, or set 'pluggable.plugin-directory' to another folder", ex);
		}
	}

	/**
	 * Check the path of the folder in which a host's folder would be made.
	 * @param base the folder
	 * @return what is wrong with it, {@code null} if sockets in it can be reached
	 */
	public static @Nullable String checkLength(Path base) {
		int most = SocketPaths.MAX_BYTES - (1 + PREFIX.length() + 6 + ROOM);
		int length = SocketPaths.length(base);
		return (length <= most) ? null : "its path is too long: it has " + length + " bytes, and may have at most "
				+ most + ", as that of a socket in it may have at most " + SocketPaths.MAX_BYTES;
	}

	private static String randomName() {
		return PREFIX + Long.toString(NAMES + ThreadLocalRandom.current().nextLong(NAMES), 36).substring(1);
	}

	/**
	 * A new folder has no lock for a moment, in which a sweep may take it away.
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

	/**
	 * Make a private folder for a process.
	 * @param plugin name of the plugin, for messages
	 * @return the folder, to be deleted by the caller
	 * @throws PluginException if that is not possible
	 */
	synchronized Path create(String plugin) {
		if (this.closed) {
			throw new PluginException("Plugin '" + plugin + "' is not started, as the application is ending");
		}
		try {
			restore();
			return Files.createDirectory(this.root.resolve(Integer.toString(this.next.incrementAndGet(), 36)),
					PRIVATE_FOLDER);
		}
		catch (IOException ex) {
			throw new PluginException("Cannot make a folder for plugin '" + plugin + "': " + ex + ". Has '" + this.root
					+ "' been deleted?", ex);
		}
	}

	/**
	 * Systems clear folders for temporary files of what is old.
	 */
	private void restore() throws IOException {
		if (Files.exists(this.root.resolve(LOCK), LinkOption.NOFOLLOW_LINKS)) {
			return;
		}
		if (!Files.isDirectory(this.root, LinkOption.NOFOLLOW_LINKS)) {
			Files.createDirectory(this.root, PRIVATE_FOLDER);
		}
		FileChannel locked = lock(this.root);
		if (locked != null) {
			this.lock.close();
			this.lock = locked;
		}
	}

	/**
	 * Delete the folder of a process with all that is in it. Links are deleted, not
	 * followed.
	 * @param directory the folder
	 */
	void delete(Path directory) {
		if (!this.root.equals(directory.getParent())) {
			throw new IllegalArgumentException("'" + directory + "' is not a folder in '" + this.root + "'");
		}
		deleteRecursively(directory);
	}

	/**
	 * Clear away what hosts of our user have left behind: kill the processes that they
	 * had launched, and delete their folders. Those of hosts that live are not touched,
	 * nor is anything else.
	 */
	public void sweep() {
		int uid = (int) PeerPolicy.ownUid();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(this.base, PREFIX + "*")) {
			for (Path entry : entries) {
				if (NAME.matcher(entry.getFileName().toString()).matches() && isOwnFolder(entry, uid)) {
					sweep(entry);
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			logger.warn("Cannot look for what earlier runs left in {}: {}", this.base, ex.toString());
		}
	}

	private static boolean isOwnFolder(Path entry, int uid) {
		try {
			return Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
					&& Integer.valueOf(uid).equals(Files.getAttribute(entry, "unix:uid", LinkOption.NOFOLLOW_LINKS));
		}
		catch (IOException | UnsupportedOperationException ex) {
			return false;
		}
	}

	private static void sweep(Path directory) {
		// One at a time in this JVM, as two channels on one lock file get into each
		// other's way.
		synchronized (RunDirectories.class) {
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
					sweepDead(directory);
				}
			}
			catch (OverlappingFileLockException ex) {
				logger.trace("{} is in use in this JVM", directory);
			}
			catch (IOException ex) {
				logger.warn("Cannot find out whether {} is in use: {}", directory, ex.toString());
			}
		}
	}

	/**
	 * A folder without a lock has just been made, or its deletion was cut short.
	 */
	private static void deleteIfEmpty(Path directory) {
		try {
			Files.delete(directory);
		}
		catch (IOException ex) {
			logger.trace("Leaving {} as it is", directory, ex);
		}
	}

	private static void sweepDead(Path directory) {
		List<ProcessHandle> left = MarkedProcesses.kill((marker) -> marker.startsWith(directory + "/"));
		if (!left.isEmpty()) {
			logger.warn("Cannot kill {}, started as plugins by an application that was killed", left);
			return;
		}
		deleteRoot(directory);
		logger.info("Deleted {}, left behind by an application that was killed", directory);
	}

	/**
	 * Delete everything. Processes that use it should have ended.
	 */
	@Override
	public synchronized void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		deleteRoot(this.root);
		try {
			this.lock.close();
		}
		catch (IOException ex) {
			logger.debug("Cannot close the lock of {}", this.root, ex);
		}
		System.clearProperty(LIVE + this.root);
	}

	/**
	 * The lock goes last, so that a folder without one is empty.
	 */
	private static void deleteRoot(Path root) {
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(root,
				(entry) -> !entry.getFileName().toString().equals(LOCK))) {
			for (Path entry : entries) {
				deleteRecursively(entry);
			}
			Files.deleteIfExists(root.resolve(LOCK));
			Files.deleteIfExists(root);
		}
		catch (NoSuchFileException ex) {
			logger.debug("{} has been deleted by somebody else", root);
		}
		catch (IOException | DirectoryIteratorException ex) {
			logger.warn("Cannot delete {}: {}", root, ex.toString());
		}
	}

	private static void deleteRecursively(Path path) {
		IOException failure = tryToDelete(path);
		for (int i = 0; i < MAX_AGAIN && failure instanceof DirectoryNotEmptyException; i++) {
			// What was served at the very moment has made a socket meanwhile.
			failure = tryToDelete(path);
		}
		if (failure != null) {
			logger.warn("Cannot delete {}: {}", path, failure.toString());
		}
	}

	private static @Nullable IOException tryToDelete(Path path) {
		Deletion deletion = new Deletion();
		try {
			Files.walkFileTree(path, deletion);
		}
		catch (IOException ex) {
			return ex;
		}
		return deletion.failure;
	}

	/**
	 * Goes on after a failure, of which it keeps the first.
	 */
	private static final class Deletion extends SimpleFileVisitor<Path> {

		private @Nullable IOException failure;

		private @Nullable Path opened;

		@Override
		public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
			// A plugin may have left folders that are read-only.
			Files.setPosixFilePermissions(directory, OWNER_ONLY);
			return FileVisitResult.CONTINUE;
		}

		@Override
		public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
			delete(file);
			return FileVisitResult.CONTINUE;
		}

		@Override
		public FileVisitResult visitFileFailed(Path file, IOException ex) throws IOException {
			if (ex instanceof NoSuchFileException) {
				return FileVisitResult.CONTINUE;
			}
			if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) && !file.equals(this.opened)) {
				this.opened = file;
				Files.setPosixFilePermissions(file, OWNER_ONLY);
				Files.walkFileTree(file, this);
			}
			else {
				keep(ex);
			}
			return FileVisitResult.CONTINUE;
		}

		@Override
		public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException ex) {
			if (ex != null) {
				keep(ex);
			}
			delete(directory);
			return FileVisitResult.CONTINUE;
		}

		private void delete(Path path) {
			try {
				Files.deleteIfExists(path);
			}
			catch (IOException ex) {
				keep(ex);
			}
		}

		private void keep(IOException ex) {
			if (this.failure == null) {
				this.failure = ex;
			}
		}

	}

}
