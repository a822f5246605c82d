package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Path;

/**
 * Thrown when a configured socket folder can never contain a reachable socket.
 *
 * @since 0.1.0
 */
public class InvalidSocketFolderException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient Path folder;

	InvalidSocketFolderException(Path folder, String problem) {
		super("Socket folder '" + folder + "' cannot be used: " + problem);
		this.folder = folder;
	}

	/**
	 * Return the folder.
	 * @return the path of the folder
	 */
	public Path getFolder() {
		return this.folder;
	}

}
