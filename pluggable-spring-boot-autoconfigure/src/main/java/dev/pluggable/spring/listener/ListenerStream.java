package dev.pluggable.spring.listener;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import dev.pluggable.Draining;
import dev.pluggable.Registration;
import dev.pluggable.stream.StreamStatus;

/**
 * The stream that brings messages to a listener.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @param <S> a subscription or something like it
 * @since 0.1.0
 */
public final class ListenerStream<S extends Registration & Draining> {

	private final S stream;

	private final Supplier<StreamStatus> status;

	/**
	 * A stream of messages.
	 * @param stream the stream
	 * @param status tells how it is
	 */
	public ListenerStream(S stream, Supplier<StreamStatus> status) {
		this.stream = stream;
		this.status = status;
	}

	StreamStatus status() {
		return this.status.get();
	}

	CompletionStage<?> drain(Duration grace) {
		return this.stream.drain(grace);
	}

	void close() {
		this.stream.close();
	}

}
