package dev.pluggable.stream;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

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

	@AfterEach
	void close() throws Exception {
		this.executor.shutdownNow();
		this.timer.shutdownNow();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	private HandlerRunner runner(Duration timeout) {
		return new HandlerRunner(this.executor, this.timer, timeout);
	}

	private static <T> CompletableFuture<T> settled(CompletionStage<T> stage) {
		CompletableFuture<T> future = stage.toCompletableFuture();
		await().until(future::isDone);
		return future;
	}

	private static Throwable failure(CompletionStage<?> stage) {
		return settled(stage).handle((value, failure) -> failure).join();
	}

	@Test
	void whenHandlerReturnsThenItsOutcomeIsKnownAndItsThreadIsFree() {
		HandlerRunner.Running<String> running = runner(LONG).run(() -> CompletableFuture.completedFuture("done"));
		assertThat(settled(running.outcome())).isCompletedWithValue("done");
		settled(running.ended());
	}

	@Test
	void whenHandlerThrowsThenTheOutcomeIsWhatItThrew() {
		IllegalStateException thrown = new IllegalStateException("no");
		HandlerRunner.Running<String> running = runner(LONG).run(() -> {
			throw thrown;
		});
		assertThat(failure(running.outcome())).isSameAs(thrown);
		settled(running.ended());
	}

	@Test
	void whenTheStageOfAHandlerIsNoFutureThenTheOutcomeIsAFailureAtOnceAndItsThreadIsFree() {
		CompletionStage<String> stage = new CompletableFuture<>() {

			@Override
			public CompletableFuture<String> toCompletableFuture() {
				throw new UnsupportedOperationException();
			}

		};
		HandlerRunner.Running<String> running = runner(LONG).run(() -> stage);
		assertThat(failure(running.outcome())).isInstanceOf(UnsupportedOperationException.class);
		settled(running.ended());
	}

	@Test
	void whenThereCanBeNoMoreThreadsThenTheOutcomeIsAFailureAndNothingIsTaken() {
		HandlerRunner.Running<String> running = new HandlerRunner((task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		}, this.timer, LONG).run(() -> CompletableFuture.completedFuture("done"));
		assertThat(failure(running.outcome())).isInstanceOf(OutOfMemoryError.class);
		settled(running.ended());
	}

	@Test
	void whenHandlerThrowsAnErrorThenTheOutcomeIsTheError() {
		AssertionError thrown = new AssertionError("no");
		HandlerRunner.Running<String> running = runner(LONG).run(() -> {
			throw thrown;
		});
		assertThat(failure(running.outcome())).isSameAs(thrown);
		settled(running.ended());
	}

	@Test
	void whenHandlerReturnsNullThenItHasFailed() {
		HandlerRunner.Running<String> running = runner(LONG).run(() -> null);
		assertThat(failure(running.outcome())).isInstanceOf(NullPointerException.class);
		settled(running.ended());
	}

	@Test
	void whenTimeIsOverThenBlockedThreadIsInterrupted() {
		AtomicBoolean interrupted = new AtomicBoolean();
		HandlerRunner.Running<String> running = runner(SHORT).run(() -> {
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interrupted.set(true);
			}
			return CompletableFuture.completedFuture("too late");
		});
		assertThat(failure(running.outcome())).isInstanceOf(HandlerTimeoutException.class)
			.hasMessage("not handled within 0.05s");
		settled(running.ended());
		assertThat(interrupted).isTrue();
	}

	@Test
	void whenThreadIgnoresTheInterruptThenOutcomeComesInTimeAndTheEndWhenItIsBack() {
		CountDownLatch release = new CountDownLatch(1);
		AtomicBoolean stubborn = new AtomicBoolean();
		HandlerRunner.Running<String> running = runner(SHORT).run(() -> {
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
		assertThat(failure(running.outcome())).isInstanceOf(HandlerTimeoutException.class);
		await().untilTrue(stubborn);
		assertThat(running.ended().toCompletableFuture()).isNotDone();
		release.countDown();
		settled(running.ended());
	}

	@Test
	void whenThreadIsBackThenItsInterruptIsGone() throws Exception {
		ExecutorService one = Executors.newSingleThreadExecutor();
		try {
			HandlerRunner runner = new HandlerRunner(one, this.timer, LONG);
			settled(runner.run(() -> {
				Thread.currentThread().interrupt();
				return CompletableFuture.completedFuture("done");
			}).ended());
			assertThat(one.submit(() -> Thread.currentThread().isInterrupted()).get(10, TimeUnit.SECONDS)).isFalse();
		}
		finally {
			one.shutdownNow();
		}
	}

	@Test
	void whenTimeIsOverThenAsynchronousWorkIsCancelled() {
		CompletableFuture<String> work = new CompletableFuture<>();
		HandlerRunner.Running<String> running = runner(SHORT).run(() -> work);
		assertThat(failure(running.outcome())).isInstanceOf(HandlerTimeoutException.class);
		settled(running.ended());
		assertThat(work).isCancelled();
	}

	@Test
	void whenAllAreStoppedThenTheyFail() {
		HandlerRunner runner = runner(LONG);
		CountDownLatch started = new CountDownLatch(1);
		HandlerRunner.Running<String> running = runner.run(() -> {
			started.countDown();
			new CountDownLatch(1).await();
			return CompletableFuture.completedFuture("never");
		});
		await().until(() -> started.getCount() == 0);
		runner.stopAll();
		assertThat(failure(running.outcome())).isInstanceOf(HandlerStoppedException.class);
		settled(running.ended());
	}

	@Test
	void whenThereAreNoThreadsThenItFailsAndEnds() {
		this.executor.shutdown();
		HandlerRunner.Running<String> running = runner(LONG).run(() -> CompletableFuture.completedFuture("done"));
		assertThat(failure(running.outcome())).isInstanceOf(RejectedExecutionException.class);
		settled(running.ended());
	}

	@Test
	void whenAskedThenItKnowsItsThreads() {
		HandlerRunner runner = runner(LONG);
		HandlerRunner.Running<Boolean> running = runner
			.run(() -> CompletableFuture.completedFuture(runner.isHandling()));
		assertThat(settled(running.outcome())).isCompletedWithValue(true);
		settled(running.ended());
		assertThat(runner.isHandling()).isFalse();
	}

}
