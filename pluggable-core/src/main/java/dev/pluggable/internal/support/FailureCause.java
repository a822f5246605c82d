package dev.pluggable.internal.support;

import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Finds the cause at the bottom of a failure, in words.
 */
public final class FailureCause {

	private FailureCause() {
	}

	/**
	 * Describe a status with its cause: gRPC itself says only {@code io exception} about
	 * a connection that failed.
	 * @param status a status that is not OK
	 * @return description and cause, empty if there is neither
	 */
	public static String describe(Status status) {
		String description = (status.getDescription() != null) ? status.getDescription() : "";
		String cause = of(status.getCause());
		if (cause == null || description.contains(cause)) {
			return description;
		}
		return description.isEmpty() ? cause : description + " (" + cause + ")";
	}

	/**
	 * Describe the cause at the bottom of a failure.
	 * @param failure the failure, {@code null} if there is none
	 * @return the cause, {@code null} if the failure has none that says something
	 */
	public static @Nullable String of(@Nullable Throwable failure) {
		Throwable root = failure;
		while (root != null && root.getCause() != null) {
			root = root.getCause();
		}
		if (root == null || root instanceof RequestNotSentException) {
			return null;
		}
		String message = root.getMessage();
		if (root instanceof FileNotFoundException || root instanceof NoSuchFileException) {
			return "the socket does not exist any more";
		}
		if (root instanceof ClosedChannelException) {
			return "the connection was closed";
		}
		if (root instanceof ConnectException && (message == null || message.startsWith("Connection refused"))) {
			return "connection refused: nobody listens";
		}
		return (message != null) ? message : root.getClass().getSimpleName();
	}

}
