package dev.pluggable.server;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.server.ComponentServerException.Reason;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a listening socket, from nothing to its end. The server binds at
 * {@link #bindPath()} in a private folder; {@link #publish} gives the socket its
 * permissions and then its name. So whoever sees the name finds a server that listens,
 * and never a socket that is more open than it should be. Not safe for use by many
 * threads.
 */
final class PrivateSocket {

	private static final Logger logger = LoggerFactory.getLogger(PrivateSocket.class);

	private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER = PosixFilePermissions
		.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

	/**
	 * Number of names for the private folder: three digits to the base 36.
	 */
	private static final int NAMES = 36 * 36 * 36;

	private static final int ATTEMPTS = 10;

	private static final int FILE_TYPE = 0170000;

	private static final int SOCKET = 0140000;

	private static final int DIRECTORY = 0040000;

	private static final int LINK = 0120000;

	private final Path path;

	private final Path privateFolder;

	private final Path bindPath;

	private volatile @Nullable Object publishedKey;

	private PrivateSocket(Path path, Path privateFolder) {
		this.path = path;
		this.privateFolder = privateFolder;
		this.bindPath = bindPath(privateFolder);
	}

	/**
	 * Make everything ready for a server to bind.
	 * @param path where the socket shall be, absolute
	 * @return the socket, to be deleted by the caller
	 * @throws ComponentServerException if the path cannot be used
	 */
	static PrivateSocket prepare(Path path) {
		Path folder = path.getParent();
		if (folder == null) {
			throw new IllegalArgumentException("'" + path + "' cannot be the path of a socket");
		}
		checkLength(path, folder);
		try {
			if (!Files.isDirectory(folder)) {
				Files.createDirectories(folder, PRIVATE_FOLDER);
			}
			checkUnused(path);
			return new PrivateSocket(path, createPrivateFolder(folder));
		}
		catch (IOException ex) {
			throw failure(path, ex);
		}
	}

	private static void checkLength(Path path, Path folder) {
		int needed = Math.max(SocketPaths.length(path), SocketPaths.length(bindPath(privateFolder(folder, 0))));
		if (needed > SocketPaths.MAX_BYTES) {
			throw new ComponentServerException(Reason.PATH_TOO_LONG, path,
					"The socket path '" + path + "' needs " + needed + " bytes, and the operating system allows "
							+ SocketPaths.MAX_BYTES + ": shorten the folder (" + SocketPaths.length(folder)
							+ " bytes) or the file name by " + (needed - SocketPaths.MAX_BYTES) + " bytes",
					null);
		}
	}

	private static Path privateFolder(Path folder, int number) {
		return folder.resolve("." + Integer.toString(NAMES + number, 36).substring(1));
	}

	private static Path bindPath(Path privateFolder) {
		return privateFolder.resolve("s");
	}

	private static Path createPrivateFolder(Path folder) throws IOException {
		for (int attempt = 1;; attempt++) {
			try {
				return Files.createDirectory(privateFolder(folder, ThreadLocalRandom.current().nextInt(NAMES)),
						PRIVATE_FOLDER);
			}
			catch (FileAlreadyExistsException ex) {
				if (attempt == ATTEMPTS) {
					throw ex;
				}
			}
		}
	}

	/**
	 * Where the server shall bind.
	 * @return path of a file that does not exist, in a folder that is open to nobody else
	 */
	Path bindPath() {
		return this.bindPath;
	}

	/**
	 * Give the socket, on which a server listens now, its permissions and its name. A
	 * stale socket of that name is replaced.
	 * @param permissions who may connect
	 * @throws ComponentServerException if the name is taken
	 */
	void publish(Set<PosixFilePermission> permissions) {
		try {
			Files.setPosixFilePermissions(this.bindPath, permissions);
			Object key = key(this.bindPath);
			name();
			this.publishedKey = key;
			deletePrivateFolder();
		}
		catch (IOException ex) {
			throw failure(this.path, ex);
		}
	}

	/**
	 * A link, other than a move, fails if there is something of that name: of two servers
	 * that start at the same time, one wins and the other one knows.
	 */
	private void name() throws IOException {
		for (int attempt = 1;; attempt++) {
			removeStale();
			try {
				Files.createLink(this.path, this.bindPath);
				return;
			}
			catch (FileAlreadyExistsException ex) {
				if (attempt == ATTEMPTS) {
					throw ex;
				}
			}
			catch (UnsupportedOperationException | FileSystemException ex) {
				logger.debug("No hard link at {}, moving the socket instead", this.path, ex);
				checkUnused(this.path);
				Files.move(this.bindPath, this.path, StandardCopyOption.ATOMIC_MOVE);
				return;
			}
		}
	}

	/**
	 * The stale socket is taken away first and looked at again then, as it can have been
	 * replaced by a live one in between.
	 */
	private void removeStale() throws IOException {
		if (!checkUnused(this.path)) {
			return;
		}
		Path aside = this.privateFolder.resolve("o");
		try {
			Files.move(this.path, aside, StandardCopyOption.ATOMIC_MOVE);
		}
		catch (NoSuchFileException ex) {
			return;
		}
		try {
			checkUnused(aside);
		}
		catch (ComponentServerException ex) {
			Files.move(aside, this.path, StandardCopyOption.ATOMIC_MOVE);
			return;
		}
		Files.delete(aside);
		logger.info("Replaced the socket {}, which a server had left behind", this.path);
	}

	/**
	 * Make sure that nothing of value has a path.
	 * @param path the path
	 * @return whether there is a stale socket
	 * @throws ComponentServerException if there is anything else
	 */
	private static boolean checkUnused(Path path) throws IOException {
		int type;
		try {
			type = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & FILE_TYPE;
		}
		catch (NoSuchFileException ex) {
			return false;
		}
		if (type != SOCKET) {
			throw new ComponentServerException(Reason.NOT_A_SOCKET, path,
					"'" + path + "' is " + describe(type)
							+ ", not a socket, and is left as it is: remove it, or choose another path for the socket",
					null);
		}
		try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			// Or else it would wait for a server whose queue of connections is full.
			channel.configureBlocking(false);
			channel.connect(UnixDomainSocketAddress.of(path));
		}
		catch (ConnectException ex) {
			return true;
		}
		catch (BindException ex) {
			throw new ComponentServerException(Reason.PERMISSION_DENIED, path,
					"There is a socket '" + path + "', and whether it is in use cannot be found out (" + ex.getMessage()
							+ "): " + describeAccess(path) + ". Remove it if it is not in use, or choose another path",
					ex);
		}
		catch (IOException ex) {
			if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
				return false;
			}
			throw inUse(path, ex);
		}
		throw inUse(path, null);
	}

	private static ComponentServerException inUse(Path path, @Nullable IOException cause) {
		return new ComponentServerException(Reason.IN_USE, path, "Another server listens on the socket '" + path
				+ "': stop it, or choose another path or component name for this one", cause);
	}

	private static String describe(int type) {
		return switch (type) {
			case DIRECTORY -> "a folder";
			case LINK -> "a symbolic link";
			default -> "a file";
		};
	}

	/**
	 * Whether the published socket is still there. Safe for use by many threads.
	 */
	boolean isPublished() {
		Object published = this.publishedKey;
		try {
			return published != null && published.equals(key(this.path));
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Delete what is there of the socket. Where another server has replaced the published
	 * socket, that one stays. To be called while our server still listens: until then no
	 * other file can have the same inode.
	 */
	void delete() {
		try {
			if (this.publishedKey != null && this.publishedKey.equals(key(this.path))) {
				Files.delete(this.path);
			}
		}
		catch (NoSuchFileException ex) {
			// Somebody was faster.
		}
		catch (IOException ex) {
			logger.warn("Cannot delete the socket {}: {}", this.path, ex.toString());
		}
		this.publishedKey = null;
		try {
			deletePrivateFolder();
		}
		catch (IOException ex) {
			logger.warn("Cannot delete the folder {}: {}", this.privateFolder, ex.toString());
		}
	}

	private void deletePrivateFolder() throws IOException {
		Files.deleteIfExists(this.bindPath);
		Files.deleteIfExists(this.privateFolder);
	}

	private static @Nullable Object key(Path path) throws IOException {
		return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
	}

	static ComponentServerException failure(Path path, IOException ex) {
		if (ex instanceof AccessDeniedException) {
			return new ComponentServerException(
					Reason.PERMISSION_DENIED, path, "Permission denied to create the socket '" + path + "': "
							+ describeAccess(path.getParent()) + ". Let our user write there, or choose another folder",
					ex);
		}
		return new ComponentServerException(Reason.OTHER, path, "Cannot create the socket '" + path + "': " + ex, ex);
	}

	/**
	 * Owner and mode of a path, or of the nearest folder above it that exists.
	 */
	private static String describeAccess(@Nullable Path path) {
		String us = "we run as " + System.getProperty("user.name") + " (uid " + PeerPolicy.ownUid() + ")";
		for (Path candidate = path; candidate != null; candidate = candidate.getParent()) {
			try {
				PosixFileAttributes attributes = Files.readAttributes(candidate, PosixFileAttributes.class);
				return "'" + candidate + "' belongs to " + attributes.owner().getName() + " with mode "
						+ PosixFilePermissions.toString(attributes.permissions()) + ", " + us;
			}
			catch (IOException ex) {
				logger.trace("Nothing known of {}", candidate, ex);
			}
		}
		return us;
	}

}
