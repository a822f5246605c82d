package dev.pluggable.spring.bindings;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.bindings.BindingEvent;
import dev.pluggable.bindings.ReadRequest;
import dev.pluggable.bindings.Reading;
import dev.pluggable.stream.StreamStatus;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(60)
class CronBindingTests {

	private static final Instant START = Instant.parse("2026-03-28T10:00:00Z");

	private final ManualTime time = new ManualTime();

	private CronBinding binding = binding("@every 10s");

	private final BlockingQueue<BindingEvent> events = new LinkedBlockingQueue<>();

	private CronBinding binding(String schedule) {
		BindingMetadata metadata = new BindingMetadata("bindings.cron",
				Map.of("schedule", schedule, "timeZone", "UTC"));
		return new CronBinding("tick", CronSchedule.of(metadata), this.time, this.time);
	}

	@AfterEach
	void close() {
		this.binding.close();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("pluggable-cron") && thread.isAlive()));
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(5));
	}

	private BindingEvent event() throws InterruptedException {
		BindingEvent event = this.events.poll(20, TimeUnit.SECONDS);
		assertThat(event).isNotNull();
		return event;
	}

	private byte[] keep(BindingEvent event) {
		this.events.add(event);
		return null;
	}

	private static void idle(Reading reading) {
		await().until(() -> reading.status().inFlight() == 0);
	}

	@Test
	void whenItIsTimeThenThereIsAnEvent() throws Exception {
		Reading reading = this.binding.read(this::keep);
		this.time.advance(Duration.ofMillis(9999));
		assertThat(reading.status().received()).isZero();
		this.time.advance(Duration.ofMillis(1));
		assertThat(event()).isEqualTo(new BindingEvent("1", new byte[0], null,
				Map.of("readTimeUTC", "2026-03-28T10:00:10Z", "timeZone", "UTC")));
		idle(reading);
		this.time.advance(Duration.ofSeconds(10));
		assertThat(event().metadata()).containsEntry("readTimeUTC", "2026-03-28T10:00:20Z");
		assertThat(reading.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		assertThat(reading.status().received()).isEqualTo(2);
	}

	@Test
	void whenAnExpressionIsFarAwayThenItIsWaitedForInSmallSteps() throws Exception {
		this.binding.close();
		this.binding = binding("0 0 12 * * *");
		this.binding.read(this::keep);
		this.time.advance(Duration.ofMinutes(119));
		assertThat(this.events).isEmpty();
		this.time.advance(Duration.ofMinutes(1));
		assertThat(event().metadata()).containsEntry("readTimeUTC", "2026-03-28T12:00:00Z");
	}

	@Test
	void whenARunLastsThenThoseBeyondTheConcurrencyAreSkipped() throws Exception {
		Semaphore permits = new Semaphore(0);
		Reading reading = this.binding.read(ReadRequest.defaults().withConcurrency(2), (event) -> {
			this.events.add(event);
			permits.acquire();
			return null;
		});
		for (int i = 0; i < 5; i++) {
			this.time.advance(Duration.ofSeconds(10));
		}
		assertThat(reading.status().received()).isEqualTo(2);
		assertThat(reading.status().inFlight()).isEqualTo(2);
		permits.release(100);
		idle(reading);
		this.time.advance(Duration.ofSeconds(10));
		event();
		event();
		assertThat(event().metadata()).containsEntry("readTimeUTC", "2026-03-28T10:01:00Z");
		assertThat(reading.status().received()).isEqualTo(3);
	}

	@Test
	void whenTheMachineWasSuspendedThenWhatWasMissedIsOneRun() throws Exception {
		this.binding.close();
		this.binding = binding("*/10 * * * * *");
		Reading reading = this.binding.read(this::keep);
		this.time.jump(Duration.ofSeconds(95));
		this.time.advance(Duration.ofSeconds(10));
		assertThat(event().metadata()).containsEntry("readTimeUTC", "2026-03-28T10:01:45Z");
		idle(reading);
		assertThat(reading.status().received()).isEqualTo(1);
		this.time.advance(Duration.ofSeconds(5));
		assertThat(event().metadata()).containsEntry("readTimeUTC", "2026-03-28T10:01:50Z");
	}

	@ParameterizedTest
	@ValueSource(longs = { 3600, 86_400, 30, 3, 1 })
	void whenTheClockIsSetBackThenTheScheduleGoesOn(long seconds) {
		this.binding.close();
		this.binding = binding("*/2 * * * * *");
		Reading reading = this.binding.read(this::keep);
		this.time.advance(Duration.ofMillis(500));
		for (int i = 0; i < 10; i++) {
			this.time.advance(Duration.ofSeconds(1));
			idle(reading);
		}
		assertThat(reading.status().received()).isEqualTo(5);
		this.time.jump(Duration.ofSeconds(-seconds));
		for (int i = 0; i < 10; i++) {
			this.time.advance(Duration.ofSeconds(1));
			idle(reading);
		}
		assertThat(reading.status().received()).isBetween(8L, 10L);
	}

	@Test
	void whenTheClockIsSetBackBeforeTheFirstRunThenTheScheduleGoesOn() {
		this.binding.close();
		this.binding = binding("*/2 * * * * *");
		Reading reading = this.binding.read(this::keep);
		this.time.jump(Duration.ofHours(-1));
		this.time.advance(Duration.ofSeconds(4));
		assertThat(reading.status().received()).isOne();
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 600, 3600 })
	void whenTheClockIsSetBackAfterADailyRunThenTheRunDoesNotComeTwice(long seconds) throws Exception {
		this.binding.close();
		this.binding = binding("0 0 12 * * *");
		Reading reading = this.binding.read(this::keep);
		this.time.advance(Duration.ofHours(2).plusMillis(500));
		assertThat(event().metadata().get("readTimeUTC")).startsWith("2026-03-28T12:00:00");
		idle(reading);
		this.time.jump(Duration.ofSeconds(-seconds));
		this.time.advance(Duration.ofHours(23));
		assertThat(reading.status().received()).isOne();
		this.time.advance(Duration.ofSeconds(seconds).plusHours(1));
		assertThat(event().metadata().get("readTimeUTC")).startsWith("2026-03-29T12:00:00");
	}

	@Test
	void whenTheClockIsWrongForAWhileThenADailyRunDoesNotComeTwice() {
		this.binding.close();
		this.binding = binding("0 0 12 * * *");
		Reading reading = this.binding.read(this::keep);
		this.time.jump(Duration.ofHours(3));
		this.time.advance(Duration.ofMinutes(2));
		idle(reading);
		assertThat(reading.status().received()).isOne();
		this.time.jump(Duration.ofHours(-3));
		this.time.advance(Duration.ofHours(4));
		assertThat(reading.status().received()).isOne();
	}

	@ParameterizedTest
	@ValueSource(longs = { -3600, -5, 5, 3600 })
	void whenTheClockChangesThenAPeriodGoesByMonotonicTime(long seconds) {
		Reading reading = this.binding.read(this::keep);
		this.time.advance(Duration.ofSeconds(15));
		this.time.jump(Duration.ofSeconds(seconds));
		for (int i = 2; i < 7; i++) {
			this.time.advance(Duration.ofSeconds(4));
			idle(reading);
			assertThat(reading.status().received()).isEqualTo(i - 1);
			this.time.advance(Duration.ofSeconds(1));
			idle(reading);
			assertThat(reading.status().received()).isEqualTo(i);
			this.time.advance(Duration.ofSeconds(5));
		}
	}

	@Test
	void whenTheHandlerFailsThenItIsCalledAgain() throws Exception {
		Reading reading = this.binding.read((event) -> {
			this.events.add(event);
			throw new IllegalStateException();
		});
		this.time.advance(Duration.ofSeconds(10));
		event();
		idle(reading);
		this.time.advance(Duration.ofSeconds(10));
		event();
	}

	@Test
	void whenTheHandlerBlocksThenItIsInterruptedInTime() throws Exception {
		CountDownLatch interrupted = new CountDownLatch(1);
		Reading reading = this.binding.read(ReadRequest.defaults().withHandlerTimeout(Duration.ofMillis(50)),
				(event) -> {
					try {
						new CountDownLatch(1).await();
					}
					catch (InterruptedException ex) {
						interrupted.countDown();
					}
					return null;
				});
		this.time.advance(Duration.ofSeconds(10));
		assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
		idle(reading);
	}

	@Test
	void whenClosedThenTheRunEndsAndThereAreNoMore() throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch gate = new CountDownLatch(1);
		Reading reading = this.binding.read((event) -> {
			this.events.add(event);
			begun.countDown();
			gate.await();
			return null;
		});
		this.time.advance(Duration.ofSeconds(10));
		assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
		CompletionStage<?> drained = reading.drain(Duration.ofSeconds(20));
		assertThat(reading.status().state()).isEqualTo(StreamStatus.State.DRAINING);
		gate.countDown();
		drained.toCompletableFuture().get(20, TimeUnit.SECONDS);
		reading.close();
		assertThat(reading.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		this.time.advance(Duration.ofSeconds(100));
		assertThat(this.events).hasSize(1);
	}

	@Test
	void whenTheGraceIsOverThenTheRunIsInterrupted() throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		Reading reading = this.binding.read(ReadRequest.defaults().withGrace(Duration.ofMillis(50)), (event) -> {
			begun.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
			}
			return null;
		});
		this.time.advance(Duration.ofSeconds(10));
		assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
		reading.close();
		assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenAHandlerClosesItsReadingThenItDoesNotWaitForItself() throws Exception {
		AtomicReference<Reading> reading = new AtomicReference<>();
		CompletableFuture<Void> done = new CompletableFuture<>();
		reading.set(this.binding.read((event) -> {
			reading.get().close();
			done.complete(null);
			return null;
		}));
		this.time.advance(Duration.ofSeconds(10));
		done.get(5, TimeUnit.SECONDS);
	}

	@Test
	void whenDrainedThenThereIsNoNewReading() throws Exception {
		Reading reading = this.binding.read(this::keep);
		this.binding.drain(Duration.ofSeconds(1)).toCompletableFuture().get(20, TimeUnit.SECONDS);
		assertThat(reading.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> this.binding.read(this::keep));
	}

	@Test
	void whenOnTheRealClockThenItTicks() throws Exception {
		this.binding.close();
		this.binding = CronBinding.create("tick", Map.of("schedule", "@every 1s", "direction", "input"));
		this.binding.read(this::keep);
		assertThat(List.of(event().id(), event().id())).containsExactly("1", "2");
	}

	/**
	 * A clock and a timer that a test advances.
	 */
	private static final class ManualTime extends Clock implements CronTimer {

		private final PriorityQueue<Task> tasks = new PriorityQueue<>();

		private Duration passed = Duration.ZERO;

		private Duration offset = Duration.ZERO;

		private record Task(Duration at, FutureTask<?> work) implements Comparable<Task> {

			@Override
			public int compareTo(Task other) {
				return this.at.compareTo(other.at);
			}

		}

		/**
		 * Advance the time, and run the tasks that are due.
		 */
		void advance(Duration duration) {
			Duration end = this.passed.plus(duration);
			for (Task next = next(end); next != null; next = next(end)) {
				next.work().run();
			}
			synchronized (this) {
				this.passed = end;
			}
		}

		private synchronized Task next(Duration end) {
			Task next = this.tasks.peek();
			if (next == null || next.at().compareTo(end) > 0) {
				return null;
			}
			this.passed = next.at();
			return this.tasks.poll();
		}

		/**
		 * Move the clock without advancing the timer.
		 */
		synchronized void jump(Duration duration) {
			this.offset = this.offset.plus(duration);
		}

		@Override
		public synchronized long nanoTime() {
			return this.passed.toNanos();
		}

		@Override
		public synchronized Future<?> schedule(Duration delay, Runnable task) {
			Task scheduled = new Task(this.passed.plus(delay), new FutureTask<>(task, null));
			this.tasks.add(scheduled);
			return scheduled.work();
		}

		@Override
		public synchronized Instant instant() {
			return START.plus(this.passed).plus(this.offset);
		}

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

	}

}
