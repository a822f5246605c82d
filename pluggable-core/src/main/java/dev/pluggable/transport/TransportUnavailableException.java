package dev.pluggable.transport;

import org.jspecify.annotations.Nullable;

/**
 * The transport that was asked for cannot be used on this machine.
 *
 * @since 0.1.0
 */
public class TransportUnavailableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final TransportType type;

	public TransportUnavailableException(TransportType type, @Nullable Throwable cause) {
		super("Transport '" + type.name().toLowerCase(java.util.Locale.ROOT) + "' is not available: " + describe(cause),
				cause);
		this.type = type;
	}

	public static String describe(@Nullable Throwable cause) {
		Throwable root = cause;
		while (root != null && root.getCause() != null) {
			root = root.getCause();
		}
		return (root != null) ? root.toString() : "no reason is known";
	}

	/**
	 * The transport that was asked for.
	 * @return the type
	 */
	public TransportType getType() {
		return this.type;
	}

}
