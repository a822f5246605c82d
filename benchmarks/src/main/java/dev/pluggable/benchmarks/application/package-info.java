/**
 * What is started to see how long a start takes.
 */
@NullMarked
package dev.pluggable.benchmarks.application;

import org.jspecify.annotations.NullMarked;
