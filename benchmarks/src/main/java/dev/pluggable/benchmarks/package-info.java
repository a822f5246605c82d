/**
 * Measures the cost of the product in comparison with the same work by hand.
 */
@NullMarked
package dev.pluggable.benchmarks;

import org.jspecify.annotations.NullMarked;
