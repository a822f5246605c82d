package dev.pluggable.discovery;

import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The contents of a socket folder at the last time that the host read it. Immutable.
 *
 * @param folder path of the folder
 * @param state whether the host could read the folder
 * @param reason why the host does not use the folder, {@code null} if it does
 * @param watched whether the operating system reports changes of the folder; otherwise
 * the host finds changes when it reads the folder periodically
 * @param sockets the sockets that the host uses, ordered by name
 * @param skipped the entries that the host cannot use, ordered by name and at most
 * {@value #MAX_SKIPPED}
 * @since 0.1.0
 */
public record FolderStatus(Path folder, State state, @Nullable String reason, boolean watched, List<SocketFile> sockets,
		List<SkippedEntry> skipped) {

	/**
	 * The largest number of skipped entries of one folder.
	 */
	public static final int MAX_SKIPPED = 1000;

	/**
	 * Whether the host could read a folder.
	 */
	public enum State {

		/**
		 * The host read the folder.
		 */
		READABLE,

		/**
		 * The folder does not exist. Somebody may create it later.
		 */
		MISSING,

		/**
		 * The host may not read the folder, or the path is not a folder.
		 */
		UNREADABLE,

		/**
		 * Other users can change the folder, so the host does not use the folder.
		 */
		REFUSED

	}

}
