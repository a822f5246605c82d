package dev.pluggable.benchmarks;

/**
 * Something that the product is to reach, and whether it did.
 *
 * @param what what it is about
 * @param aim what it is to be
 * @param measured what it was
 * @param reached whether that is good enough
 */
record Aim(String what, String aim, String measured, boolean reached) {

	/**
	 * A figure that is to be as small as this or smaller.
	 */
	static Aim atMost(String what, double limit, String unit, double measured) {
		return new Aim(what, "at most " + Table.text(limit) + unit, Table.text(measured) + unit, measured <= limit);
	}

	/**
	 * A ratio of which less is better.
	 */
	static Aim orBetter(String what, double limit, double measured) {
		return new Aim(what, Table.text(limit) + " or better", Table.text(measured), measured <= limit);
	}

	/**
	 * A figure that is to be as large as this or larger.
	 */
	static Aim atLeast(String what, double limit, String unit, double measured) {
		return new Aim(what, "at least " + Table.text(limit) + unit, Table.text(measured) + unit, measured >= limit);
	}

}
