/**
 * A durable state store as a component in a process of its own, on H2's MVStore.
 */
@NullMarked
package dev.pluggable.sample.h2;

import org.jspecify.annotations.NullMarked;
