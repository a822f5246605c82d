package dev.pluggable.internal.support;

import dev.pluggable.kind.ComponentCalls;
import org.jspecify.annotations.Nullable;

/**
 * Cause of an {@code UNAVAILABLE} status when it is certain that the request never left
 * this process. Set by the channel of an endpoint, read by {@link ComponentCalls}.
 *
 * @since 0.1.0
 */
public final class RequestNotSentException extends Exception {

	private static final long serialVersionUID = 1L;

	/**
	 * Mark a failure.
	 * @param cause what the transport reported, {@code null} if nothing
	 */
	public RequestNotSentException(@Nullable Throwable cause) {
		super("The request was not sent", cause, false, false);
	}

}
