package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Path;

/**
 * A configured socket folder can never hold a socket that can be reached.
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
	 * The folder.
	 * @return its path
	 */
	public Path getFolder() {
		return this.folder;
	}

}
