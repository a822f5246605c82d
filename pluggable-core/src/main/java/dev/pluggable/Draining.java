package dev.pluggable;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * An instance of a kind that takes work from its component on its own, and can end that
 * in order before the connection is closed.
 *
 * @since 0.1.0
 */
public interface Draining {

	/**
	 * Take no more work, finish what is being worked on, and say so to the component.
	 * Does not block. What is not finished within the grace is interrupted and is not
	 * answered, so that the component gives it to somebody else.
	 * @param grace how long the work may go on
	 * @return completes, never with an exception, when nothing is left to do; at the
	 * latest soon after the grace
	 */
	CompletionStage<?> drain(Duration grace);

}
