package dev.pluggable.spring.listener;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import dev.pluggable.Draining;
import dev.pluggable.Registration;
import dev.pluggable.stream.StreamStatus;
import org.jspecify.annotations.Nullable;

/**
 * The subscription that delivers the messages of a listener.
 * <p>
 * Other packages of this module use this class. It is not API.
 *
 * @param <S> type of the subscription
 * @since 0.1.0
 */
public final class ListenerStream<S extends Registration & Draining> {

	private static final String NONE = "the component returned no subscription";

	private final @Nullable S stream;

	private final Function<S, @Nullable StreamStatus> status;

	private final Instant since = Instant.now();

	/**
	 * Create a stream.
	 * @param stream the subscription, {@code null} if the component returned none, as a
	 * mock does
	 * @param status returns the current status of the subscription
	 */
	public ListenerStream(@Nullable S stream, Function<S, @Nullable StreamStatus> status) {
		this.stream = stream;
		this.status = status;
	}

	StreamStatus status() {
		StreamStatus status = (this.stream != null) ? this.status.apply(this.stream) : null;
		return (status != null) ? status : new StreamStatus(StreamStatus.State.WAITING, NONE, 0, this.since, 0, 0, 0);
	}

	CompletionStage<?> drain(Duration grace) {
		CompletionStage<?> drained = (this.stream != null) ? this.stream.drain(grace) : null;
		return (drained != null) ? drained : CompletableFuture.completedFuture(null);
	}

	void close() {
		if (this.stream != null) {
			this.stream.close();
		}
	}

}
