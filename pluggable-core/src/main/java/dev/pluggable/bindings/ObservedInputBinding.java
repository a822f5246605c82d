package dev.pluggable.bindings;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import dev.pluggable.Draining;
import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservedHandling;
import dev.pluggable.observation.ObservedMessage;
import dev.pluggable.observation.ObservedSubscription;
import org.jspecify.annotations.Nullable;

/**
 * Tells a listener of the events that an application handles.
 */
final class ObservedInputBinding implements InputBinding, Draining {

	private final InputBinding binding;

	private final String component;

	private final MessageListener listener;

	ObservedInputBinding(InputBinding binding, String component, MessageListener listener) {
		this.binding = binding;
		this.component = component;
		this.listener = listener;
	}

	@Override
	public Reading read(ReadRequest request, BindingHandler handler) {
		Reading reading = this.binding.read(request, new ObservedHandler(handler, request.handlerTimeout()));
		this.listener.subscribed(new ObservedSubscription(this.component, InputBindingKind.INSTANCE.name(), null,
				request.concurrency(), reading::status));
		return reading;
	}

	@Override
	public void ping() {
		this.binding.ping();
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		return ObservedHandling.drain(this.binding, grace);
	}

	@Override
	public String toString() {
		return this.binding.toString();
	}

	/**
	 * Tells the listener of each event of a handler.
	 */
	private final class ObservedHandler implements BindingHandler {

		private final BindingHandler handler;

		private final Duration timeout;

		ObservedHandler(BindingHandler handler, Duration timeout) {
			this.handler = handler;
			this.timeout = timeout;
		}

		private MessageListener.Handling received(BindingEvent event) {
			return ObservedInputBinding.this.listener
				.received(new ObservedMessage(ObservedInputBinding.this.component, InputBindingKind.INSTANCE.name(),
						null, ObservedHandling.name(this.handler), event.metadata(), event.data()));
		}

		@Override
		public byte @Nullable [] handle(BindingEvent event) throws Exception {
			MessageListener.Handling handling = received(event);
			Throwable failure = null;
			try (MessageListener.Scope scope = handling.attempt()) {
				return this.handler.handle(event);
			}
			catch (Exception | Error ex) {
				failure = ex;
				throw ex;
			}
			finally {
				handling.ended(outcome(null, failure), failure);
			}
		}

		@Override
		public CompletionStage<byte @Nullable []> handleAsync(BindingEvent event) {
			return ObservedHandling.<byte @Nullable []>whole(received(event), this.timeout,
					() -> this.handler.handleAsync(event), this::outcome);
		}

		private MessageListener.Outcome outcome(byte @Nullable [] answer, @Nullable Throwable failure) {
			return (failure == null) ? MessageListener.Outcome.ACK : MessageListener.Outcome.RETRY;
		}

	}

}
