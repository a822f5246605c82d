package dev.pluggable.internal.endpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.pluggable.PluggableException;
import dev.pluggable.internal.support.FailureCause;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.internal.transport.PeerPolicy;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Turns a failure into one line for an operator. The line contains no secrets, no
 * counters and no times, so the same fault always gives the same line.
 */
final class Reasons {

	private static final int MAX_LENGTH = 500;

	private static final int FEW = 10;

	/** Netty reports a missing permission by a ConnectException, too. */
	private static final String PERMISSION_DENIED = "Permission denied";

	private static final Pattern CONNECTION_ENDED = Pattern
		.compile("(?i)connection (reset|clos)|broken pipe|network closed|connection has ended");

	private static final Pattern HTTP2_FAILURE = Pattern.compile("(?i)http2|http/2|SETTINGS|preface|frame");

	private Reasons() {
	}

	/**
	 * Explain why an attempt to connect failed.
	 */
	static String connect(Throwable failure, @Nullable Path socket, Duration timeout) {
		Throwable cause = unwrap(failure);
		if (mentions(cause, PERMISSION_DENIED)) {
			return "permission denied: " + permissions(socket);
		}
		if (nobodyListens(cause)) {
			return "nobody listens on the socket (connection refused): its process has ended or is not ready yet";
		}
		if (hasCause(cause, NoSuchFileException.class) || hasCause(cause, FileNotFoundException.class)
				|| mentions(cause, "No such file")) {
			return "the socket does not exist any more";
		}
		if (code(cause) == Status.Code.UNAVAILABLE && CONNECTION_ENDED.matcher(describe(cause)).find()) {
			// gRPC has several descriptions of this fault, depending on timing.
			return "the process behind the socket ended the connection before it answered";
		}
		return switch (code(cause)) {
			case DEADLINE_EXCEEDED ->
				"no answer within " + LogText.duration(timeout) + ", although the socket accepts connections";
			case UNIMPLEMENTED ->
				"the server offers no gRPC reflection, neither v1 nor v1alpha, so its kinds are unknown; "
						+ "declare 'pluggable.components.<name>.type' to use it";
			default ->
				http2(cause) ? "the server does not speak gRPC: " + clean(describe(cause)) : clean(describe(cause));
		};
	}

	/**
	 * Tell whether a failure means that no process listens on the socket.
	 */
	static boolean nobodyListens(Throwable failure) {
		Throwable cause = unwrap(failure);
		return hasCause(cause, ConnectException.class) && !mentions(cause, PERMISSION_DENIED);
	}

	/**
	 * Explain why the initialisation of a component failed.
	 */
	static String initialization(String what, Throwable failure, SecretMask secrets, Duration timeout) {
		Throwable cause = unwrap(failure);
		String description = switch (code(cause)) {
			case DEADLINE_EXCEEDED ->
				"no answer within " + LogText.duration(timeout) + ". A longer 'init-timeout' gives it more time";
			default -> describe(cause);
		};
		return what + ": " + clean(secrets.mask(description));
	}

	/**
	 * Explain why a probe failed.
	 */
	static String probe(Throwable failure, Duration timeout) {
		Throwable cause = unwrap(failure);
		return (code(cause) == Status.Code.DEADLINE_EXCEEDED) ? "no answer within " + LogText.duration(timeout)
				: clean(describe(cause));
	}

	static Status.Code code(Throwable failure) {
		Throwable cause = unwrap(failure);
		if (cause instanceof StatusRuntimeException status) {
			return status.getStatus().getCode();
		}
		if (cause instanceof StatusException status) {
			return status.getStatus().getCode();
		}
		return (cause instanceof TimeoutException) ? Status.Code.DEADLINE_EXCEEDED : Status.Code.UNKNOWN;
	}

	static Throwable unwrap(Throwable failure) {
		Throwable cause = failure.getCause();
		return (failure instanceof CompletionException && cause != null) ? unwrap(cause) : failure;
	}

	private static String describe(Throwable cause) {
		Status status = (cause instanceof StatusRuntimeException runtime) ? runtime.getStatus() : null;
		if (status == null && cause instanceof PluggableException) {
			return String.valueOf(cause.getMessage());
		}
		if (status == null) {
			return cause.toString();
		}
		String text = FailureCause.describe(status);
		return status.getCode() + ": " + (text.isEmpty() ? "no description was given" : text);
	}

	private static boolean http2(Throwable cause) {
		return HTTP2_FAILURE.matcher(describe(cause)).find();
	}

	private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (type.isInstance(cause)) {
				return true;
			}
		}
		return false;
	}

	private static boolean mentions(Throwable failure, String text) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause.getMessage() != null && cause.getMessage().contains(text)) {
				return true;
			}
		}
		return false;
	}

	private static String permissions(@Nullable Path socket) {
		String user = "we run as uid " + PeerPolicy.ownUid();
		if (socket == null) {
			return user;
		}
		try {
			return "the socket belongs to uid " + Files.getAttribute(socket, "unix:uid") + " with mode "
					+ PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)) + ", " + user;
		}
		catch (IOException ex) {
			return user;
		}
	}

	/**
	 * List the first of many names.
	 */
	static String few(@Nullable Collection<String> names) {
		if (names == null) {
			return "not known";
		}
		String first = names.stream().limit(FEW).collect(Collectors.joining(", "));
		return clean((names.size() > FEW) ? first + " and " + (names.size() - FEW) + " more" : first);
	}

	private static String clean(String text) {
		return LogText.oneLine(text, MAX_LENGTH);
	}

}
