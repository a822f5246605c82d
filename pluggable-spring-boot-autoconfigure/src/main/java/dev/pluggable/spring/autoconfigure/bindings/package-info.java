/**
 * Auto-configuration for the bindings {@code bindings.cron} and {@code bindings.http},
 * and for binding listeners.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.bindings;

import org.jspecify.annotations.NullMarked;
