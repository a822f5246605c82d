/**
 * Listeners that hear what happens to calls, for meters and traces. Without a listener, a
 * call costs nothing more.
 */
@NullMarked
package dev.pluggable.observation;

import org.jspecify.annotations.NullMarked;
