package dev.pluggable.internal.support;

import java.nio.channels.ClosedChannelException;

import io.grpc.Status;

/**
 * What grpc-java makes of a connection that has ended: more than one status.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class LostConnection {

	/**
	 * How grpc-java words that the other side closed the stream without an answer, as a
	 * server does that ends.
	 */
	private static final String STREAM_CLOSED = "RST_STREAM";

	private LostConnection() {
	}

	/**
	 * Whether a call ended because nobody was there, or no longer.
	 * @param status the status of the call
	 * @return {@code true} also for what the component itself calls unavailable
	 */
	public static boolean isReason(Status status) {
		return switch (status.getCode()) {
			case UNAVAILABLE -> true;
			case CANCELLED -> status.getDescription() != null && status.getDescription().startsWith(STREAM_CLOSED);
			// It ended while it was being written to. What a component sent has no cause.
			case UNKNOWN -> status.getCause() instanceof ClosedChannelException;
			default -> false;
		};
	}

}
