package dev.pluggable.stream;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a {@link ReopeningStream}: the method to call, and the handling of the
 * component's messages.
 * <p>
 * The stream calls {@link #prepare}, {@link #opening} and {@link #handle} one after the
 * other, on threads that also carry the messages: an implementation must not block in any
 * method. See {@link ReopeningStream} for an example.
 *
 * @param <Q> the messages that we send
 * @param <R> the messages that the component sends
 * @since 0.1.0
 */
public interface StreamProtocol<Q, R> {

	/**
	 * The method of the stream.
	 * @return a bidirectional method
	 */
	MethodDescriptor<Q, R> method();

	/**
	 * The message with which we open the stream.
	 * @return the message, {@code null} if the component sends the first one
	 */
	@Nullable Q opening();

	/**
	 * Prepare the component for the stream, such as by a call that must come first.
	 * Called each time before the stream is opened.
	 * @param channel channel to the generation on which the stream is about to be opened
	 * @return completes when the stream can be opened; if it fails, the stream makes the
	 * next attempt later. Completed unless overridden
	 */
	default CompletionStage<?> prepare(Channel channel) {
		return CompletableFuture.completedFuture(null);
	}

	/**
	 * Begin to handle a message.
	 * @param message the message
	 * @param settlement to be settled with the answer, which is sent on the stream that
	 * the message came from, or with {@code null} if the message gets no answer. If this
	 * method throws an exception, the message gets no answer.
	 */
	void handle(R message, Settlement<@Nullable Q> settlement);

	/**
	 * Refuse a message that is larger than {@code max-inbound-message-size}, so that the
	 * stream goes on. Only for messages of protobuf of at most 64 MiB.
	 * @param message the message without its large fields: without those of more than 64
	 * KiB
	 * @param reason why the message is refused, without anything of the message
	 * @return the answer that tells the component, {@code null} if there is no such
	 * answer: then the stream ends and is opened again. {@code null} unless overridden
	 */
	default @Nullable Q refuse(R message, String reason) {
		return null;
	}

	/**
	 * Stop all handlers, whose answers nobody waits for any more, such as with
	 * {@link HandlerRunner#stopAll()}. Called when the grace of a
	 * {@link ReopeningStream#drain drain} is over.
	 */
	void abandon();

}
