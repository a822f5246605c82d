package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.pluggable.fixtures.RecordedLog;
import dev.pluggable.internal.supervisor.FakePlugin.Behaviour;
import dev.pluggable.internal.supervisor.FakePlugin.FakeRun;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings.Policy;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Properties of {@link Plugin} under random events. A failure prints its seed; the
 * attribute {@code seed} of {@code @Property} replays the failure.
 */
class PluginPropertyTests {

	private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("dev.pluggable.internal");

	private static final RecordedLog ERRORS = new RecordedLog();

	/**
	 * The longest recovery: launch timeout, hang, drain, orderly end and the longest
	 * delays.
	 */
	private static final Duration RECOVERY = FakePlugin.START_TIMEOUT.plus(FakePlugin.DRAIN_TIMEOUT)
		.plus(FakePlugin.STOP_TIMEOUT)
		.plusSeconds(30);

	@BeforeContainer
	static void captureErrors() {
		LOGGER.setLevel(Level.ERROR);
		LOGGER.setAdditive(false);
		LOGGER.addAppender(ERRORS);
	}

	@AfterContainer
	static void releaseErrors() {
		LOGGER.detachAppender(ERRORS);
		LOGGER.setAdditive(true);
		LOGGER.setLevel(null);
	}

	@Property(tries = 3000)
	void invariantsHoldWhateverHappens(@ForAll("events") @Size(max = 60) List<Event> events) {
		ERRORS.clear();
		World world = new World(Policy.ALWAYS);
		events.forEach(world::apply);
		world.recover();
		world.close();
		assertThat(ERRORS.events()).extracting(ILoggingEvent::getFormattedMessage)
			.noneMatch((message) -> message.contains("cannot go from") || message.contains("failed while"));
	}

	@Property(tries = 500)
	void nothingStartsByItselfIfThePolicyIsNever(@ForAll("events") @Size(max = 30) List<Event> events) {
		World world = new World(Policy.NEVER);
		events.forEach(world::apply);
		assertThat(world.fake.plugin.status().restarts()).isZero();
		world.close();
	}

	@Property(tries = 300)
	void aProgramThatNeverWorksIsInACrashLoopAndIsTriedAgainSlowly(@ForAll("broken") Behaviour behaviour,
			@ForAll double random) {
		double bounded = Math.abs(random % 1);
		FakePlugin fake = new FakePlugin(FakePlugin.restart(Policy.ALWAYS), () -> bounded);
		fake.behaviour = behaviour;
		fake.start();
		fake.advance(Duration.ofMinutes(1));
		for (int step = 0; step < 20 && fake.state() == PluginState.READY; step++) {
			fake.advance(Duration.ofMillis(100));
		}
		assertThat(fake.reason()).contains("crash loop: 5 crashes within 60s");
		int runs = fake.runs.size();
		fake.advance(Duration.ofMinutes(1));
		assertThat(fake.runs).as("one attempt after each longest delay").hasSizeBetween(runs + 20, runs + 76);
		fake.behaviour = Behaviour.WELL;
		fake.advance(Duration.ofMinutes(2));
		assertThat(fake.state()).isEqualTo(PluginState.READY);
	}

	@Provide
	Arbitrary<Behaviour> broken() {
		return Arbitraries.of(Behaviour.EXITS_EARLY, Behaviour.BROKEN_HANDSHAKE, Behaviour.CRASHES);
	}

	@Provide
	Arbitrary<List<Event>> events() {
		Arbitrary<Event> event = Arbitraries.frequencyOf(
				Tuple.of(8, Arbitraries.integers().between(0, 20_000).map(Event.Advance::new)),
				Tuple.of(6, Arbitraries.of(Event.Call.values())), Tuple.of(6, Arbitraries.of(Event.Process.values())),
				Tuple.of(4,
						Arbitraries.of(Behaviour.class)
							.filter((behaviour) -> behaviour != Behaviour.MANUAL)
							.map(Event.Behave::new)));
		return event.list();
	}

	/**
	 * An event in the life of a plugin.
	 */
	sealed interface Event {

		/** Time passes. */
		record Advance(int millis) implements Event {
		}

		/** All later processes have this behaviour. */
		record Behave(Behaviour behaviour) implements Event {
		}

		/** The application calls a method of the plugin. */
		enum Call implements Event {

			START, STOP, RESTART

		}

		/**
		 * An event of the latest process, or of its endpoint.
		 */
		enum Process implements Event {

			EXIT, EXIT_WITH_OUTPUT_LEFT, DISCONNECT, HANG, ANSWER, LINGER, IGNORE_END, BUSY, IDLE, INIT_FAILS,
			INIT_WORKS

		}

	}

	/**
	 * A plugin, and its invariants.
	 */
	private static final class World {

		final FakePlugin fake;

		private int launches;

		/** Whether the application asked for a process since the last crash. */
		private boolean asked;

