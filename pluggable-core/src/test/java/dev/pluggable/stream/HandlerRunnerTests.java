package dev.pluggable.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.pluggable.fixtures.ManualScheduler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link HandlerRunner}.
 */
class HandlerRunnerTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private static final Duration SHORT = Duration.ofMillis(50);

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

	/**
	 * A timer that looks at the timeouts when a test moves its time.
	 */
	private final ManualScheduler checks = new ManualScheduler();

	@AfterEach
	void close() throws Exception {
		this.executor.shutdownNow();
		this.timer.shutdownNow();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	/**
	 * Wait for a timeout that is not noticed before the handler has begun.
	 */
	private void awaitTimeout(CountDownLatch begun, RecordedSettlement<?> running) {
		await().until(() -> begun.getCount() == 0);
		await().until(() -> {
			this.checks.advance(SHORT);
			return running.outcome().isDone();
		});
	}

	private HandlerRunner runner(Duration timeout) {
		return new HandlerRunner(this.executor, this.timer, timeout);
	}

	private static <T> RecordedSettlement<T> run(HandlerRunner runner, Callable<? extends CompletionStage<T>> work) {
		RecordedSettlement<T> heard = new RecordedSettlement<>();
		runner.run(heard, work);
		return heard;
	}

	private static <T> CompletableFuture<T> settled(CompletionStage<T> stage) {
		CompletableFuture<T> future = stage.toCompletableFuture();
		assertThat(future.handle((value, failure) -> true)).succeedsWithin(Duration.ofSeconds(30));
		return future;
	}

	private static void awaitEnd(RecordedSettlement<?> heard) {
		settled(heard.end()).join();
	}

	private static Throwable failure(CompletionStage<?> stage) {
		return settled(stage).handle((value, failure) -> failure).join();
	}

	@Test
	void whenHandlerReturnsThenItsOutcomeIsKnownAndItsThreadIsFree() {
		RecordedSettlement<String> running = run(runner(LONG), () -> CompletableFuture.completedFuture("done"));
		assertThat(settled(running.outcome())).isCompletedWithValue("done");
		awaitEnd(running);
	}

	@Test
	void whenTheOwnerOfAMessageFailsThenItStillGetsItsSlotBackAndOthersHearOfTheirTimeout() {
		CountDownLatch never = new CountDownLatch(1);
		HandlerRunner runner = runner(Duration.ofMillis(200));
		RecordedSettlement<String> heard = new RecordedSettlement<>();
		Settlement<String> failing = new Settlement<>() {

			@Override
			protected void onSettled(@Nullable String answer, @Nullable Throwable failure) {
				heard.onSettled(answer, failure);
				throw new IllegalStateException("as it should");
			}

			@Override
			protected void onFree() {
				heard.onFree();
			}

		};
		Callable<CompletionStage<String>> blocks = () -> {
			never.await();
			return CompletableFuture.completedFuture("never");
		};
		runner.run(failing, blocks);
		RecordedSettlement<String> other = run(runner, blocks);
		assertThat(failure(heard.outcome())).isInstanceOf(HandlerTimeoutException.class);
		assertThat(failure(other.outcome())).isInstanceOf(HandlerTimeoutException.class);
		awaitEnd(heard);
		awaitEnd(other);
	}

	@Test
	void whenHandlerThrowsThenTheOutcomeIsWhatItThrew() {
		IllegalStateException thrown = new IllegalStateException("no");
		RecordedSettlement<String> running = run(runner(LONG), () -> {
			throw thrown;
		});
		assertThat(failure(running.outcome())).isSameAs(thrown);
		awaitEnd(running);
	}

	@Test
	void whenTheStageOfAHandlerIsNoFutureThenTheOutcomeIsAFailureAtOnceAndItsThreadIsFree() {
		CompletionStage<String> stage = new CompletableFuture<>() {

			@Override
			public CompletableFuture<String> toCompletableFuture() {
				throw new UnsupportedOperationException();
			}

		};
		RecordedSettlement<String> running = run(runner(LONG), () -> stage);
		assertThat(failure(running.outcome())).isInstanceOf(UnsupportedOperationException.class);
		awaitEnd(running);
	}

	@Test
	void whenThereCanBeNoMoreThreadsThenTheOutcomeIsAFailureAndNothingIsTaken() {
		RecordedSettlement<String> running = run(new HandlerRunner((task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		}, this.timer, LONG), () -> CompletableFuture.completedFuture("done"));
		assertThat(failure(running.outcome())).isInstanceOf(OutOfMemoryError.class);
		awaitEnd(running);
	}

	@Test
	void whenHandlerThrowsAnErrorThenTheOutcomeIsTheError() {
		AssertionError thrown = new AssertionError("no");
		RecordedSettlement<String> running = run(runner(LONG), () -> {
			throw thrown;
		});
		assertThat(failure(running.outcome())).isSameAs(thrown);
		awaitEnd(running);
	}

	@Test
	void whenHandlerReturnsNullThenItHasFailed() {
		RecordedSettlement<String> running = run(runner(LONG), () -> null);
		assertThat(failure(running.outcome())).isInstanceOf(NullPointerException.class);
		awaitEnd(running);
	}

	@Test
	void whenTimeIsOverThenBlockedThreadIsInterrupted() {
		AtomicBoolean interrupted = new AtomicBoolean();
		CountDownLatch begun = new CountDownLatch(1);
		RecordedSettlement<String> running = run(new HandlerRunner(this.executor, this.checks, SHORT), () -> {
			begun.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interrupted.set(true);
			}
			return CompletableFuture.completedFuture("too late");
		});
		awaitTimeout(begun, running);
		assertThat(failure(running.outcome())).isInstanceOf(HandlerTimeoutException.class)
			.hasMessage("not handled within 0.05s");
		awaitEnd(running);
		assertThat(interrupted).isTrue();
	}

	@Test
	void whenThreadIgnoresTheInterruptThenOutcomeComesInTimeAndTheEndWhenItIsBack() {
		CountDownLatch release = new CountDownLatch(1);
		AtomicBoolean stubborn = new AtomicBoolean();
		CountDownLatch begun = new CountDownLatch(1);
		RecordedSettlement<String> running = run(new HandlerRunner(this.executor, this.checks, SHORT), () -> {
			begun.countDown();
			while (release.getCount() > 0) {
				try {
					release.await();
				}
				catch (InterruptedException ex) {
					stubborn.set(true);
				}
			}
			return CompletableFuture.completedFuture("too late");
		});
		awaitTimeout(begun, running);
		assertThat(failure(running.outcome())).isInstanceOf(HandlerTimeoutException.class);
		await().untilTrue(stubborn);
		assertThat(running.end()).isNotDone();
		release.countDown();
		awaitEnd(running);
	}

	@Test
	void whenThreadIsBackThenItsInterruptIsGone() throws Exception {
		ExecutorService one = Executors.newSingleThreadExecutor();
		try {
			HandlerRunner runner = new HandlerRunner(one, this.timer, LONG);
			awaitEnd(run(runner, () -> {
				Thread.currentThread().interrupt();
				return CompletableFuture.completedFuture("done");
			}));
			assertThat(one.submit(() -> Thread.currentThread().isInterrupted()).get(10, TimeUnit.SECONDS)).isFalse();
		}
		finally {
			one.shutdownNow();
		}
	}

	@Test
	void whenTimeIsOverThenAsynchronousWorkIsCancelled() {
		CompletableFuture<String> work = new CompletableFuture<>();
		// A busy machine may need longer than a short time to call the handler.
		RecordedSettlement<String> running = run(new HandlerRunner(Runnable::run, this.timer, Duration.ofSeconds(1)),
				() -> work);
		assertThat(failure(running.outcome())).isInstanceOf(HandlerTimeoutException.class);
		awaitEnd(running);
		assertThat(work).isCancelled();
	}

	@Test
	void whenAllAreStoppedThenTheyFail() {
		HandlerRunner runner = runner(LONG);
		CountDownLatch started = new CountDownLatch(1);
		RecordedSettlement<String> running = run(runner, () -> {
			started.countDown();
			new CountDownLatch(1).await();
			return CompletableFuture.completedFuture("never");
		});
		await().until(() -> started.getCount() == 0);
		runner.stopAll();
		assertThat(failure(running.outcome())).isInstanceOf(HandlerStoppedException.class);
		awaitEnd(running);
	}

	@Test
	void whenThereAreNoThreadsThenItFailsAndEnds() {
		this.executor.shutdown();
		RecordedSettlement<String> running = run(runner(LONG), () -> CompletableFuture.completedFuture("done"));
		assertThat(failure(running.outcome())).isInstanceOf(RejectedExecutionException.class);
		awaitEnd(running);
	}

	@Test
	void whenAskedThenItKnowsItsThreads() {
		HandlerRunner runner = runner(LONG);
		RecordedSettlement<Boolean> running = run(runner, () -> CompletableFuture.completedFuture(runner.isHandling()));
		assertThat(settled(running.outcome())).isCompletedWithValue(true);
		awaitEnd(running);
		assertThat(runner.isHandling()).isFalse();
	}

	@Test
	void whenTheResultCannotBeProcessedThenTheMessageFails() {
		RecordedSettlement<String> settlement = new RecordedSettlement<>();
		IllegalStateException thrown = new IllegalStateException("as it should");
		runner(LONG).run(settlement, () -> CompletableFuture.completedFuture(1), (value, failure) -> {
			throw thrown;
		});
		assertThat(failure(settlement.outcome())).isSameAs(thrown);
		awaitEnd(settlement);
	}

	@Test
	void whenTheResultDoesNotSettleTheMessageThenAnotherHandlerCan() {
		RecordedSettlement<String> settlement = new RecordedSettlement<>();
		HandlerRunner runner = runner(LONG);
		runner.run(settlement, () -> CompletableFuture.completedFuture(1),
				(value, failure) -> runner.run(settlement, () -> CompletableFuture.completedFuture("second")));
		assertThat(settled(settlement.outcome())).isCompletedWithValue("second");
		awaitEnd(settlement);
	}

	@Test
	void whenTheMessageIsSettledThenItsHandlerIsNotCalled() {
		RecordedSettlement<String> settlement = new RecordedSettlement<>();
		settlement.settle("before");
		AtomicBoolean called = new AtomicBoolean();
		new HandlerRunner(Runnable::run, this.timer, LONG).run(settlement, () -> {
			called.set(true);
			return CompletableFuture.completedFuture("after");
		});
		assertThat(called).isFalse();
		assertThat(settlement.outcome()).isCompletedWithValue("before");
	}

	@Test
	void whenAsynchronousWorkCompletesAfterTheTimeoutThenTheTimeoutStandsAndTheSlotIsFree() {
		CompletableFuture<String> work = new CompletableFuture<>() {

			@Override
			public boolean cancel(boolean mayInterruptIfRunning) {
				return false;
			}

		};
		RecordedSettlement<String> settlement = run(new HandlerRunner(Runnable::run, this.timer, SHORT), () -> work);
		assertThat(failure(settlement.outcome())).isInstanceOf(HandlerTimeoutException.class);
		assertThat(settlement.end()).isNotDone();
		work.complete("late");
		awaitEnd(settlement);
		assertThat(failure(settlement.outcome())).isInstanceOf(HandlerTimeoutException.class);
	}

	@Test
	void whenTheyAreStoppedWhileTheyEndThenEachIsSettledOnceAndFree() {
		HandlerRunner runner = runner(LONG);
		List<RecordedSettlement<String>> settlements = new ArrayList<>();
		for (int i = 0; i < 500; i++) {
			settlements.add(run(runner, () -> CompletableFuture.completedFuture("done")));
			runner.stopAll();
		}
		for (RecordedSettlement<String> settlement : settlements) {
			Throwable failure = failure(settlement.outcome());
			assertThat(failure == null || failure instanceof HandlerStoppedException).isTrue();
			awaitEnd(settlement);
		}
		assertThat(runner.isHandling()).isFalse();
	}

}
