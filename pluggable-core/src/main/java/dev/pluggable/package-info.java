/**
 * Components in other processes: their kinds, types, states, registry and errors.
 */
@NullMarked
package dev.pluggable;

import org.jspecify.annotations.NullMarked;
