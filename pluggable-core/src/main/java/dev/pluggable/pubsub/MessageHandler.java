package dev.pluggable.pubsub;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/**
 * Handles the messages of a subscription. Called by as many threads at a time as the
 * subscription allows.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface MessageHandler {

	/**
	 * Handle a message on the calling thread, which is interrupted when the time for it
	 * is over.
	 * @param message the message
	 * @return what became of it
	 * @throws Exception if it could not be handled, which is the same as
	 * {@link MessageOutcome#RETRY}, but for {@link MessageDroppedException}
	 */
	MessageOutcome handle(Message message) throws Exception;

	/**
	 * Begin to handle a message. This is what components call. If this method is not
	 * implemented, the message is handled when it returns.
	 * @param message the message
	 * @return completes with what became of the message, or with an exception, which is
	 * the same as {@link MessageOutcome#RETRY}; it is cancelled when the time for it is
	 * over
	 */
	default CompletionStage<MessageOutcome> handleAsync(Message message) {
		try {
			return CompletableFuture.completedFuture(handle(message));
		}
		catch (Exception ex) {
			if (ex instanceof InterruptedException) {
				Thread.currentThread().interrupt();
			}
			return CompletableFuture.failedFuture(ex);
		}
	}

	/**
	 * A handler that does not keep a thread while a message is being handled.
	 * @param handler begins to handle a message
	 * @return the handler
	 */
	static MessageHandler async(Function<Message, ? extends CompletionStage<MessageOutcome>> handler) {
		return new MessageHandler() {

			@Override
			public MessageOutcome handle(Message message) throws Exception {
				try {
					return handler.apply(message).toCompletableFuture().get();
				}
				catch (ExecutionException ex) {
					if (ex.getCause() instanceof Exception cause) {
						throw cause;
					}
					throw new CompletionException(ex.getCause());
				}
			}

			@Override
			public CompletionStage<MessageOutcome> handleAsync(Message message) {
				try {
					return handler.apply(message).thenApply(Function.identity());
				}
				catch (RuntimeException ex) {
					return CompletableFuture.failedFuture(ex);
				}
			}

		};
	}

}
