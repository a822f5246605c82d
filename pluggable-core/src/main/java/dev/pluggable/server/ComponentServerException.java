package dev.pluggable.server;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * A {@link ComponentServer} cannot use its socket. The message says what is wrong and
 * what can be done; the reason tells programs.
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
	 * Why the socket cannot be used.
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
	 * Why a socket cannot be used.
	 *
	 * @since 0.1.0
	 */
	public enum Reason {

		/**
		 * The path has more bytes than the operating system allows.
		 */
		PATH_TOO_LONG,

		/**
		 * Another server listens on the socket.
		 */
		IN_USE,

		/**
		 * Something that is not a socket has the path. It is never deleted.
		 */
		NOT_A_SOCKET,

		/**
		 * Our user may not use the folder, or the socket that is there.
		 */
		PERMISSION_DENIED,

		/**
		 * Anything else, such as a full or read-only file system; the cause tells.
		 */
		OTHER

	}

}
