package dev.pluggable.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Measures several sides in turns, in this one process, so that what the machine does
 * besides harms them all alike: A B C, C B A, A B C, ...
 *
 * @param <T> what comes of one turn
 */
final class Turns<T> {

	private final Warmth warmth;

	private final Map<String, Turn<T>> sides = new LinkedHashMap<>();

	private final Map<String, List<T>> results = new LinkedHashMap<>();

	private boolean backwards;

	Turns() {
		this(Warmth.ofThisProcess());
	}

	/**
	 * Sides that take turns.
	 * @param warmth whether they still get faster
	 */
	Turns(Warmth warmth) {
		this.warmth = warmth;
	}

	/**
	 * Add a side.
	 */
	void add(String name, Turn<T> turn) {
		this.sides.put(name, turn);
		this.results.put(name, new ArrayList<>());
	}

	/**
	 * Measure, once the sides are warm.
	 */
	Turns<T> run(Scale scale) throws Exception {
		warmUp(scale.warmUp());
		for (int i = 0; i < scale.rounds(); i++) {
			takeAll();
		}
		return this;
	}

	/**
	 * Let all sides run in vain, at least once, until they are warm.
	 * @param longest how long at most
	 */
	void warmUp(Duration longest) throws Exception {
		this.warmth.await(longest, () -> {
			for (String name : this.sides.keySet()) {
				take(name);
			}
			return this;
		});
	}

	/**
	 * A turn of each side, in the order opposite to that of the time before.
	 */
	void takeAll() throws Exception {
		List<String> order = new ArrayList<>(this.sides.keySet());
		if (this.backwards) {
			Collections.reverse(order);
		}
		this.backwards = !this.backwards;
		for (String name : order) {
			results(name).add(take(name));
		}
	}

	private T take(String name) throws Exception {
		Turn<T> turn = this.sides.get(name);
		if (turn == null) {
			throw new IllegalArgumentException("There is no '" + name + "'");
		}
		return turn.take();
	}

	private List<T> results(String name) {
		return this.results.getOrDefault(name, List.of());
	}

	/**
	 * A figure of one side.
	 */
	Spread figure(String name, ToDoubleFunction<T> figure) {
		return Spread.of(results(name), figure);
	}

	/**
	 * A figure of one side in proportion to that of another, round by round.
	 */
	Spread ratio(String name, String baseline, ToDoubleFunction<T> figure) {
		return Spread.ofRatios(results(name), results(baseline), figure);
	}

	Iterable<String> names() {
		return this.sides.keySet();
	}

	/**
	 * One turn of one side.
	 *
	 * @param <T> what comes of it
	 */
	@FunctionalInterface
	interface Turn<T> {

		T take() throws Exception;

	}

}
