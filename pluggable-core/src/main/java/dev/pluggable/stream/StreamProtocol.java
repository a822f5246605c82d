package dev.pluggable.stream;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * What is said on a stream. No method may block.
 * <p>
 * Internal: public for the kinds of this module, not for applications.
 *
 * @param <Q> what we send
 * @param <R> what the component sends
 * @since 0.1.0
 */
public interface StreamProtocol<Q, R> {

	/**
	 * The method to call.
	 * @return a bidirectional method
	 */
	MethodDescriptor<Q, R> method();

	/**
	 * What we say first.
	 * @return the message, {@code null} if the component begins
	 */
	@Nullable Q opening();

	/**
	 * Do what must be done before the stream is opened.
	 * @param channel channel to the generation on which it will be opened
	 * @return completes when the stream may be opened; if it fails, another attempt is
	 * made later
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
	 * Stop all handlers that still run: the stream has ended, and nobody waits for them.
	 */
	void abandon();

}
