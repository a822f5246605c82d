package dev.pluggable.internal.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The types of files that matter where a socket is expected. Java itself has no name for
 * a socket.
 */
public enum FileType {

	/**
	 * A socket.
	 */
	SOCKET("a socket"),

	/**
	 * A folder.
	 */
	FOLDER("a folder"),

	/**
	 * A symbolic link, whatever it leads to.
	 */
	LINK("a symbolic link"),

	/**
	 * Anything else.
	 */
	OTHER("a file");

	private static final int MASK = 0170000;

	private final String description;

	FileType(String description) {
		this.description = description;
	}

	/**
	 * Find out the type of a file without following links.
	 * @param path path of the file
	 * @return the type
	 * @throws java.nio.file.NoSuchFileException if there is no such file
	 * @throws IOException if the type cannot be read
	 */
	public static FileType of(Path path) throws IOException {
		return of((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS));
	}

	/**
	 * Take the type out of the mode of a file.
	 * @param mode the attribute {@code unix:mode}
	 * @return the type
	 */
	public static FileType of(int mode) {
		return switch (mode & MASK) {
			case 0140000 -> SOCKET;
			case 0040000 -> FOLDER;
			case 0120000 -> LINK;
			default -> OTHER;
		};
	}

	/**
	 * Return the type in words, for messages.
	 */
	@Override
	public String toString() {
		return this.description;
	}

}
