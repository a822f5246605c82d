package dev.pluggable.benchmarks;

import java.time.Duration;

/**
 * How long and how often is measured.
 *
 * @param quick whether only the most important settings are measured
 * @param rounds how often each side has its turn
 * @param round how long a turn is
 * @param warmUp how long sides run at most, all together, before the first round that
 * counts
 */
record Scale(boolean quick, int rounds, Duration round, Duration warmUp) {

	static final Scale FULL = new Scale(false, 9, Duration.ofMillis(300), Duration.ofSeconds(4));

	static final Scale QUICK = new Scale(true, 5, Duration.ofMillis(150), Duration.ofMillis(1500));

	/**
	 * Just enough to see that all of it works.
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
