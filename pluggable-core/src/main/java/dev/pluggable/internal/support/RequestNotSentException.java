package dev.pluggable.internal.support;

import org.jspecify.annotations.Nullable;

/**
 * The cause of an {@code UNAVAILABLE} status whose request no component has processed:
 * the request never left this process, or the server refused it unseen. The transport
 * sets this cause, and the channels of components repeat the call.
 */
public final class RequestNotSentException extends Exception {

	private static final long serialVersionUID = 1L;

	/**
	 * Create the cause of a status.
	 * @param cause failure that the transport reported, {@code null} if it reported none
	 */
	public RequestNotSentException(@Nullable Throwable cause) {
		super("The request was not sent", cause, false, false);
	}

}
