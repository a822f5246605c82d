package dev.pluggable.observation;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guards calls and messages against listeners that throw: the call goes on, and the
 * message is handled and settled. The first failure of each listener is a warning in the
 * log.
 */
final class GuardedListeners {

	private static final Logger logger = LoggerFactory.getLogger(GuardedListeners.class);

	private static final CallListener.End NO_END = (result, status) -> {
	};

	private static final MessageListener.Scope NO_SCOPE = () -> {
	};

	private static final MessageListener.Handling NO_HANDLING = new MessageListener.Handling() {

		@Override
		public MessageListener.Scope attempt() {
			return NO_SCOPE;
		}

		@Override
		public void ended(MessageListener.Outcome outcome, @Nullable Throwable failure) {
		}

	};

	private GuardedListeners() {
	}

	static @Nullable CallListener of(@Nullable CallListener listener) {
		return (listener == null || listener instanceof Calls || listener instanceof CompositeCallListener) ? listener
				: new Calls(listener);
	}

	static @Nullable MessageListener of(@Nullable MessageListener listener) {
		return (listener == null || listener instanceof Messages) ? listener : new Messages(listener);
	}

	/**
	 * Runs the methods of one listener, and logs what they throw.
	 */
	private static final class Guard {

		private final Object listener;

		private final AtomicBoolean warned = new AtomicBoolean();

		Guard(Object listener) {
			this.listener = listener;
		}

		private <V> V get(Supplier<V> method, V otherwise) {
			try {
				return method.get();
			}
			catch (RuntimeException | Error ex) {
				failed(ex);
				return otherwise;
			}
		}

		private void run(Runnable method) {
			try {
				method.run();
			}
			catch (RuntimeException | Error ex) {
				failed(ex);
			}
		}

		private void failed(Throwable failure) {
			if (this.warned.compareAndSet(false, true)) {
				logger.warn("The listener {} has failed. Calls and messages go on without it. Further failures are "
						+ "logged at the level DEBUG", this.listener.getClass().getName(), failure);
			}
			else {
				logger.debug("The listener {} has failed", this.listener.getClass().getName(), failure);
			}
		}

	}

	/**
	 * A listener of calls that does not throw.
	 */
	private static final class Calls implements CallListener {

		private final CallListener listener;

		private final Guard guard;

		Calls(CallListener listener) {
			this.listener = listener;
			this.guard = new Guard(listener);
		}

		@Override
		public End started(ObservedCall call, Metadata headers) {
			End end = this.guard.get(() -> this.listener.started(call, headers), NO_END);
			return new GuardedEnd(end, this.guard);
		}

	}

	/**
	 * Hears of the end of a call and does not throw.
	 */
	private static final class GuardedEnd implements CallListener.End {

		private final CallListener.End end;

		private final Guard guard;

		GuardedEnd(CallListener.End end, Guard guard) {
			this.end = end;
			this.guard = guard;
		}

		@Override
		public void ended(CallResult result, Status status) {
			this.guard.run(() -> this.end.ended(result, status));
		}

	}

	/**
	 * A listener of messages that does not throw.
	 */
	private static final class Messages implements MessageListener {

		private final MessageListener listener;

		private final Guard guard;

		Messages(MessageListener listener) {
			this.listener = listener;
			this.guard = new Guard(listener);
		}

		@Override
		public Handling received(ObservedMessage message) {
			Handling handling = this.guard.get(() -> this.listener.received(message), NO_HANDLING);
			return new GuardedHandling(handling, this.guard);
		}

		@Override
		public Map<String, String> traceFields() {
			return this.guard.get(this.listener::traceFields, Map.of());
		}

		@Override
		public void subscribed(ObservedSubscription subscription) {
			this.guard.run(() -> this.listener.subscribed(subscription));
		}

	}

	/**
	 * Hears what happens to a message and does not throw.
	 */
	private static final class GuardedHandling implements MessageListener.Handling {

		private final MessageListener.Handling handling;

		private final Guard guard;

		GuardedHandling(MessageListener.Handling handling, Guard guard) {
			this.handling = handling;
			this.guard = guard;
		}

		@Override
		public MessageListener.Scope attempt() {
			MessageListener.Scope scope = this.guard.get(this.handling::attempt, NO_SCOPE);
			return () -> this.guard.run(scope::close);
		}

		@Override
		public void ended(MessageListener.Outcome outcome, @Nullable Throwable failure) {
			this.guard.run(() -> this.handling.ended(outcome, failure));
		}

	}

}
