package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.fixtures.ManualScheduler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Gate}.
 */
@Timeout(60)
class GateTests {

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private final ManualScheduler scheduler = new ManualScheduler();

	private final Gate<String> gate = new Gate<>(this.scheduler);

	private final ExecutorService threads = Executors.newCachedThreadPool();

	@AfterEach
	void stop() {
		this.threads.shutdownNow();
		this.scheduler.shutdownNow();
	}

	@Test
	void whenOpenThenItLeadsToItsTarget() {
		assertThat(this.gate.current()).isNull();
		this.gate.open("a");
		assertThat(this.gate.current()).isEqualTo("a");
		TestWaiter waiter = new TestWaiter();
		assertThat(this.gate.enter(waiter, SECOND)).isEqualTo("a");
		assertThat(waiter.events).isEmpty();
		this.gate.open("b");
		assertThat(this.gate.current()).isEqualTo("b");
	}

	@Test
	void whenItOpensThenWaitersPassInTheirOrder() {
		List<String> order = new ArrayList<>();
		TestWaiter first = new TestWaiter("first", order);
		TestWaiter second = new TestWaiter("second", order);
		assertThat(this.gate.enter(first, SECOND)).isNull();
		assertThat(this.gate.enter(second, SECOND)).isNull();
		assertThat(order).isEmpty();
		this.gate.open("a");
		assertThat(order).containsExactly("first: a", "second: a");
		assertThat(this.gate.waiting()).isZero();
		assertThat(this.scheduler.waiting()).as("nothing is left to end their waits").isZero();
	}

