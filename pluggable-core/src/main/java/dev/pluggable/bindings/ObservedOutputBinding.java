package dev.pluggable.bindings;

import java.util.Map;
import java.util.Set;

import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservedHandling;

/**
 * Invokes an output binding with the trace of the caller in the metadata.
 */
final class ObservedOutputBinding implements OutputBinding {

	private final OutputBinding binding;

	private final MessageListener listener;

	ObservedOutputBinding(OutputBinding binding, MessageListener listener) {
		this.binding = binding;
		this.listener = listener;
	}

	@Override
	public InvokeResponse invoke(InvokeRequest request) {
		Map<String, String> traced = ObservedHandling.traced(request.metadata(), this.listener);
		return this.binding.invoke((traced != request.metadata()) ? request.withMetadata(traced) : request);
	}

	@Override
	public Set<String> operations() {
		return this.binding.operations();
	}

	@Override
	public void ping() {
		this.binding.ping();
	}

	@Override
	public String toString() {
		return this.binding.toString();
	}

}
