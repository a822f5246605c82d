/**
 * A durable state store on H2's MVStore, as a component in its own process.
 */
@NullMarked
package dev.pluggable.sample.h2;

import org.jspecify.annotations.NullMarked;
