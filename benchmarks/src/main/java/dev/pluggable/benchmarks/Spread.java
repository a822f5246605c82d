package dev.pluggable.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The distribution of a figure over several measurements.
 *
 * @param median the median
 * @param low the lower quartile
 * @param high the upper quartile
 */
record Spread(double median, double low, double high) {

	static Spread of(double... values) {
		double[] sorted = values.clone();
		Arrays.sort(sorted);
		return new Spread(quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75));
	}

	static <T> Spread of(List<T> samples, ToDoubleFunction<T> figure) {
		return of(samples.stream().mapToDouble(figure).toArray());
	}

	/**
	 * Divide each measurement of one side by that of another side in the same round.
	 */
	static <T> Spread ofRatios(List<T> numerators, List<T> denominators, ToDoubleFunction<T> figure) {
		double[] ratios = new double[numerators.size()];
		for (int i = 0; i < ratios.length; i++) {
			ratios[i] = figure.applyAsDouble(numerators.get(i)) / figure.applyAsDouble(denominators.get(i));
		}
		return of(ratios);
	}

	/**
	 * Return a quantile, interpolated between the two nearest values.
	 */
	private static double quantile(double[] sorted, double quantile) {
		if (sorted.length == 0) {
			return Double.NaN;
		}
		double position = quantile * (sorted.length - 1);
		int below = (int) Math.floor(position);
		int above = (int) Math.ceil(position);
		return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
	}

}
