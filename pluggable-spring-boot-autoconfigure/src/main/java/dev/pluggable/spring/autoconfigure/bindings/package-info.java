/**
 * Auto-configuration of the bindings {@code bindings.cron} and {@code bindings.http}, and
 * of binding listeners.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.bindings;

import org.jspecify.annotations.NullMarked;
