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
 * answers. Each message has an id, and their number is limited. It is the counterpart of
 * {@link ReopeningStream} in the process of the component: <pre>{@code
 * Unanswered.Expected<Ack> expected = this.unanswered.expect(Duration.ofMinutes(1));
 * if (expected != null) {
 *     observer.onNext(new Alarm(expected.id(), text));
 *     expected.answer().thenAccept(this::acknowledged);
 * }
 *
 * public void onNext(Ack ack) {
 *     CompletableFuture<Ack> answer = this.unanswered.take(ack.id());
 *     if (answer != null) {
 *         answer.complete(ack);
 *     }
 * }
 * }</pre>
 * <p>
 * Safe for use by many threads.
 *
 * @param <A> the answer
 * @since 0.1.0
 */
public final class Unanswered<A extends @Nullable Object> {

	/**
	 * Makes the ids of different streams different, in case that the other side confuses
	 * the streams.
	 */
	private final String prefix = UUID.randomUUID() + "-";

	private final AtomicLong numbers = new AtomicLong();

	private final Map<String, CompletableFuture<A>> answers = new ConcurrentHashMap<>();

	private final Semaphore places;

	/**
	 * Create an object for the messages of one stream.
	 * @param max maximum number of messages that wait at the same time, at least 1
	 */
	public Unanswered(int max) {
		this.places = new Semaphore(max);
	}

	/**
	 * Register another message, as soon as fewer messages wait than may wait at the same
	 * time. The place of the message is free again when its answer is taken or completed.
	 * Blocks until there is a free place.
	 * @param timeout maximum time to block, zero to not block
	 * @return the id of the message and its answer, {@code null} if no place became free
	 * in time
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
	 * End the wait for an answer. The place of the message is free at once, before the
	 * caller completes the answer, so that the sender can send the next message.
	 * @param id id of the message
	 * @return the answer, for the caller to complete; {@code null} if no message with
	 * this id waits
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
	 * @param action completes each answer
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
	 * @param answer completes with the answer; a sender that no longer waits cancels it
	 */
	public record Expected<A extends @Nullable Object>(String id, CompletableFuture<A> answer) {
	}

}
