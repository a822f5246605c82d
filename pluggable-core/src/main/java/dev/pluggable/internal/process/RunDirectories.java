package dev.pluggable.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.internal.files.PathTrust;
import dev.pluggable.internal.files.PrivateFolder;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the private run directories of a host's processes, inside a folder of the host.
 * Safe for use by many threads.
 */
public final class RunDirectories implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(RunDirectories.class);

	/**
	 * Bytes that a socket path needs after the folder of the host: the run directory and
	 * a name such as {@code plugin4294967295}.
	 */
	private static final int SOCKET_LENGTH = 30;

	private final Path base;

	private final PathTrust trust = PathTrust.ownUser();

	private HostDirectory directory;

	private final AtomicInteger next = new AtomicInteger();

	private boolean closed;

	/**
	 * Create the folder of the host.
	 * @param base parent of the folder, such as the folder for temporary files
	 * @throws PluginException if the folder cannot be created
	 */
	public RunDirectories(Path base) {
		this(base, false);
	}

	/**
	 * Create the folder of the host.
	 * @param base parent of the folder, such as the folder for temporary files
	 * @param allowUntrusted whether other users may be able to replace the folder
	 * @throws PluginException if the folder cannot be created, or is not trusted
	 */
	public RunDirectories(Path base, boolean allowUntrusted) {
		try {
			this.base = base.toRealPath();
			checkTrust(base, this.trust.problem(this.base), allowUntrusted);
			String problem = checkLength(this.base);
			if (problem != null) {
				throw new PluginException("The folder '" + base + "' cannot contain the sockets of plugins: " + problem
						+ ". Set 'pluggable.plugin-directory' to another folder");
			}
			this.directory = HostDirectory.create(this.base);
		}
		catch (IOException ex) {
			throw new PluginException("Cannot create a folder for plugins in '" + base + "': " + ex
					+ ". Give the application's user write permission, or set 'pluggable.plugin-directory' to "
					+ "another folder", ex);
		}
	}

	private static void checkTrust(Path base, @Nullable String problem, boolean allowUntrusted) {
		if (problem == null) {
			return;
		}
		if (!allowUntrusted) {
			throw new PluginException("The application does not create the folders of plugins in '" + base
					+ "', because other users could replace them: " + problem + ". " + PathTrust.ADVICE
					+ ", or set 'pluggable.plugin-directory' to another folder");
		}
		logger.warn("The application creates the folders of plugins in '{}', although {}. Other users can replace "
				+ "these folders and so receive the requests to the plugins", base, problem);
	}

	/**
	 * Check whether the path of a folder is short enough.
	 * @param base parent of the host's folder
	 * @return the problem, {@code null} if there is none
	 */
	public static @Nullable String checkLength(Path base) {
		int most = SocketPaths.MAX_BYTES - (1 + HostDirectory.nameLength() + SOCKET_LENGTH);
		int length = SocketPaths.length(base);
		return (length <= most) ? null : "its path is too long. The path has " + length + " bytes and may have " + most
				+ ", because the path of a socket in it may have " + SocketPaths.MAX_BYTES;
	}

	/**
	 * Create a run directory.
	 * @param plugin name of the plugin, for messages
	 * @return the directory; the caller deletes it
	 * @throws PluginException if the directory cannot be created
	 */
	synchronized Path create(String plugin) {
		if (this.closed) {
			throw new PluginException("Plugin '" + plugin + "' is not started: the application is stopping");
		}
		try {
			restore();
			return Files.createDirectory(
					this.directory.path().resolve(Integer.toString(this.next.incrementAndGet(), 36)),
					HostDirectory.PRIVATE);
		}
		catch (IOException ex) {
			throw new PluginException("Cannot create a folder for plugin '" + plugin + "': " + ex
					+ ". Has somebody deleted '" + this.directory.path() + "'?", ex);
		}
	}

	/**
	 * Write a file that the host's processes share, unless it is there.
	 * @param name name of the file
	 * @param content content of the file, which may be a program
	 * @return path of the file, which is deleted with the folder of the host
	 */
	synchronized Path tool(String name, byte[] content) throws IOException {
		restore();
		Path file = this.directory.path().resolve(name);
		if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
			Path written = Files.createFile(this.directory.path().resolve(name + ".new"), HostDirectory.PRIVATE);
			Files.write(written, content);
			Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
		}
		return file;
	}

	/**
	 * Use another folder if another user has taken the name of the folder.
	 */
	private void restore() throws IOException {
		if (this.directory.restore()) {
			return;
		}
		HostDirectory lost = this.directory;
		this.directory = HostDirectory.create(this.base);
		logger.warn("Another user has replaced '{}'. The application uses '{}' for further plugins", lost.path(),
				this.directory.path());
		lost.release();
	}

	/**
	 * Delete a run directory and all its contents.
	 * @param directory the directory
	 */
	void delete(Path directory) {
		Path folder = directory.getParent();
		if (folder == null || !this.base.equals(folder.getParent()) || !HostDirectory.isName(folder)) {
			throw new IllegalArgumentException("'" + directory + "' is not a run directory in '" + this.base + "'");
		}
		try (PrivateFolder held = PrivateFolder.open(folder)) {
			held.delete(directory.getFileName());
		}
		catch (NoSuchFileException ex) {
			logger.debug("Somebody else has deleted {}", folder);
		}
		catch (IOException ex) {
			logger.warn("Cannot delete {}: {}", directory, ex.toString());
		}
	}

	/**
	 * Clean up after killed hosts of the same user: kill their processes and delete their
	 * folders. Folders of living hosts stay.
	 */
	public void sweep() {
		try {
			HostDirectory.forEachAbandoned(this.base, RunDirectories::sweep);
		}
		catch (IOException ex) {
			logger.warn("Cannot look for folders of killed applications in {}: {}", this.base, ex.toString());
		}
	}

	private static void sweep(Path directory) {
		List<OwnedProcess> left = MarkedProcesses.kill((marker) -> marker.startsWith(directory + "/"));
		if (!left.isEmpty()) {
			logger.warn("Cannot kill processes {}, plugins of an application that was killed", left);
			return;
		}
		HostDirectory.delete(directory);
		logger.info("Deleted {} of an application that was killed", directory);
	}

	/**
	 * Delete the folder of the host. The processes should have ended.
	 */
	@Override
	public synchronized void close() {
		if (!this.closed) {
			this.closed = true;
			this.directory.close();
		}
	}

}
