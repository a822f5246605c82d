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

import dev.pluggable.internal.files.PathTrust;
import dev.pluggable.internal.files.PrivateFolder;
import dev.pluggable.internal.transport.FileType;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.server.ComponentServerException.Reason;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a listening socket. The server binds to {@link #bindPath()} in a private
 * folder, and {@link #publish} sets the permissions of the socket before it gives the
 * socket its name. Under its name, the socket therefore always has a listener and the
 * right permissions. Not safe for use by many threads.
 */
final class PrivateSocket {

	private static final Logger logger = LoggerFactory.getLogger(PrivateSocket.class);

	private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER = PosixFilePermissions
		.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

	/**
	 * Number of names for the private folder: all numbers of three digits in base 36.
	 */
	private static final int NAMES = 36 * 36 * 36;

	private static final int ATTEMPTS = 10;

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
	 * Create the private folder, in which the server can bind.
	 * @param path absolute path of the socket
	 * @param allowUntrusted whether to use a folder that other users can change
	 * @return the socket, which the caller deletes
	 * @throws ComponentServerException if the server cannot use the path
	 */
	static PrivateSocket prepare(Path path, boolean allowUntrusted) {
		Path folder = path.getParent();
		if (folder == null) {
			throw new IllegalArgumentException("'" + path + "' cannot be the path of a socket");
		}
		checkLength(path, folder);
		try {
			checkTrust(path, folder, allowUntrusted);
			if (!Files.isDirectory(folder)) {
				Files.createDirectories(folder, PRIVATE_FOLDER);
				checkTrust(path, folder, allowUntrusted);
			}
			checkUnused(path);
			return new PrivateSocket(path, createPrivateFolder(folder));
		}
		catch (IOException ex) {
			throw failure(path, ex);
		}
	}

	/**
	 * Other users must not be able to replace the socket, and must not be able to lead a
	 * change of its permissions to another file.
	 */
	private static void checkTrust(Path path, Path folder, boolean allowUntrusted) throws IOException {
		String problem = PathTrust.ownUser().problem(folder);
		if (problem == null) {
			return;
		}
		if (!allowUntrusted) {
			throw new ComponentServerException(Reason.UNTRUSTED_FOLDER, path,
					"The socket '" + path + "' is not created, because other users could replace it: " + problem + ". "
							+ PathTrust.ADVICE + ", choose another folder, or set "
							+ "'pluggable.security.allow-untrusted-folders' to true if you trust everybody who can "
							+ "write there",
					null);
		}
		logger.warn(
				"The socket '{}' is created in a folder that other users can change: {}. They can replace the "
						+ "socket by their own, and so receive the metadata and requests for this component",
				path, problem);
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
	 * The path to which the server binds.
	 * @return path of a file that does not exist, in a folder that only the user of this
	 * process can open
	 */
	Path bindPath() {
		return this.bindPath;
	}

	/**
	 * Set the permissions of the socket and then its name. A server listens already. The
	 * socket replaces a stale socket of the same name.
	 * @param permissions permissions of the socket
	 * @throws ComponentServerException if another file has the name
	 */
	void publish(Set<PosixFilePermission> permissions) {
		try {
			try (PrivateFolder held = PrivateFolder.open(this.privateFolder)) {
				Files.setPosixFilePermissions(held.pathOf(this.bindPath.getFileName()), permissions);
			}
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
	 * Name the socket by a link. A link fails if the name exists, and a move does not: if
	 * two servers start at the same time, one of them fails.
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
	 * Remove a stale socket. The socket is moved aside and checked once more, because a
	 * live socket may have replaced the stale one after the first check.
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
	 * Check that no live socket and no other file has a path.
	 * @param path the path
	 * @return {@code true} if a stale socket has the path, {@code false} if nothing has
	 * it
	 * @throws ComponentServerException if anything else has the path
	 */
	private static boolean checkUnused(Path path) throws IOException {
		FileType type;
		try {
			type = FileType.of(path);
		}
		catch (NoSuchFileException ex) {
			return false;
		}
		if (type != FileType.SOCKET) {
			throw new ComponentServerException(Reason.NOT_A_SOCKET, path,
					"'" + path + "' is " + type
							+ ", not a socket, and is left as it is: remove it, or choose another path for the socket",
					null);
		}
		try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			// A blocking channel would wait while the backlog of the server is full.
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

	/**
	 * Whether the published socket still exists. Safe for use by many threads.
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
	 * Whether no file has the path of the published socket. Safe for use by many threads.
	 */
	boolean isMissing() {
		return this.publishedKey != null && Files.notExists(this.path, LinkOption.NOFOLLOW_LINKS);
	}

	/**
	 * Delete the socket and its private folder. If another server has replaced the
	 * published socket, the replacement stays. The caller's server must still listen:
	 * until it ends, no other file can have the same inode.
	 */
	void delete() {
		try {
			if (this.publishedKey != null && this.publishedKey.equals(key(this.path))) {
				Files.delete(this.path);
			}
		}
		catch (NoSuchFileException ex) {
			// Another process has deleted the socket.
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
		try (PrivateFolder held = PrivateFolder.open(this.privateFolder)) {
			held.delete(this.bindPath.getFileName());
			held.delete();
		}
		catch (NoSuchFileException ex) {
			// The folder was deleted when the socket got its name.
		}
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
	 * Owner and mode of a path, or of its nearest existing parent.
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
