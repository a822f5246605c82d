/**
 * Listeners that hear what happens to calls and messages, for meters and traces. Without
 * a listener, neither costs more.
 */
@NullMarked
package dev.pluggable.observation;

import org.jspecify.annotations.NullMarked;
