package dev.pluggable.bindings;

import java.time.Duration;

import dev.pluggable.internal.support.Checks;

/**
 * Limits for the handling of an input binding's events. Immutable.
 *
 * @param concurrency maximum number of events that are handled at the same time; with 1,
 * events are handled in the order of the component. The component is asked for no further
 * event while that many are being handled
 * @param handlerTimeout time to handle an event; the event then has failed, which the
 * component learns, and its thread is interrupted
 * @param grace time for events that are being handled when the reading is closed
 * @since 0.1.0
 */
public record ReadRequest(int concurrency, Duration handlerTimeout, Duration grace) {

	/**
	 * The default time to handle an event: 1 minute.
	 */
	public static final Duration DEFAULT_HANDLER_TIMEOUT = Duration.ofMinutes(1);

	/**
	 * The default time for events that are being handled when the reading is closed: 10
	 * seconds.
	 */
	public static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if an argument is not positive
	 */
	public ReadRequest {
		Checks.positive(concurrency, "concurrency");
		Checks.positive(handlerTimeout, "handlerTimeout");
		Checks.positive(grace, "grace");
	}

	/**
	 * Create a request with defaults: a concurrency of as many events as there are
	 * processors, 1 minute for each event, and a grace of 10 seconds.
	 * @return the request
	 */
	public static ReadRequest defaults() {
		return new ReadRequest(Runtime.getRuntime().availableProcessors(), DEFAULT_HANDLER_TIMEOUT, DEFAULT_GRACE);
	}

	/**
	 * Create the same request with another concurrency.
	 * @param concurrency maximum number of events that are handled at the same time
	 * @return a new request
	 */
	public ReadRequest withConcurrency(int concurrency) {
		return new ReadRequest(concurrency, this.handlerTimeout, this.grace);
	}

	/**
	 * Create the same request with another timeout.
	 * @param handlerTimeout time to handle an event
	 * @return a new request
	 */
	public ReadRequest withHandlerTimeout(Duration handlerTimeout) {
		return new ReadRequest(this.concurrency, handlerTimeout, this.grace);
	}

	/**
	 * Create the same request with another grace.
	 * @param grace time for events that are being handled when the reading is closed
	 * @return a new request
	 */
	public ReadRequest withGrace(Duration grace) {
		return new ReadRequest(this.concurrency, this.handlerTimeout, grace);
	}

}
