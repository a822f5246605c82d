package dev.pluggable.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Measures several sides in rounds within one process. A round measures each side once.
 * The order of the sides alternates (A B C, C B A, A B C, ...), so that other work on the
 * machine slows all sides down alike.
 *
 * @param <T> the result of one measurement
 */
final class Rounds<T> {

	private final Warmup warmup;

	private final Map<String, Measurement<T>> sides = new LinkedHashMap<>();

	private final Map<String, List<T>> results = new LinkedHashMap<>();

	private boolean backwards;

	Rounds() {
		this(Warmup.ofThisProcess());
	}

	/**
	 * Create rounds without any side.
	 * @param warmup decides when the sides are warm
	 */
	Rounds(Warmup warmup) {
		this.warmup = warmup;
	}

	/**
	 * Add a side.
	 */
	void add(String name, Measurement<T> measurement) {
		this.sides.put(name, measurement);
		this.results.put(name, new ArrayList<>());
	}

	/**
	 * Warm the sides up, then measure all rounds.
	 */
	Rounds<T> run(Scale scale) throws Exception {
		warmUp(scale.warmUp());
		for (int i = 0; i < scale.rounds(); i++) {
			measureOnce();
		}
		return this;
	}

	/**
	 * Run all sides at least once, and discard the results, until the sides are warm.
	 * @param longest the longest time that this may take
	 */
	void warmUp(Duration longest) throws Exception {
		this.warmup.await(longest, () -> {
			for (String name : this.sides.keySet()) {
				measure(name);
			}
			return this;
		});
	}

	/**
	 * Measure one round, in the opposite order of the previous round.
	 */
	void measureOnce() throws Exception {
		List<String> order = new ArrayList<>(this.sides.keySet());
		if (this.backwards) {
			Collections.reverse(order);
		}
		this.backwards = !this.backwards;
		for (String name : order) {
			results(name).add(measure(name));
		}
	}

	private T measure(String name) throws Exception {
		Measurement<T> measurement = this.sides.get(name);
		if (measurement == null) {
			throw new IllegalArgumentException("There is no side '" + name + "'");
		}
		return measurement.measure();
	}

	private List<T> results(String name) {
		return this.results.getOrDefault(name, List.of());
	}

	/**
	 * Summarize a figure of one side over all rounds.
	 */
	Spread figure(String name, ToDoubleFunction<T> figure) {
		return Spread.of(results(name), figure);
	}

	/**
	 * Divide a figure of one side by the figure of another side, round by round.
	 */
	Spread ratio(String name, String baseline, ToDoubleFunction<T> figure) {
		return Spread.ofRatios(results(name), results(baseline), figure);
	}

	Iterable<String> names() {
		return this.sides.keySet();
	}

	/**
	 * Measures one side once.
	 *
	 * @param <T> the result
	 */
	@FunctionalInterface
	interface Measurement<T> {

		T measure() throws Exception;

	}

}
