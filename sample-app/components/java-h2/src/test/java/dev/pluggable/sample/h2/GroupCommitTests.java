package dev.pluggable.sample.h2;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import dev.pluggable.ComponentException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for {@link GroupCommit}.
 */
class GroupCommitTests {

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final AtomicReference<Throwable> fatal = new AtomicReference<>();

	@AfterEach
	void stop() {
		this.executor.shutdownNow();
	}

	private GroupCommit groupCommit(GroupCommit.Journal journal) {
		return new GroupCommit("test", journal, this.fatal::set);
	}

	@Test
	void whenManyComeDuringACommitThenTheyShareTheNext() throws Exception {
		BlockingJournal journal = new BlockingJournal();
		AtomicInteger worked = new AtomicInteger();
		try (GroupCommit commits = groupCommit(journal)) {
			Future<?> first = this.executor.submit(() -> commits.submit(worked::incrementAndGet));
			journal.begun.await();
			List<Future<?>> others = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				others.add(this.executor.submit(() -> commits.submit(worked::incrementAndGet)));
			}
			Awaitility.await().until(commits::waiting, (waiting) -> waiting == 20);
			assertThat(first).isNotDone();
			journal.permits.release(2);
			first.get();
			for (Future<?> other : others) {
				other.get();
			}
			assertThat(worked).hasValue(21);
			assertThat(journal.commits).hasValue(2);
		}
		assertThat(journal.end).hasValue(true);
	}

	@Test
	void whenWorkIsRefusedThenCallerIsTold() {
		BlockingJournal journal = new BlockingJournal();
		journal.permits.release(2);
		InvalidRequestException refusal = new InvalidRequestException("no");
		try (GroupCommit commits = groupCommit(journal)) {
			assertThatThrownBy(() -> commits.submit(() -> {
				throw refusal;
			})).isSameAs(refusal);
			commits.submit(() -> {
			});
		}
		assertThat(this.fatal).hasNullValue();
	}

	@Test
	void whenCommitFailsThenCallersAreToldAndNothingIsDoneAnyMore() {
		UncheckedIOException failure = new UncheckedIOException(new IOException("disk full"));
		BlockingJournal journal = new BlockingJournal() {

			@Override
			public void commit() {
				throw failure;
			}

		};
		try (GroupCommit commits = groupCommit(journal)) {
			assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> commits.submit(() -> {
			})).withMessageContaining("disk full").withMessageContaining("cannot say");
			assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> commits.submit(() -> {
			})).withMessageContaining("cannot write any more");
			Awaitility.await().untilAsserted(() -> assertThat(this.fatal).hasValue(failure));
		}
		assertThat(journal.end).hasValue(false);
	}

	@Test
	void whenClosedThenRefused() {
		GroupCommit commits = groupCommit(new BlockingJournal());
		commits.close();
		commits.close();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> commits.submit(() -> {
		}));
	}

	private static class BlockingJournal implements GroupCommit.Journal {

		final CountDownLatch begun = new CountDownLatch(1);

		final Semaphore permits = new Semaphore(0);

		final AtomicInteger commits = new AtomicInteger();

		final AtomicReference<Boolean> end = new AtomicReference<>();

		@Override
		public void commit() {
			this.begun.countDown();
			this.permits.acquireUninterruptibly();
			this.commits.incrementAndGet();
		}

		@Override
		public void idle() {
		}

		@Override
		public void end(boolean well) {
			this.end.set(well);
		}

	}

}
