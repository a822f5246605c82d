package dev.pluggable.state;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class InMemoryStateStoreConcurrencyTests {

	private static final int THREADS = 8;

	private final InMemoryStateStore store = new InMemoryStateStore();

	private final ExecutorService executor = Executors.newFixedThreadPool(THREADS);

	@AfterEach
	void stop() throws InterruptedException {
		this.executor.shutdownNow();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	private <T> List<T> together(int threads, Callable<T> work) throws Exception {
		CountDownLatch start = new CountDownLatch(threads);
		List<Future<T>> futures = new ArrayList<>();
		for (int i = 0; i < threads; i++) {
			futures.add(this.executor.submit(() -> {
				start.countDown();
				start.await();
				return work.call();
			}));
		}
		List<T> results = new ArrayList<>();
		for (Future<T> future : futures) {
			results.add(future.get(30, TimeUnit.SECONDS));
		}
		return results;
	}

	@Test
	void whenManyWriteFirstThenExactlyOneWins() throws Exception {
		for (int round = 0; round < 100; round++) {
			SetRequest request = SetRequest.of("key" + round, "x").withConcurrency(Concurrency.FIRST_WRITE);
			List<Boolean> won = together(THREADS, () -> {
				try {
					this.store.set(request);
					return true;
				}
				catch (EtagMismatchException ex) {
					return false;
				}
			});
			assertThat(won).filteredOn((each) -> each).hasSize(1);
		}
	}

	@Test
	void whenManyCountWithEtagsThenNothingIsLost() throws Exception {
		this.store.set(SetRequest.of("count", "0"));
		int increments = 200;
		together(THREADS, () -> {
			for (int i = 0; i < increments; i++) {
				increment();
			}
			return true;
		});
		assertThat(this.store.get("count").orElseThrow().text()).isEqualTo(Integer.toString(THREADS * increments));
	}

	private void increment() {
		while (true) {
			StateItem item = this.store.get("count").orElseThrow();
			String next = Integer.toString(Integer.parseInt(item.text()) + 1);
			try {
				this.store.set(SetRequest.of("count", next).withEtag(item.etag()));
				return;
			}
			catch (EtagMismatchException ex) {
				// Another thread was faster.
			}
		}
	}

	@Test
	void whenTransactionsOverlapThenReadersSeeNoneHalfDone() throws Exception {
		this.store.transact(SetRequest.of("a", "0"), SetRequest.of("b", "0"));
		AtomicBoolean done = new AtomicBoolean();
		CountDownLatch reading = new CountDownLatch(3);
		List<Future<Boolean>> readers = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			readers.add(this.executor.submit(() -> {
				boolean consistent = true;
				do {
					int a = Integer.parseInt(this.store.get("a").orElseThrow().text());
					int b = Integer.parseInt(this.store.get("b").orElseThrow().text());
					List<StateItem> both = this.store.query(QueryRequest.all()).found();
					consistent &= b >= a && both.get(0).text().equals(both.get(1).text());
					reading.countDown();
				}
				while (!done.get() && consistent);
				return consistent;
			}));
		}
		reading.await();
		for (int i = 1; i <= 20_000; i++) {
			String text = Integer.toString(i);
			this.store.transact(SetRequest.of("a", text), SetRequest.of("b", text));
		}
		done.set(true);
		for (Future<Boolean> reader : readers) {
			assertThat(reader.get(30, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void whenTransactionsFailHalfwayThenTheyLeaveNoTrace() throws Exception {
		this.store.transact(SetRequest.of("a", "0"), SetRequest.of("b", "0"));
		together(THREADS, () -> {
			for (int i = 0; i < 200; i++) {
				StateItem b = this.store.get("b").orElseThrow();
				String next = Integer.toString(Integer.parseInt(b.text()) + 1);
				try {
					this.store.transact(SetRequest.of("a", next), SetRequest.of("b", next).withEtag(b.etag()));
				}
				catch (EtagMismatchException ex) {
					// The write to "a" must not be seen either.
				}
			}
			return true;
		});
		assertThat(this.store.get("a").orElseThrow().text()).isEqualTo(this.store.get("b").orElseThrow().text());
	}

}
