package dev.pluggable.benchmarks;

/**
 * An aim of the product, and whether the product reached it.
 *
 * @param what the figure
 * @param aim the value to reach
 * @param measured the measured value
 * @param reached whether the measured value reaches the aim
 */
public record Aim(String what, String aim, String measured, boolean reached) {

	/**
	 * Create an aim with an upper limit.
	 */
	static Aim atMost(String what, double limit, String unit, double measured) {
		return new Aim(what, "at most " + Table.text(limit) + unit, Table.text(measured) + unit, measured <= limit);
	}

	/**
	 * Create an aim for a ratio of which less is better.
	 */
	static Aim orBetter(String what, double limit, double measured) {
		return new Aim(what, Table.text(limit) + " or better", Table.text(measured), measured <= limit);
	}

	/**
	 * Create an aim with a lower limit.
	 */
	static Aim atLeast(String what, double limit, String unit, double measured) {
		return new Aim(what, "at least " + Table.text(limit) + unit, Table.text(measured) + unit, measured >= limit);
	}

}
