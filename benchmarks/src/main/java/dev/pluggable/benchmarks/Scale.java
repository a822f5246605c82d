package dev.pluggable.benchmarks;

import java.time.Duration;

/**
 * Durations and numbers of measurements.
 *
 * @param quick whether to measure the most important settings only
 * @param rounds number of rounds
 * @param round duration of the measurement of one side in one round
 * @param warmUp longest duration of the warm-up of all sides together
 */
record Scale(boolean quick, int rounds, Duration round, Duration warmUp) {

	static final Scale FULL = new Scale(false, 9, Duration.ofMillis(300), Duration.ofSeconds(4));

	static final Scale QUICK = new Scale(true, 5, Duration.ofMillis(150), Duration.ofMillis(1500));

	/**
	 * Short enough for a test that looks at no figure.
	 */
	static final Scale SMOKE = new Scale(true, 1, Duration.ofMillis(50), Duration.ofMillis(50));

	Scale withRounds(int rounds) {
		return new Scale(this.quick, rounds, this.round, this.warmUp);
	}

	Scale withWarmUp(Duration warmUp) {
		return new Scale(this.quick, this.rounds, this.round, warmUp);
	}

	static Scale of(String name) {
		return switch (name) {
			case "full" -> FULL;
			case "quick" -> QUICK;
			case "smoke" -> SMOKE;
			default -> throw new IllegalArgumentException("There is no scale '" + name + "'");
		};
	}

}
