/**
 * Measurements of what the product costs, side by side with the floor.
 */
@NullMarked
package dev.pluggable.benchmarks;

import org.jspecify.annotations.NullMarked;
