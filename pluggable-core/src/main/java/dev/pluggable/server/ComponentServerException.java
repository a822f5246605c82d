package dev.pluggable.server;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * A {@link ComponentServer} cannot use its socket. The message contains the problem and
 * its solution; {@link #getReason()} is for programs.
 *
 * @since 0.1.0
 */
public class ComponentServerException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final Reason reason;

	private final transient Path socket;

	ComponentServerException(Reason reason, Path socket, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.reason = reason;
		this.socket = socket;
	}

	/**
	 * Why the server cannot use the socket.
	 * @return the reason
	 */
	public Reason getReason() {
		return this.reason;
	}

	/**
	 * Path of the socket.
	 * @return the absolute path, {@code null} after deserialisation
	 */
	public @Nullable Path getSocket() {
		return this.socket;
	}

	/**
	 * Why a server cannot use a socket.
	 *
	 * @since 0.1.0
	 */
	public enum Reason {

		/**
		 * The path is longer than the operating system allows.
		 */
		PATH_TOO_LONG,

		/**
		 * Another server listens on the socket.
		 */
		IN_USE,

		/**
		 * The path is that of a file, a folder or a link. A server never deletes those.
		 */
		NOT_A_SOCKET,

		/**
		 * The user of this process may not use the folder or the existing socket.
		 */
		PERMISSION_DENIED,

		/**
		 * Other users can change the folder, and so replace the socket.
		 */
		UNTRUSTED_FOLDER,

		/**
		 * Any other reason, such as a full or read-only file system; see the cause.
		 */
		OTHER

	}

}
