package dev.pluggable.pubsub;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/**
 * Handles the messages of a subscription. As many threads call it at the same time as the
 * subscription allows.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface MessageHandler {

	/**
	 * Handle a message on the calling thread, which is interrupted at the timeout of the
	 * subscription.
	 * @param message the message
	 * @return the outcome
	 * @throws MessageDroppedException if the message can never be handled, which is the
	 * outcome {@link MessageOutcome#DROP}
	 * @throws Exception if the message was not handled, which is the outcome
	 * {@link MessageOutcome#RETRY}
	 */
	MessageOutcome handle(Message message) throws Exception;

	/**
	 * Begin to handle a message. Components call this method. Unless overridden, it
	 * handles the message before it returns.
	 * @param message the message
	 * @return completes with the outcome, or with an exception like one of
	 * {@link #handle(Message)}; cancelled at the timeout of the subscription
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
	 * Create a handler that occupies no thread while it handles a message.
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
