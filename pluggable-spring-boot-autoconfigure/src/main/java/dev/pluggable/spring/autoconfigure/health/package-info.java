/**
 * Auto-configuration for health.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.health;

import org.jspecify.annotations.NullMarked;
