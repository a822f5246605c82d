package dev.pluggable.internal.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.fixtures.LogCapture;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HostTicks}.
 */
class HostTicksTests {

	private static final Duration TICK = Duration.ofMillis(250);

	private final FakeHostThread host = new FakeHostThread();

	private final HostTicks ticks = new HostTicks(this.host.thread(), TICK);

	@Test
	void whenAThousandEndpointsWaitThenTheyShareTheWakeUps() {
		List<Duration> late = new ArrayList<>();
		for (int i = 0; i < 1000; i++) {
			long due = this.host.thread().nanos() + Duration.ofMillis(i * 10L).toNanos();
			this.ticks.schedule(Duration.ofMillis(i * 10L),
					() -> late.add(Duration.ofNanos(this.host.thread().nanos() - due)));
		}
		assertThat(this.host.pending()).isLessThanOrEqualTo(41);
		this.host.advance(Duration.ofSeconds(11));
		assertThat(late).hasSize(1000).allSatisfy((duration) -> assertThat(duration).isBetween(Duration.ZERO, TICK));
		assertThat(this.host.pending()).isZero();
	}

	@Test
	void whenATaskIsCancelledThenTheOthersOfItsTickRun() {
		List<String> run = new ArrayList<>();
		HostTicks.Entry cancelled = this.ticks.schedule(TICK, () -> run.add("cancelled"));
		this.ticks.schedule(TICK, () -> run.add("other"));
		cancelled.cancel();
		this.host.advance(TICK.multipliedBy(2));
		assertThat(run).containsExactly("other");
	}

	@Test
	void whenATaskFailsThenTheOthersOfItsTickRun() {
		List<String> run = new ArrayList<>();
		this.ticks.schedule(TICK, () -> {
			throw new IllegalStateException("boom");
		});
		this.ticks.schedule(TICK, () -> run.add("other"));
		try (LogCapture log = new LogCapture()) {
			this.host.advance(TICK.multipliedBy(2));
			assertThat(log.text()).contains("boom");
		}
		assertThat(run).containsExactly("other");
	}

	@Test
	void whenATaskSchedulesItselfThenItRunsAtALaterTick() {
		List<Long> run = new ArrayList<>();
		this.ticks.schedule(Duration.ZERO, () -> {
			run.add(this.host.thread().nanos());
			this.ticks.schedule(Duration.ofNanos(1), () -> run.add(this.host.thread().nanos()));
		});
		this.host.advance(TICK.multipliedBy(3));
		assertThat(run).hasSize(2);
		assertThat(run.get(1) - run.get(0)).isEqualTo(TICK.toNanos());
	}

}
