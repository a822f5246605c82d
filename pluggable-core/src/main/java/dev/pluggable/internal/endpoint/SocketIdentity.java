package dev.pluggable.internal.endpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Distinguishes the files that have had the same path. Only inode and modification time
 * together identify a socket: file systems reuse an inode at once, and {@code chmod}
 * changes the change time.
 */
public final class SocketIdentity {

	/**
	 * The names of the attributes that {@link #of(Map)} needs.
	 */
	public static final String ATTRIBUTES = "dev,ino,lastModifiedTime";

	private SocketIdentity() {
	}

	/**
	 * Create the identity of a file from its attributes.
	 * @param attributes the attributes by name
	 * @return device, inode and modification time
	 */
	public static String of(Map<String, Object> attributes) {
		return attributes.get("dev") + ":" + attributes.get("ino") + ":" + attributes.get("lastModifiedTime");
	}

	/**
	 * Return the identity of the file that has a path now.
	 * @return the identity, {@code null} if there is no file
	 */
	public static @Nullable String of(Path file) {
		try {
			return of(Files.readAttributes(file, "unix:" + ATTRIBUTES, LinkOption.NOFOLLOW_LINKS));
		}
		catch (IOException ex) {
			return null;
		}
	}

}
