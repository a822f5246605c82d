package dev.pluggable.stream;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The messages that a served component has sent on a stream and that wait for their
 * answers: each with an id of its own, and at most so many at a time. Safe for use by
 * many threads.
 * <p>
 * Internal: public for the kinds of this module, not for applications.
 *
 * @param <A> the answer
 * @since 0.1.0
 */
public final class Unanswered<A extends @Nullable Object> {

	/**
	 * Keeps apart the ids of several streams, should the other side mix them up.
	 */
	private final String prefix = UUID.randomUUID() + "-";

	private final AtomicLong numbers = new AtomicLong();

	private final Map<String, CompletableFuture<A>> answers = new ConcurrentHashMap<>();

	private final Semaphore places;

	/**
	 * No messages yet.
	 * @param max how many may wait at a time
	 */
	public Unanswered(int max) {
		this.places = new Semaphore(max);
	}

	/**
	 * Begin to wait for the answer to another message, as soon as there is a place. The
	 * place is free again when the answer is taken, or completed by anybody.
	 * @param timeout how long to wait for a place
	 * @return what is waited for, {@code null} if no place became free
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	public @Nullable Expected<A> expect(Duration timeout) throws InterruptedException {
		if (!this.places.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
			return null;
		}
		Expected<A> expected = new Expected<>(this.prefix + this.numbers.incrementAndGet(), new CompletableFuture<>());
		this.answers.put(expected.id(), expected.answer());
		expected.answer().whenComplete((answer, failure) -> take(expected.id()));
		return expected;
	}

	/**
	 * End the wait for an answer. The place is free before the sender is told, who may
	 * send the next message at once.
	 * @param id id of the message
	 * @return to be completed with the answer; {@code null} if none is waited for
	 */
	public @Nullable CompletableFuture<A> take(String id) {
		CompletableFuture<A> answer = this.answers.remove(id);
		if (answer != null) {
			this.places.release();
		}
		return answer;
	}

	/**
	 * End the wait for all answers.
	 * @param action completes each
	 */
	public void takeAll(Consumer<CompletableFuture<A>> action) {
		this.answers.keySet().forEach((id) -> {
			CompletableFuture<A> answer = take(id);
			if (answer != null) {
				action.accept(answer);
			}
		});
	}

	/**
	 * A message that waits for its answer.
	 *
	 * @param <A> the answer
	 * @param id id to send it with
	 * @param answer completed with the answer; whoever gives up cancels it
	 */
	public record Expected<A extends @Nullable Object>(String id, CompletableFuture<A> answer) {
	}

}