		World(Policy policy) {
			this.fake = new FakePlugin(FakePlugin.restart(policy));
			this.fake.behaviour = Behaviour.WELL;
			this.fake.onLaunch = this::checkLaunch;
		}

		void apply(Event event) {
			if (event instanceof Event.Advance advance) {
				// Small steps verify the invariants at many moments.
				for (int millis = 0; millis < advance.millis(); millis += 1000) {
					this.fake.advance(Duration.ofMillis(Math.min(1000, advance.millis() - millis)));
					check();
				}
			}
			else if (event instanceof Event.Behave behave) {
				this.fake.behaviour = behave.behaviour();
			}
			else if (event instanceof Event.Call call) {
				this.asked = this.asked || call != Event.Call.STOP;
				switch (call) {
					case START -> this.fake.start();
					case STOP -> this.fake.stop();
					case RESTART -> this.fake.restart();
				}
			}
			else if (event instanceof Event.Process process && !this.fake.runs.isEmpty()) {
				apply(process, this.fake.latest());
			}
			check();
		}

		private void apply(Event.Process event, FakeRun run) {
			switch (event) {
				case EXIT -> {
					if (!run.hasExited()) {
						run.exit(1);
					}
				}
				case EXIT_WITH_OUTPUT_LEFT -> {
					if (!run.hasExited() && run.target() != null) {
						run.exitOnly(1);
						this.fake.host.thread()
							.schedule("closing the output", Duration.ofMillis(500), () -> run.goneWith(1));
					}
				}
				case DISCONNECT -> run.disconnect();
				case HANG -> run.answers = false;
				case ANSWER -> run.answers = true;
				case LINGER -> run.dies = Duration.ofSeconds(7);
				case IGNORE_END -> run.ignoresEnd = true;
				case BUSY -> {
					if (run.target() != null) {
						this.fake.endpoint.busy.add(run.target());
					}
				}
				case IDLE -> this.fake.endpoint.busy.clear();
				case INIT_FAILS -> this.fake.endpoint.componentsReady = false;
				case INIT_WORKS -> this.fake.endpoint.componentsReady = true;
			}
		}

		/**
		 * Verify the invariants that hold after each event.
		 */
		private void check() {
			PluginStatus status = this.fake.plugin.status();
			if (status.state() == PluginState.READY) {
				long number = Objects.requireNonNull(status.pid()) - 100;
				assertThat(this.fake.runs.get((int) number - 1).hasExited()).as("a ready process lives").isFalse();
			}
			else {
				assertThat(status.answering()).isFalse();
			}
			if (status.state() == PluginState.STOPPED) {
				assertThat(this.fake.runs).allMatch((run) -> run.gone);
			}
			assertThat(working()).as("a current process, its replacement, and one that drains").hasSizeLessThan(4);
		}

		private List<FakeRun> working() {
			return this.fake.runs.stream().filter((run) -> !run.hasExited() && !run.killed && !run.asked).toList();
		}

		/**
		 * Verify the invariants of a launch. The list of runs does not contain the new
		 * run yet.
		 */
		private void checkLaunch() {
			assertThat(++this.launches).isEqualTo(this.fake.runs.size() + 1);
			assertThat(this.fake.runs.stream().filter((run) -> !run.gone)).as("a launch waits for processes that end")
				.allMatch((run) -> !run.hasExited() && !run.killed && !run.asked)
				.as("a launch has no other beside it")
				.allMatch((run) -> run.wasReady);
			if (!this.asked) {
				long since = this.fake.host.time().nanos() - this.fake.latest().ended;
				assertThat(Duration.ofNanos(since)).as("back-off").isGreaterThanOrEqualTo(FakePlugin.INITIAL_DELAY);
			}
			this.asked = false;
		}

		/**
		 * Let all later processes work without faults.
		 */
		void recover() {
			this.fake.behaviour = Behaviour.WELL;
			this.fake.endpoint.componentsReady = true;
			this.fake.runs.forEach((run) -> run.answers = true);
			this.fake.advance(RECOVERY);
			check();
			if (this.fake.state() == PluginState.STOPPED || this.fake.state() == PluginState.FAILED) {
				this.asked = true;
				this.fake.start();
				this.fake.advance(RECOVERY);
				check();
			}
			assertThat(this.fake.state()).as("after the program behaves").isEqualTo(PluginState.READY);
			assertThat(this.fake.plugin.status().answering()).isTrue();
		}

		void close() {
			this.fake.close();
			this.fake.advance(Duration.ofSeconds(20));
			assertThat(this.fake.state()).isEqualTo(PluginState.STOPPED);
			assertThat(this.fake.runs).as("each process has ended").allMatch((run) -> run.gone);
			int runs = this.fake.runs.size();
			this.fake.start();
			this.fake.advance(RECOVERY);
			assertThat(this.fake.runs).hasSize(runs);
		}

	}

}
