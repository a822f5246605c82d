package dev.pluggable.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.fixtures.ManualScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class StreamThreadsTests {

	private static final long PATIENCE_SECONDS = 30;

	private final ExecutorService pool = Executors.newCachedThreadPool();

	private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

	@AfterEach
	void close() throws InterruptedException {
		this.timer.shutdownNow();
		this.pool.shutdownNow();
		assertThat(this.pool.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenACallbackHandsOverThenItsThreadHandles() {
		ConcurrentLinkedQueue<Runnable> calls = new ConcurrentLinkedQueue<>();
		StreamThreads threads = new StreamThreads(calls::add, this.timer);
		List<String> order = new ArrayList<>();
		threads.callback(() -> {
			threads.execute(() -> order.add("handler"));
			order.add("callback");
		});
		assertThat(calls).hasSize(1);
		calls.remove().run();
		assertThat(order).containsExactly("callback", "handler");
		assertThat(calls).isEmpty();
	}

	@Test
	void whenAHandlerBlocksThenAnotherThreadGoesOn() throws InterruptedException {
		StreamThreads threads = new StreamThreads(this.pool, this.timer);
		CountDownLatch other = new CountDownLatch(1);
		CountDownLatch both = new CountDownLatch(2);
		threads.callback(() -> {
			threads.execute(() -> {
				await(other);
				both.countDown();
			});
			threads.execute(() -> {
				other.countDown();
				both.countDown();
			});
		});
		assertThat(both.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenAHandlerBlocksThenALaterCallbackRuns() throws InterruptedException {
		StreamThreads threads = new StreamThreads(this.pool, this.timer);
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch later = new CountDownLatch(1);
		CountDownLatch ended = new CountDownLatch(1);
		threads.execute(() -> {
			begun.countDown();
			await(later);
			ended.countDown();
		});
		await(begun);
		threads.callback(later::countDown);
		assertThat(ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenAHandlerHasUnblockedThenItsThreadTakesWhatFollows() {
		ConcurrentLinkedQueue<Runnable> calls = new ConcurrentLinkedQueue<>();
		StreamThreads threads = new StreamThreads(calls::add, this.timer);
		AtomicInteger followed = new AtomicInteger();
		threads.execute(() -> {
			threads.unblocked();
			threads.execute(followed::incrementAndGet);
		});
		calls.remove().run();
		assertThat(followed).hasValue(1);
		assertThat(calls).isEmpty();
	}

	@Test
	void whenHandlersAreShortThenTheirThreadTakesWhatArrivesMeanwhile() {
		ManualScheduler timer = new ManualScheduler();
		ConcurrentLinkedQueue<Runnable> calls = new ConcurrentLinkedQueue<>();
		StreamThreads threads = new StreamThreads(calls::add, timer);
		List<String> order = new ArrayList<>();
		threads.execute(() -> {
			threads.callback(() -> order.add("callback"));
			order.add("handler");
		});
		calls.remove().run();
		assertThat(order).containsExactly("handler", "callback");
		assertThat(calls).isEmpty();
		timer.advance(Duration.ofNanos(StreamThreads.PATIENCE_NANOS));
		assertThat(calls).isEmpty();
		assertThat(timer.waiting()).isZero();
	}

	@Test
	void whenAShortHandlerIsStuckThenAnotherThreadIsCalledAndLaterOnesAtOnce() {
		ManualScheduler timer = new ManualScheduler();
		ConcurrentLinkedQueue<Runnable> calls = new ConcurrentLinkedQueue<>();
		StreamThreads threads = new StreamThreads(calls::add, timer);
		List<String> order = new ArrayList<>();
		threads.execute(() -> {
			threads.execute(() -> {
				threads.callback(() -> order.add("third"));
				assertThat(calls).as("handlers are no longer expected to be short").hasSize(1);
				order.add("second");
			});
			assertThat(calls).isEmpty();
			timer.advance(Duration.ofNanos(StreamThreads.PATIENCE_NANOS));
			assertThat(calls).hasSize(1);
			calls.remove().run();
			order.add("first");
		});
		calls.remove().run();
		assertThat(order).containsExactly("second", "third", "first");
	}

	@Test
	void whenTheTimerHasEndedThenAnotherThreadIsCalledAtOnce() {
		this.timer.shutdownNow();
		ConcurrentLinkedQueue<Runnable> calls = new ConcurrentLinkedQueue<>();
		StreamThreads threads = new StreamThreads(calls::add, this.timer);
		threads.execute(() -> {
			threads.callback(() -> {
			});
			assertThat(calls).hasSize(1);
		});
		calls.remove().run();
	}

	@Test
	void whenATaskFailsThenTheNextRuns() throws InterruptedException {
		StreamThreads threads = new StreamThreads(this.pool, this.timer);
		CountDownLatch next = new CountDownLatch(1);
		threads.callback(() -> {
			threads.execute(() -> {
				throw new IllegalStateException("as it should");
			});
			threads.execute(next::countDown);
		});
		assertThat(next.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenThereAreNoThreadsThenCallbacksRunAndHandlersAreRefused() {
		Executor none = (task) -> {
			throw new RejectedExecutionException("closed");
		};
		StreamThreads threads = new StreamThreads(none, this.timer);
		AtomicInteger run = new AtomicInteger();
		threads.callback(run::incrementAndGet);
		assertThat(run).hasValue(1);
		assertThatExceptionOfType(RejectedExecutionException.class)
			.isThrownBy(() -> threads.execute(run::incrementAndGet));
		assertThat(run).hasValue(1);
		threads.callback(run::incrementAndGet);
		assertThat(run).hasValue(2);
	}

	@Test
	void whenManyAddAtTheSameTimeThenNothingIsLeftBehind() throws InterruptedException {
		StreamThreads threads = new StreamThreads(this.pool, this.timer);
		int each = 20_000;
		int submitters = 4;
		CountDownLatch all = new CountDownLatch(2 * each * submitters);
		for (int i = 0; i < submitters; i++) {
			this.pool.execute(() -> {
				for (int j = 0; j < each; j++) {
					threads.callback(() -> {
						all.countDown();
						threads.execute(() -> {
							if (ThreadLocalRandom.current().nextBoolean()) {
								threads.unblocked();
							}
							all.countDown();
						});
					});
				}
			});
		}
		assertThat(all.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
