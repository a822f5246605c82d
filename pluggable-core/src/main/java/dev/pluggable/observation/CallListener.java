package dev.pluggable.observation;

import java.util.List;

import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Hears of each call that the application makes to a component, or to an object that a
 * plugin has created. The host makes calls for itself, such as health probes, of which
 * the listener does not hear. A repetition that the caller does not notice belongs to the
 * same call.
 * <p>
 * Must be safe for use by many threads, and must neither block nor throw. What a listener
 * throws is logged and changes nothing else.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface CallListener {

	/**
	 * A call begins. Runs on the thread that makes the call, before the call waits at the
	 * gate of its component and before anything is sent.
	 * @param call the call
	 * @param headers headers of the request; the listener may add to them here
	 * @return hears of the end of the call, once
	 */
	End started(ObservedCall call, Metadata headers);

	/**
	 * Combine listeners. Each listener hears of the start of a call in the order of the
	 * list, and of the end in the opposite order. One listener stays as it is, so it
	 * costs nothing more.
	 * @param listeners the listeners
	 * @return a listener that tells all of them, {@code null} if the list is empty
	 */
	static @Nullable CallListener all(List<? extends CallListener> listeners) {
		return switch (listeners.size()) {
			case 0 -> null;
			case 1 -> listeners.get(0);
			default -> new CompositeCallListener(listeners);
		};
	}

	/**
	 * Hears of the end of one call.
	 */
	@FunctionalInterface
	interface End {

		/**
		 * The call has ended. Runs on the thread that tells the caller, just before the
		 * caller hears of the end.
		 * @param result the result
		 * @param status the status of the call; its description may contain secrets of
		 * the component, so it belongs neither in a tag nor in a log
		 */
		void ended(CallResult result, Status status);

	}

}
