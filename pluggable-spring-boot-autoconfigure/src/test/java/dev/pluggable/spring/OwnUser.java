package dev.pluggable.spring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The user that runs the tests.
 */
public final class OwnUser {

	private OwnUser() {
	}

	/**
	 * Return the user id of this process.
	 * @return the id, 0 for root
	 */
	public static long uid() {
		try {
			return ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
