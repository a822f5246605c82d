/**
 * The application whose start is measured.
 */
@NullMarked
package dev.pluggable.benchmarks.application;

import org.jspecify.annotations.NullMarked;
