package dev.pluggable.spring.listener;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import dev.pluggable.Draining;
import dev.pluggable.Registration;
import dev.pluggable.stream.StreamStatus;

/**
 * The subscription that delivers the messages of a listener.
 * <p>
 * Other packages of this module use this class. It is not API.
 *
 * @param <S> type of the subscription
 * @since 0.1.0
 */
public final class ListenerStream<S extends Registration & Draining> {

	private final S stream;

	private final Supplier<StreamStatus> status;

	/**
	 * Create a stream.
	 * @param stream the subscription
	 * @param status returns the current status of the subscription
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
