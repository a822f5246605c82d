package dev.pluggable.discovery;

import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a socket folder held when it was last read.
 *
 * @param folder its path
 * @param state whether it could be read
 * @param reason what is wrong with the folder, {@code null} if nothing is
 * @param watched whether the operating system tells of changes; otherwise they are found
 * by the periodic look alone
 * @param sockets sockets that may be components, ordered by name
 * @param skipped entries that cannot be, at most {@value #MAX_SKIPPED}
 * @since 0.1.0
 */
public record FolderStatus(Path folder, State state, @Nullable String reason, boolean watched, List<SocketFile> sockets,
		List<SkippedEntry> skipped) {

	/**
	 * How many skipped entries are kept for each folder.
	 */
	public static final int MAX_SKIPPED = 1000;

	/**
	 * Whether a folder could be read.
	 */
	public enum State {

		/**
		 * It was read.
		 */
		READABLE,

		/**
		 * It does not exist; it may come into being later.
		 */
		MISSING,

		/**
		 * It cannot be read, or is no folder.
		 */
		UNREADABLE

	}

}
