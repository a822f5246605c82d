package dev.pluggable.bindings;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.stream.StreamStatus;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The behaviour of an input binding that reads a mailbox, however it is called. Each item
 * that the output binding creates becomes an event with the metadata {@code id}. The
 * operation {@code get} returns the answer to the event as the metadata {@code answer},
 * and {@code waiting}, {@code answered} or {@code failed} as the metadata {@code state}.
 * The next reading delivers events again that failed or have no answer.
 */
public abstract class InputBindingBehaviour {

	private final List<Reading> readings = new CopyOnWriteArrayList<>();

	/**
	 * The binding that puts items into the mailbox.
	 * @return the same mailbox at each call within a test
	 */
	protected abstract OutputBinding output();

	/**
	 * The binding under test.
	 * @return the same mailbox at each call within a test
	 */
	protected abstract InputBinding input();

	@AfterEach
	void endReadings() {
		this.readings.forEach(Reading::close);
	}

	private Reading read(int concurrency, BindingHandler handler) {
		Reading reading = input().read(ReadRequest.defaults().withConcurrency(concurrency), handler);
		this.readings.add(reading);
		return reading;
	}

	private String create(String data) {
		return text(output().invoke(BindingOperations.CREATE, bytes(data)).data());
	}

	private Map<String, String> get(String id) {
		return output().invoke(InvokeRequest.of(BindingOperations.GET, new byte[0]).withMetadata(Map.of("id", id)))
			.metadata();
	}

	private void awaitState(String id, String state) {
		await().until(() -> state.equals(get(id).get("state")));
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(5));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.UTF_8);
	}

	@Test
	void whenAnItemIsCreatedThenItIsReadAndTheAnswerIsKept() {
		String id = create("before");
		assertThat(get(id)).containsEntry("state", "waiting");
		read(2, (event) -> bytes(event.metadata().get("id") + ":" + text(event.data())));
		awaitState(id, "answered");
		assertThat(get(id)).containsEntry("answer", id + ":before");
		String later = create("after");
		awaitState(later, "answered");
		assertThat(get(later)).containsEntry("answer", later + ":after");
	}

	@Test
	void whenTheHandlerFailsThenTheReasonIsKeptAndTheItemIsReadAgain() {
		Reading first = read(1, (event) -> {
			throw new IllegalStateException("s3cret");
		});
		String id = create("x");
		awaitState(id, "failed");
		assertThat(get(id).get("answer")).contains("IllegalStateException").doesNotContain("s3cret");
		first.close();
		read(1, (event) -> bytes("done"));
		awaitState(id, "answered");
		assertThat(get(id)).containsEntry("answer", "done");
	}

	@Test
	void whenManyItemsComeThenAllAreReadByNoMoreThanTheConcurrency() {
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		Set<String> read = ConcurrentHashMap.newKeySet();
		read(3, (event) -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			read.add(event.metadata().get("id"));
			running.decrementAndGet();
			return null;
		});
		List<String> ids = java.util.stream.IntStream.range(0, 100).mapToObj((i) -> create("x" + i)).toList();
		await().until(() -> read.containsAll(ids));
		ids.forEach((id) -> awaitState(id, "answered"));
		assertThat(most.get()).isBetween(1, 3);
	}

	@Test
	void whenClosedThenWhatIsHandledIsAnsweredAndNoMoreIsRead() {
		Semaphore begun = new Semaphore(0);
		Semaphore permit = new Semaphore(0);
		Reading reading = read(1, (event) -> {
			begun.release();
			permit.acquire();
			return bytes("done");
		});
		String id = create("x");
		begun.acquireUninterruptibly();
		reading.drain(Duration.ofSeconds(20));
		permit.release();
		reading.close();
		awaitState(id, "answered");
		assertThat(reading.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		String next = create("y");
		read(1, (event) -> bytes("the next one"));
		awaitState(next, "answered");
		assertThat(get(next)).containsEntry("answer", "the next one");
	}

	@Test
	void whenPingedThenItIsWell() {
		input().ping();
	}

}
