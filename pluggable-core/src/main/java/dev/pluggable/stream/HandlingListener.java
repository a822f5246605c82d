package dev.pluggable.stream;

import org.jspecify.annotations.Nullable;

/**
 * Hears what becomes of a message. Each method is called once, by any thread; neither may
 * block or throw.
 * <p>
 * Internal: public for the kinds of this module, not for applications.
 *
 * @param <A> the outcome
 * @since 0.1.0
 */
public interface HandlingListener<A extends @Nullable Object> {

	/**
	 * The outcome is known.
	 * @param outcome the outcome, {@code null} if there is a failure
	 * @param failure why there is no outcome, {@code null} if there is one
	 */
	void completed(A outcome, @Nullable Throwable failure);

	/**
	 * No thread and no asynchronous work is taken up by the message any more. Comes after
	 * the outcome.
	 */
	void ended();

}
