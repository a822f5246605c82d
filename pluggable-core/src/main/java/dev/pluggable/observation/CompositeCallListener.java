package dev.pluggable.observation;

import java.util.List;

import io.grpc.Metadata;

/**
 * Tells several listeners of each call. A listener that throws does not keep the others
 * from hearing.
 */
final class CompositeCallListener implements CallListener {

	private final CallListener[] listeners;

	CompositeCallListener(List<? extends CallListener> listeners) {
		this.listeners = listeners.stream().map(GuardedListeners::of).toArray(CallListener[]::new);
	}

	@Override
	public End started(ObservedCall call, Metadata headers) {
		End[] ends = new End[this.listeners.length];
		for (int i = 0; i < ends.length; i++) {
			ends[i] = this.listeners[i].started(call, headers);
		}
		return (result, status) -> {
			for (int i = ends.length - 1; i >= 0; i--) {
				ends[i].ended(result, status);
			}
		};
	}

}
