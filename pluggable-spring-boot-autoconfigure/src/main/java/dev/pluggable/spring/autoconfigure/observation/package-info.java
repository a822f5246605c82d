/**
 * Auto-configuration of observations.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.observation;

import org.jspecify.annotations.NullMarked;
