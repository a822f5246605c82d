package dev.pluggable.stream;

import java.util.concurrent.CancellationException;

/**
 * The failure of a handler that was stopped, because nobody waits for its answer any
 * more.
 *
 * @since 0.1.0
 */
public class HandlerStoppedException extends CancellationException {

	private static final long serialVersionUID = 1L;

	HandlerStoppedException() {
		super("the stream that the message came from has ended");
	}

}
