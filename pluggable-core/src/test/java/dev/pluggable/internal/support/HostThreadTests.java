package dev.pluggable.internal.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.fixtures.LogCapture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link HostThread}, with a real thread and with {@link FakeHostThread}.
 */
class HostThreadTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private final HostThread real = new HostThread("test-host");

	private final FakeHostThread fake = new FakeHostThread();

	private final List<String> events = new ArrayList<>();

	@AfterEach
	void close() {
		this.real.close(LONG);
	}

	private <T> T onRealThread(Supplier<T> task) {
		return CompletableFuture.supplyAsync(task, this.real.executor("running a test's task")).join();
	}

	@Test
	void whenATaskThrowsThenTheLogNamesTheWorkAndTheThreadGoesOn() {
		try (LogCapture log = new LogCapture()) {
			Thread before = onRealThread(Thread::currentThread);
			this.real.execute("polishing the brass", () -> {
				throw new IllegalStateException("boom");
			});
			this.real.execute("polishing the silver", () -> {
				throw new AssertionError("bang");
			});
			assertThat(onRealThread(Thread::currentThread)).isSameAs(before);
			assertThat(log.text()).contains("ERROR The host's thread failed while polishing the brass")
				.contains("IllegalStateException: boom")
				.contains("failed while polishing the silver")
				.contains("AssertionError: bang");
		}
	}

	@Test
	void whenATaskOfTheSchedulerItselfThrowsThenTheLogTells() throws InterruptedException {
		try (LogCapture log = new LogCapture()) {
			CountDownLatch ran = new CountDownLatch(2);
			this.real.scheduler().execute(() -> {
				ran.countDown();
				throw new IllegalStateException("boom");
			});
			this.real.scheduler().schedule(() -> {
				ran.countDown();
				throw new IllegalStateException("bang");
			}, 1, TimeUnit.MILLISECONDS);
			assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
			onRealThread(() -> true);
			assertThat(log.text()).contains("IllegalStateException: boom").contains("IllegalStateException: bang");
		}
	}

	@Test
	void whenAnotherThreadAssertsThenItFails() {
		assertThatIllegalStateException().isThrownBy(this.real::assertCurrent)
			.withMessageContaining(Thread.currentThread().getName());
		assertThat(this.real.isCurrent()).isFalse();
		assertThat(onRealThread(() -> {
			this.real.assertCurrent();
			return this.real.isCurrent();
		})).isTrue();
		this.fake.thread().assertCurrent();
	}

	@Test
	void whenATaskNotifiesThenListenersRunInOrderAfterItAndBeforeTheNextTask() {
		HostThread thread = this.fake.thread();
		thread.execute("changing", () -> {
			thread.execute("following", () -> this.events.add("next task"));
			thread.notify("telling", () -> {
				this.events.add("first");
				thread.notify("telling", () -> this.events.add("caused by first"));
			});
			thread.notify("telling", () -> this.events.add("second"));
			this.events.add("transition");
		});
		this.fake.runDue();
		assertThat(this.events).containsExactly("transition", "first", "second", "caused by first", "next task");
	}

	@Test
	void whenAListenerThrowsThenTheOthersAreStillTold() {
		HostThread thread = this.fake.thread();
		try (LogCapture log = new LogCapture()) {
			this.fake.run(() -> {
				thread.notify("telling the first listener", () -> {
					throw new IllegalStateException("boom");
				});
				thread.notify("telling the second listener", () -> this.events.add("second"));
			});
			assertThat(log.text()).contains("failed while telling the first listener");
		}
		assertThat(this.events).containsExactly("second");
	}

	@Test
	void whenATaskOfTheSchedulerItselfNotifiesThenListenersAreStillTold() {
		AtomicReference<Thread> told = new AtomicReference<>();
		CompletableFuture<Boolean> during = new CompletableFuture<>();
		CountDownLatch both = new CountDownLatch(2);
		this.real.scheduler().execute(() -> {
			this.real.notify("telling", () -> told.set(Thread.currentThread()));
			this.real.notify("telling", both::countDown);
			this.real.notify("telling", both::countDown);
			during.complete(told.get() != null);
		});
		assertThat(during.join()).isFalse();
		assertThat(onRealThread(told::get)).isNotNull();
		assertThat(both.getCount()).isZero();
	}

	@Test
	void whenTimePassesThenATimerRunsOnceAtItsTime() {
		HostThread thread = this.fake.thread();
		HostThread.Timer timer = thread.schedule("waiting", Duration.ofSeconds(5), () -> this.events.add("ran"));
		long begin = thread.nanos();
		this.fake.advance(Duration.ofMillis(4999));
		assertThat(timer.pending()).isTrue();
		assertThat(this.events).isEmpty();
		this.fake.advance(Duration.ofMillis(1));
		assertThat(timer.pending()).isFalse();
		assertThat(this.events).containsExactly("ran");
		assertThat(thread.nanos() - begin).isEqualTo(Duration.ofSeconds(5).toNanos());
	}

	@Test
	void whenATimerIsCancelledThenItNeverRunsAndIsNotKept() {
		HostThread.Timer timer = this.fake.thread()
			.schedule("waiting", Duration.ofSeconds(5), () -> this.events.add("ran"));
		timer.cancel();
		assertThat(timer.pending()).isFalse();
		assertThat(this.fake.pending()).isZero();
		this.fake.advance(Duration.ofMinutes(1));
		assertThat(this.events).isEmpty();
	}

	@Test
	void whenTheThreadIsClosedThenItEndsAndDropsTasks() {
		onRealThread(() -> true);
		HostThread.Timer timer = this.real.schedule("waiting", LONG, () -> this.events.add("ran"));
		assertThat(this.real.close(LONG)).isTrue();
		this.real.execute("doing nothing", () -> this.events.add("ran"));
		assertThat(this.real.schedule("waiting", Duration.ZERO, () -> this.events.add("ran")).pending()).isFalse();
		timer.cancel();
		assertThat(this.events).isEmpty();
	}

	@Test
	void whenTheThreadIsClosedThenEachListenerIsToldOnceEvenIfAnotherOneFails() {
		HostThread thread = this.fake.thread();
		try (LogCapture log = new LogCapture()) {
			thread.onClose(() -> {
				throw new IllegalStateException("boom");
			});
			thread.onClose(() -> this.events.add("first"));
			thread.onClose(() -> this.events.add("second"));
			thread.onClose(() -> this.events.add("withdrawn")).run();
			assertThat(this.events).isEmpty();
			thread.close(LONG);
			thread.close(LONG);
			assertThat(this.events).containsExactlyInAnyOrder("first", "second");
			assertThat(log.text()).containsOnlyOnce("IllegalStateException: boom");
		}
	}

	@Test
	void whenTheThreadIsClosedAlreadyThenAListenerIsToldAtOnce() {
		HostThread thread = this.fake.thread();
		thread.close(LONG);
		Runnable withdrawal = thread.onClose(() -> this.events.add("late"));
		assertThat(this.events).containsExactly("late");
		withdrawal.run();
		thread.close(LONG);
		assertThat(this.events).containsExactly("late");
	}

	@Test
	void whenATaskDoesNotEndThenClosingEndsInTime() {
		CountDownLatch never = new CountDownLatch(1);
		CountDownLatch began = new CountDownLatch(1);
		this.real.execute("hanging", () -> {
			began.countDown();
			boolean interrupted = false;
			while (never.getCount() > 0) {
				try {
					never.await();
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
			assertThat(interrupted).isTrue();
		});
		try {
			began.await();
			assertThat(this.real.close(Duration.ofMillis(1))).isFalse();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		finally {
			never.countDown();
		}
	}

	@Test
	void whenATaskClosesTheThreadThenItDoesNotWaitForItself() {
		assertThat(onRealThread(() -> this.real.close(LONG))).isFalse();
		assertThat(this.real.close(LONG)).isTrue();
	}

	@Test
	void whenASchedulerBelongsToAHostThenItsThreadIsFound() {
		assertThat(HostThread.of(this.real.scheduler())).isSameAs(this.real);
	}

	@Test
	void whenASchedulerIsForeignThenItsThreadIsTheHostsThread() throws Exception {
		ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
		try {
			HostThread thread = HostThread.of(scheduler);
			assertThat(thread.isCurrent()).isFalse();
			CompletableFuture<Boolean> current = new CompletableFuture<>();
			thread.execute("looking at the thread", () -> {
				thread.assertCurrent();
				thread.notify("telling what was seen", () -> current.complete(thread.isCurrent()));
			});
			assertThat(current.get(30, TimeUnit.SECONDS)).isTrue();
			assertThatIllegalStateException().isThrownBy(thread::assertCurrent);
		}
		finally {
			scheduler.shutdownNow();
		}
	}

}
