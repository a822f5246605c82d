package dev.pluggable.spring.host;

import java.nio.file.Path;

/**
 * Thrown when a configured socket folder can never contain a reachable socket.
 *
 * @since 0.1.0
 */
public class InvalidSocketFolderException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient Path folder;

	/**
	 * Create an exception.
	 * @param folder path of the folder
	 * @param problem why no client can reach a socket in the folder
	 */
	public InvalidSocketFolderException(Path folder, String problem) {
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
