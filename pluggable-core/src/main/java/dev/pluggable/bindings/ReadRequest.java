package dev.pluggable.bindings;

import java.time.Duration;

import dev.pluggable.internal.support.Checks;

/**
 * How the events of an input binding are to be handled.
 *
 * @param concurrency how many events are handled at the same time at most; with 1 they
 * are handled in the order in which the component sends them. No further event is asked
 * for while so many are being handled
 * @param handlerTimeout how long it may take to handle an event; then its thread is
 * interrupted and the component is told that it failed
 * @param grace how long events that are being handled may take when the reading is closed
 * @since 0.1.0
 */
public record ReadRequest(int concurrency, Duration handlerTimeout, Duration grace) {

	/**
	 * How long it may take to handle an event unless something else is said.
	 */
	public static final Duration DEFAULT_HANDLER_TIMEOUT = Duration.ofMinutes(1);

	/**
	 * How long events that are being handled may take when the reading is closed, unless
	 * something else is said.
	 */
	public static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the concurrency or a time is not positive
	 */
	public ReadRequest {
		Checks.positive(concurrency, "concurrency");
		Checks.positive(handlerTimeout, "handlerTimeout");
		Checks.positive(grace, "grace");
	}

	/**
	 * As many events at a time as there are processors, 1 minute for each, 10 seconds at
	 * the end.
	 * @return the request
	 */
	public static ReadRequest defaults() {
		return new ReadRequest(Runtime.getRuntime().availableProcessors(), DEFAULT_HANDLER_TIMEOUT, DEFAULT_GRACE);
	}

	/**
	 * The same request with another concurrency.
	 * @param concurrency how many events are handled at the same time at most
	 * @return a new request
	 */
	public ReadRequest withConcurrency(int concurrency) {
		return new ReadRequest(concurrency, this.handlerTimeout, this.grace);
	}

	/**
	 * The same request with another time for an event.
	 * @param handlerTimeout how long it may take to handle an event
	 * @return a new request
	 */
	public ReadRequest withHandlerTimeout(Duration handlerTimeout) {
		return new ReadRequest(this.concurrency, handlerTimeout, this.grace);
	}

	/**
	 * The same request with another grace.
	 * @param grace how long events that are being handled may take at the end
	 * @return a new request
	 */
	public ReadRequest withGrace(Duration grace) {
		return new ReadRequest(this.concurrency, this.handlerTimeout, grace);
	}

}
