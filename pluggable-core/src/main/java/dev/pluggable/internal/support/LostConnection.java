package dev.pluggable.internal.support;

import java.nio.channels.ClosedChannelException;

import io.grpc.Status;

/**
 * Recognises the statuses that grpc-java gives to calls whose connection was lost.
 */
public final class LostConnection {

	/**
	 * Start of the description when the other side closed a stream without an answer, as
	 * a server does that is stopping.
	 */
	private static final String STREAM_CLOSED = "RST_STREAM";

	private LostConnection() {
	}

	/**
	 * Whether a call ended because there was no connection, or because the connection was
	 * lost.
	 * @param status status of the call
	 * @return {@code true} if so; also {@code true} if the component itself answered
	 * {@code UNAVAILABLE}
	 */
	public static boolean isReason(Status status) {
		return switch (status.getCode()) {
			case UNAVAILABLE -> true;
			case CANCELLED -> status.getDescription() != null && status.getDescription().startsWith(STREAM_CLOSED);
			// The connection ended during a write. A status from the component has no
			// cause.
			case UNKNOWN -> status.getCause() instanceof ClosedChannelException;
			default -> false;
		};
	}

}
