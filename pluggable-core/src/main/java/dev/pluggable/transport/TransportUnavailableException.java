package dev.pluggable.transport;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * The transport that the application selected cannot be used on this machine.
 *
 * @since 0.1.0
 */
public class TransportUnavailableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final TransportType type;

	/**
	 * Create an exception.
	 * @param type the selected transport
	 * @param reason why the transport cannot be used
	 * @param cause the cause, {@code null} if there is none
	 */
	public TransportUnavailableException(TransportType type, String reason, @Nullable Throwable cause) {
		super("Transport '" + type.name().toLowerCase(Locale.ROOT) + "' is not available: " + reason, cause);
		this.type = type;
	}

	/**
	 * The selected transport.
	 * @return the type
	 */
	public TransportType getType() {
		return this.type;
	}

}
