/**
 * The program of random faults: components fail under load, and the program verifies what
 * the product promises.
 */
@NullMarked
package dev.pluggable.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