	@Test
	void whenManyWaitersAreHeldThenOneTaskLooksAtAllOfThem() {
		AtomicBoolean held = new AtomicBoolean(true);
		Gate<String> gate = new Gate<>(this.scheduler, held::get);
		List<TestWaiter> waiters = Stream.generate(TestWaiter::new).limit(100).toList();
		waiters.forEach((waiter) -> gate.enter(waiter, SECOND));
		this.scheduler.advance(Duration.ofSeconds(1));
		assertThat(gate.waiting()).isEqualTo(100);
		assertThat(this.scheduler.waiting()).isOne();
		gate.leave(waiters.get(0));
		this.scheduler.advance(Duration.ofSeconds(1));
		assertThat(waiters).allSatisfy((waiter) -> assertThat(waiter.events).isEmpty());
		held.set(false);
		this.scheduler.advance(Duration.ofSeconds(1));
		assertThat(waiters.subList(1, 100))
			.allSatisfy((waiter) -> assertThat(waiter.events).containsExactly("refused"));
		assertThat(waiters.get(0).events).as("it has left").isEmpty();
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenAHeldWaiterCannotWaitLongerThenItAloneIsRefused() {
		Gate<String> gate = new Gate<>(this.scheduler, () -> true);
		AtomicBoolean canWait = new AtomicBoolean(true);
		TestWaiter limited = new TestWaiter() {

			@Override
			public boolean canWait() {
				return canWait.get();
			}

		};
		TestWaiter patient = new TestWaiter();
		gate.enter(limited, SECOND);
		gate.enter(patient, SECOND);
		this.scheduler.advance(Duration.ofSeconds(1));
		canWait.set(false);
		this.scheduler.advance(Duration.ofSeconds(1));
		assertThat(limited.events).containsExactly("refused");
		assertThat(patient.events).isEmpty();
		gate.open("a");
		assertThat(patient.events).containsExactly("a");
		this.scheduler.advance(Duration.ofSeconds(1));
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenItDoesNotOpenInTimeThenTheWaiterIsRefused() {
		TestWaiter waiter = new TestWaiter();
		this.gate.enter(waiter, SECOND);
		this.scheduler.advance(Duration.ofMillis(999));
		assertThat(waiter.events).isEmpty();
		this.scheduler.advance(Duration.ofMillis(1));
		assertThat(waiter.events).containsExactly("refused");
		this.gate.open("a");
		assertThat(waiter.events).containsExactly("refused");
	}

	@Test
	void whenAWaiterMustNotWaitThenItIsRefusedAtOnce() {
		TestWaiter waiter = new TestWaiter();
		assertThat(this.gate.enter(waiter, 0)).isNull();
		assertThat(waiter.events).containsExactly("refused");
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenAWaiterLeavesThenItIsToldNothing() {
		TestWaiter waiter = new TestWaiter();
		this.gate.enter(waiter, SECOND);
		assertThat(this.gate.leave(waiter)).isTrue();
		assertThat(this.gate.leave(waiter)).isFalse();
		assertThat(this.scheduler.waiting()).isZero();
		this.gate.open("a");
		assertThat(waiter.events).isEmpty();
	}

	@Test
	void whenItClosesThenTheNextWaitsForTheNextTarget() {
		this.gate.open("a");
		assertThat(this.gate.close("b")).isFalse();
		assertThat(this.gate.current()).isEqualTo("a");
		assertThat(this.gate.close("a")).isTrue();
		assertThat(this.gate.current()).isNull();
		TestWaiter waiter = new TestWaiter();
		this.gate.enter(waiter, SECOND);
		this.gate.close();
		assertThat(waiter.events).isEmpty();
		this.gate.open("b");
		assertThat(waiter.events).containsExactly("b");
	}

	@Test
	void whenItStopsThenEverybodyIsRefusedForEver() {
		TestWaiter early = new TestWaiter();
		this.gate.enter(early, SECOND);
		this.gate.stop();
		assertThat(early.events).containsExactly("refused");
		TestWaiter late = new TestWaiter();
		assertThat(this.gate.enter(late, SECOND)).isNull();
		assertThat(late.events).containsExactly("refused");
		this.gate.open("a");
		assertThat(this.gate.current()).isNull();
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenAWaiterFailsThenTheOthersPassAllTheSame() {
		TestWaiter first = new TestWaiter();
		TestWaiter last = new TestWaiter();
		try (LogCapture log = new LogCapture()) {
			this.gate.enter(first, SECOND);
			this.gate.enter(new FailingWaiter(new IllegalStateException("boom")), SECOND);
			this.gate.enter(new FailingWaiter(new AssertionError("bang")), SECOND);
			this.gate.enter(last, SECOND);
			this.gate.open("a");
			assertThat(log.text()).contains("ERROR A call that waited at a gate failed")
				.contains("IllegalStateException: boom")
				.contains("AssertionError: bang");
		}
		assertThat(first.events).containsExactly("a");
		assertThat(last.events).containsExactly("a");
	}

	@Test
	void whenAWaiterFailsThenTheOthersAreRefusedAllTheSame() {
		TestWaiter last = new TestWaiter();
		try (LogCapture log = new LogCapture()) {
			this.gate.enter(new FailingWaiter(new IllegalStateException("boom")), SECOND);
			this.gate.enter(new FailingWaiter(new AssertionError("bang")), SECOND);
			this.gate.enter(last, SECOND);
			this.gate.stop();
			assertThat(log.text()).contains("IllegalStateException: boom").contains("AssertionError: bang");
		}
		assertThat(last.events).containsExactly("refused");
	}

	@Test
	void whenWaitersHaveAnExecutorThenEachExecutorHasOneTask() {
		List<Runnable> tasks = new ArrayList<>();
		Executor one = tasks::add;
		Executor other = tasks::add;
		Executor full = (task) -> {
			throw new RejectedExecutionException();
		};
		List<String> told = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			this.gate.enter(new ExecutorWaiter(one, told), SECOND);
			this.gate.enter(new ExecutorWaiter(other, told), SECOND);
		}
		this.gate.enter(new ExecutorWaiter((task) -> {
			throw new IllegalStateException("boom");
		}, told), SECOND);
		this.gate.enter(new ExecutorWaiter(full, told), SECOND);
		this.gate.open("a");
		assertThat(told).as("told by the thread that opens the gate").hasSize(1);
		assertThat(tasks).hasSize(2);
		tasks.forEach(Runnable::run);
		assertThat(told).hasSize(201);
	}

	@Test
	void whenTheSchedulerHasEndedThenNobodyWaits() {
		ScheduledThreadPoolExecutor ended = new ScheduledThreadPoolExecutor(1);
		ended.shutdownNow();
		Gate<String> orphan = new Gate<>(ended);
		TestWaiter waiter = new TestWaiter();
		assertThat(orphan.enter(waiter, SECOND)).isNull();
		assertThat(waiter.events).containsExactly("refused");
		assertThat(orphan.waiting()).isZero();
	}

	@Test
	void whenAThreadWaitsThenItPassesWhenTheGateOpens() throws Exception {
		assertThat(this.gate.await(0)).isNull();
		Future<String> blocked = this.threads.submit(() -> this.gate.await(SECOND));
		Awaitility.await().until(() -> this.gate.waiting() == 1);
		this.gate.open("a");
		assertThat(blocked.get()).isEqualTo("a");
		assertThat(this.gate.await(0)).isEqualTo("a");
	}

	@Test
	void whenAThreadWaitsInVainThenItGoesOn() throws Exception {
		Future<String> blocked = this.threads.submit(() -> this.gate.await(SECOND));
		Awaitility.await().until(() -> this.gate.waiting() == 1);
		this.scheduler.advance(Duration.ofSeconds(1));
		assertThat(blocked.get()).isNull();
	}

	@Test
	void whenTheSchedulerDoesNothingThenAThreadEndsItsWaitItself() {
		assertThat(this.gate.await(1)).isNull();
		assertThat(this.gate.waiting()).isZero();
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenAWaitingThreadIsInterruptedThenItGoesOnAndStaysInterrupted() throws Exception {
		AtomicReference<Thread> thread = new AtomicReference<>();
		Future<Boolean> blocked = this.threads.submit(() -> {
			thread.set(Thread.currentThread());
			assertThat(this.gate.await(SECOND)).isNull();
			return Thread.interrupted();
		});
		Awaitility.await().until(() -> this.gate.waiting() == 1);
		thread.get().interrupt();
		assertThat(blocked.get()).isTrue();
		assertThat(this.gate.waiting()).isZero();
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenTenThousandWaitThenNoThreadDoes() {
		int threads = Thread.activeCount();
		List<TestWaiter> waiters = new ArrayList<>();
		for (int i = 0; i < 10_000; i++) {
			TestWaiter waiter = new TestWaiter();
			waiters.add(waiter);
			this.gate.enter(waiter, SECOND);
		}
		assertThat(this.gate.waiting()).isEqualTo(10_000);
		assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads);
		this.gate.open("a");
		assertThat(waiters).allSatisfy((waiter) -> assertThat(waiter.events).containsExactly("a"));
	}

	@Test
	void whenEverythingHappensAtOnceThenEachWaiterIsToldExactlyOnce() throws Exception {
		ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
		Gate<String> contested = new Gate<>(timer);
		long end = System.nanoTime() + SECOND;
		CountDownLatch started = new CountDownLatch(1);
		List<Future<List<Outcome>>> entering = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			entering.add(this.threads.submit(() -> enterUntil(contested, started, end)));
		}
		Future<?> moving = this.threads.submit(() -> {
			started.countDown();
			for (int i = 0; System.nanoTime() < end; i++) {
				contested.open("target " + i);
				contested.close("target " + i);
			}
			contested.stop();
		});
		List<Outcome> outcomes = new ArrayList<>();
		for (Future<List<Outcome>> future : entering) {
			outcomes.addAll(future.get());
		}
		moving.get();
		timer.shutdown();
		assertThat(timer.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		assertThat(contested.waiting()).isZero();
		assertThat(outcomes).hasSizeGreaterThan(1000);
		assertThat(outcomes).allSatisfy((outcome) -> assertThat(outcome.times()).isEqualTo(1));
	}

	private static List<Outcome> enterUntil(Gate<String> gate, CountDownLatch started, long end) throws Exception {
		started.await();
		List<Outcome> outcomes = new ArrayList<>();
		while (System.nanoTime() < end && outcomes.size() < 100_000) {
			Outcome outcome = new Outcome();
			outcomes.add(outcome);
			int choice = ThreadLocalRandom.current().nextInt(3);
			outcome.passed = gate.enter(outcome, (choice == 0) ? 20_000 : SECOND) != null;
			if (choice == 1 && !outcome.passed) {
				outcome.left = gate.leave(outcome);
			}
		}
		return outcomes;
	}

	private static final class Outcome implements Gate.Waiter<String> {

		private final AtomicInteger told = new AtomicInteger();

		private boolean passed;

		private boolean left;

		int times() {
			return this.told.get() + (this.passed ? 1 : 0) + (this.left ? 1 : 0);
		}

		@Override
		public void opened(String target) {
			this.told.incrementAndGet();
		}

		@Override
		public void refused() {
			this.told.incrementAndGet();
		}

	}

	/**
	 * Adds an entry to a list when the gate tells the waiter, and fails then.
	 */
	private static final class ExecutorWaiter implements Gate.Waiter<String> {

		private final Executor executor;

		private final List<String> told;

		ExecutorWaiter(Executor executor, List<String> told) {
			this.executor = executor;
			this.told = told;
		}

		@Override
		public Executor executor() {
			return this.executor;
		}

		@Override
		public void opened(String target) {
			this.told.add(target);
			throw new IllegalStateException("told");
		}

		@Override
		public void refused() {
			this.told.add("refused");
		}

	}

	private record FailingWaiter(Throwable failure) implements Gate.Waiter<String> {

		@Override
		public void opened(String target) {
			fail();
		}

		@Override
		public void refused() {
			fail();
		}

		private void fail() {
			if (this.failure instanceof Error error) {
				throw error;
			}
			throw (RuntimeException) this.failure;
		}

	}

	private static class TestWaiter implements Gate.Waiter<String> {

		private final String prefix;

		private final List<String> events;

		TestWaiter() {
			this("", new ArrayList<>());
		}

		TestWaiter(String name, List<String> events) {
			this.prefix = name.isEmpty() ? "" : name + ": ";
			this.events = events;
		}

		@Override
		public void opened(String target) {
			this.events.add(this.prefix + target);
		}

		@Override
		public void refused() {
			this.events.add(this.prefix + "refused");
		}

	}

}
