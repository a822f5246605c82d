package dev.pluggable.stream;

import java.time.Duration;
import java.util.Locale;

/**
 * The failure of a handler that did not handle its message in time.
 *
 * @since 0.1.0
 */
public class HandlerTimeoutException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	HandlerTimeoutException(Duration timeout) {
		super("not handled within " + timeout.toString().substring(2).toLowerCase(Locale.ROOT));
	}

}
