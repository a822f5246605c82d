package dev.pluggable.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link Settlement}.
 */
@Timeout(60)
class SettlementTests {

	private final RecordedSettlement<String> settlement = new RecordedSettlement<>();

	@Test
	void whenNothingHoldsTheMessageThenItIsFreeAsSoonAsItIsSettled() {
		assertThat(this.settlement.isSettled()).isFalse();
		assertThat(this.settlement.settle("done")).isTrue();
		assertThat(this.settlement.isSettled()).isTrue();
		assertThat(this.settlement.outcome()).isCompletedWithValue("done");
		assertThat(this.settlement.end()).isCompleted();
	}

	@Test
	void whenSettledTwiceThenTheFirstOutcomeCounts() {
		assertThat(this.settlement.settle("first")).isTrue();
		assertThat(this.settlement.settle("second")).isFalse();
		assertThat(this.settlement.fail(new IllegalStateException("third"))).isFalse();
		assertThat(this.settlement.outcome()).isCompletedWithValue("first");
		assertThat(this.settlement.end()).isCompleted();
	}

	@Test
	void whenItFailsThenALaterAnswerHasNoEffect() {
		IllegalStateException failure = new IllegalStateException("as it should");
		assertThat(this.settlement.fail(failure)).isTrue();
		assertThat(this.settlement.settle("late")).isFalse();
		assertThat(this.settlement.outcome()).isCompletedExceptionally();
		assertThat(this.settlement.outcome().handle((answer, thrown) -> thrown).join()).isSameAs(failure);
	}

	@Test
	void whenHeldThenItIsFreeAfterTheLastRelease() {
		this.settlement.hold();
		this.settlement.hold();
		assertThat(this.settlement.isHeld()).isTrue();
		this.settlement.settle("done");
		assertThat(this.settlement.outcome()).isCompletedWithValue("done");
		this.settlement.release();
		assertThat(this.settlement.isHeld()).isTrue();
		assertThat(this.settlement.end()).isNotDone();
		this.settlement.release();
		assertThat(this.settlement.isHeld()).isFalse();
		assertThat(this.settlement.end()).isCompleted();
	}

	@Test
	void whenReleasedBeforeItIsSettledThenItIsFreeWithTheOutcome() {
		this.settlement.hold();
		this.settlement.release();
		assertThat(this.settlement.isHeld()).isFalse();
		assertThat(this.settlement.end()).isNotDone();
		this.settlement.settle("done");
		assertThat(this.settlement.end()).isCompleted();
	}

	@Test
	void whenSettledThenNoFurtherWorkBegins() {
		this.settlement.settle("done");
		assertThat(this.settlement.hold()).isFalse();
		RecordedSettlement<String> held = new RecordedSettlement<>();
		held.hold();
		held.settle("done");
		assertThat(held.hold()).isFalse();
		held.release();
		assertThat(held.end()).isCompleted();
	}

	@Test
	void whenTheOwnerFailsThenItStillGetsItsSlotBack() {
		List<String> told = new ArrayList<>();
		Settlement<String> failing = new Settlement<>() {

			@Override
			protected void onSettled(@Nullable String answer, @Nullable Throwable failure) {
				told.add("outcome");
				throw new IllegalStateException("as it should");
			}

			@Override
			protected void onFree() {
				told.add("free");
			}

		};
		assertThatIllegalStateException().isThrownBy(() -> failing.settle("done"));
		assertThat(failing.settle("again")).isFalse();
		assertThat(told).containsExactly("outcome", "free");
	}

	@Test
	void whenIdleThenAnActionRunsAtOnce() {
		AtomicInteger runs = new AtomicInteger();
		this.settlement.whenIdle(runs::incrementAndGet);
		assertThat(runs).hasValue(1);
	}

	@Test
	void whenHeldThenAnActionWaitsForTheRelease() {
		AtomicInteger runs = new AtomicInteger();
		this.settlement.hold();
		this.settlement.whenIdle(runs::incrementAndGet);
		assertThat(runs).hasValue(0);
		this.settlement.release();
		assertThat(runs).hasValue(1);
		this.settlement.hold();
		this.settlement.release();
		assertThat(runs).as("runs after the first").hasValue(1);
	}

	@Test
	void whenSettledBeforeTheReleaseThenAnActionDoesNotRun() {
		AtomicInteger runs = new AtomicInteger();
		this.settlement.hold();
		this.settlement.whenIdle(runs::incrementAndGet);
		this.settlement.settle("done");
		this.settlement.release();
		assertThat(this.settlement.end()).isCompleted();
		assertThat(runs).hasValue(0);
	}

	@Test
	void whenManyThreadsSettleAndReleaseThenTheOwnerIsToldOnceAndInOrder() throws Exception {
		int threads = 4;
		int rounds = 5000;
		List<RecordedSettlement<Integer>> settlements = new ArrayList<>();
		for (int i = 0; i < rounds; i++) {
			settlements.add(new RecordedSettlement<>());
		}
		AtomicInteger winners = new AtomicInteger();
		Phaser phaser = new Phaser(threads);
		CountDownLatch done = new CountDownLatch(threads);
		ExecutorService pool = Executors.newFixedThreadPool(threads);
		try {
			for (int i = 0; i < threads; i++) {
				int thread = i;
				pool.execute(() -> {
					for (RecordedSettlement<Integer> settlement : settlements) {
						boolean held = settlement.hold();
						phaser.arriveAndAwaitAdvance();
						if (thread % 2 == 0 && settlement.settle(thread)) {
							winners.incrementAndGet();
						}
						if (held) {
							settlement.release();
						}
						if (thread % 2 != 0 && settlement.fail(new IllegalStateException())) {
							winners.incrementAndGet();
						}
					}
					done.countDown();
				});
			}
			assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
		}
		finally {
			pool.shutdownNow();
		}
		assertThat(winners).hasValue(rounds);
		assertThat(settlements).allSatisfy((settlement) -> assertThat(settlement.end()).isCompleted());
	}

	@Test
	void whenAnActionIsRegisteredDuringTheReleaseThenItRunsOnce() throws Exception {
		int rounds = 5000;
		AtomicInteger runs = new AtomicInteger();
		ExecutorService other = Executors.newSingleThreadExecutor();
		try {
			Phaser phaser = new Phaser(2);
			List<RecordedSettlement<String>> settlements = new ArrayList<>();
			for (int i = 0; i < rounds; i++) {
				settlements.add(new RecordedSettlement<>());
				settlements.get(i).hold();
			}
			CountDownLatch done = new CountDownLatch(1);
			other.execute(() -> {
				settlements.forEach((settlement) -> {
					phaser.arriveAndAwaitAdvance();
					settlement.release();
				});
				done.countDown();
			});
			for (RecordedSettlement<String> settlement : settlements) {
				phaser.arriveAndAwaitAdvance();
				settlement.whenIdle(runs::incrementAndGet);
			}
			assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
		}
		finally {
			other.shutdownNow();
		}
		assertThat(runs).hasValue(rounds);
	}

}
