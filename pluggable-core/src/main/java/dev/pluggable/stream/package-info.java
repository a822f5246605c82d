/**
 * Streams that outlive the connections they run on, for the kinds that take work from
 * components.
 */
@NullMarked
package dev.pluggable.stream;

import org.jspecify.annotations.NullMarked;
