/**
 * Observations of calls by Micrometer.
 */
@NullMarked
package dev.pluggable.spring.observation;

import org.jspecify.annotations.NullMarked;
