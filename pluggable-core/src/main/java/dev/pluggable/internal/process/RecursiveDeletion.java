package dev.pluggable.internal.process;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes a folder with all its contents. Deletes links and does not follow them.
 * Continues after a failure and keeps the first one.
 */
final class RecursiveDeletion extends SimpleFileVisitor<Path> {

	private static final Logger logger = LoggerFactory.getLogger(RecursiveDeletion.class);

	private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

	private static final int MAX_RETRIES = 3;

	private @Nullable IOException failure;

	private @Nullable Path opened;

	private RecursiveDeletion() {
	}

	/**
	 * Delete a folder or a file. Logs a failure.
	 * @param path the folder or file
	 */
	static void delete(Path path) {
		IOException failure = tryToDelete(path);
		for (int i = 0; i < MAX_RETRIES && failure instanceof DirectoryNotEmptyException; i++) {
			// A server that is being closed has created its socket meanwhile.
			failure = tryToDelete(path);
		}
		if (failure != null) {
			logger.warn("Cannot delete {}: {}", path, failure.toString());
		}
	}

	private static @Nullable IOException tryToDelete(Path path) {
		RecursiveDeletion deletion = new RecursiveDeletion();
		try {
			Files.walkFileTree(path, deletion);
		}
		catch (IOException ex) {
			return ex;
		}
		return deletion.failure;
	}

	@Override
	public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
		// A plugin may have created read-only folders.
		Files.setPosixFilePermissions(directory, OWNER_ONLY);
		return FileVisitResult.CONTINUE;
	}

	@Override
	public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
		deleteEntry(file);
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
		deleteEntry(directory);
		return FileVisitResult.CONTINUE;
	}

	private void deleteEntry(Path path) {
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
