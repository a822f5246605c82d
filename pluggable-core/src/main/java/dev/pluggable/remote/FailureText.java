package dev.pluggable.remote;

import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;

import dev.pluggable.PluggableException;
import dev.pluggable.internal.support.FailureCause;
import dev.pluggable.internal.support.LogText;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;

/**
 * Turns the failure of a call into one line for a log, a status and an exception.
 */
final class FailureText {

	private static final int MAX_LENGTH = 400;

	private FailureText() {
	}

	/**
	 * Describe a failure.
	 * @param failure the failure
	 * @param withoutSecrets hides secrets
	 * @return one line without secrets
	 */
	static String of(Throwable failure, UnaryOperator<String> withoutSecrets) {
		Throwable cause = failure;
		while (cause instanceof CompletionException && cause.getCause() != null) {
			cause = cause.getCause();
		}
		String text;
		if (cause instanceof StatusRuntimeException ex) {
			text = describe(ex.getStatus());
		}
		else if (cause instanceof StatusException ex) {
			text = describe(ex.getStatus());
		}
		else if (cause instanceof PluggableException) {
			text = String.valueOf(cause.getMessage());
		}
		else {
			text = cause.toString();
		}
		return LogText.oneLine(withoutSecrets.apply(text), MAX_LENGTH);
	}

	/**
	 * Return the first line of a description, which names the problem. Netty adds further
	 * lines about its internals.
	 */
	private static String describe(Status status) {
		String text = FailureCause.describe(status).lines().findFirst().orElse("");
		return text.isEmpty() ? status.getCode().name() : status.getCode() + ": " + text;
	}

}
