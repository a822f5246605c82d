package dev.pluggable;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * An object that takes work from a component by itself, such as a subscription. It can
 * end that work in order before the connection is closed. A host or a server drains
 * instances of a kind that implement this interface.
 *
 * @since 0.1.0
 */
public interface Draining {

	/**
	 * Take no more work, finish the current work, and tell the component. Does not block.
	 * A singleton that a server serves takes work again afterwards, because the server
	 * may start again. Work that is not finished within the grace is interrupted and gets
	 * no answer, so that the component gives it to another consumer.
	 * @param grace time for the current work
	 * @return completes when all work has ended, at the latest soon after the grace;
	 * never fails
	 */
	CompletionStage<?> drain(Duration grace);

}
