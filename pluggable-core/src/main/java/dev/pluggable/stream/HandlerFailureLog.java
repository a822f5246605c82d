package dev.pluggable.stream;

import java.util.HashSet;
import java.util.Set;

import dev.pluggable.internal.support.PayloadMask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Logs the failures of a handler. The first failure of a kind is logged with its message
 * and its stack trace. Further failures of the kind are logged in one line, and so are
 * those of the kinds after the first hundred. Parts of a message's payload are never
 * logged, even if the exception repeats them. Failures are of one kind if the classes of
 * the exception and of its causes, and the places where the exceptions were created, are
 * the same. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class HandlerFailureLog {

	private static final int MAX_KINDS = 100;

	private static final int MAX_CAUSES = 10;

	private final Logger logger;

	private final Set<String> kinds = new HashSet<>();

	/**
	 * Create a log for one handler.
	 * @param logger receives the failures as warnings
	 */
	public HandlerFailureLog(Logger logger) {
		this.logger = logger;
	}

	/**
	 * Log a failure.
	 * @param text what has failed and the consequence, in one line and without payload
	 * @param failure the exception of the handler; {@code null} if the handler gave no
	 * exception
	 * @param payload the payload of the message, of which nothing is logged
	 */
	public void log(String text, @Nullable Throwable failure, byte[] payload) {
		if (failure == null || failure instanceof HandlerTimeoutException) {
			this.logger.warn(text);
			return;
		}
		String kind = kind(failure);
		boolean known;
		boolean full;
		synchronized (this.kinds) {
			known = this.kinds.contains(kind);
			full = !known && this.kinds.size() < MAX_KINDS;
			if (full) {
				this.kinds.add(kind);
			}
		}
		if (full) {
			this.logger.warn(text, PayloadMask.of(payload).mask(failure));
		}
		else {
			this.logger.warn("{} ({}{}{})", text, known ? "as logged before: " : "", failure.getClass().getName(),
					place(failure));
		}
	}

	private static String kind(Throwable failure) {
		StringBuilder kind = new StringBuilder();
		Throwable cause = failure;
		for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
			kind.append(cause.getClass().getName()).append(place(cause)).append(';');
			cause = cause.getCause();
		}
		return kind.toString();
	}

	private static String place(Throwable failure) {
		StackTraceElement[] trace = failure.getStackTrace();
		return (trace.length > 0) ? " at " + trace[0] : "";
	}

}
