/**
 * Components in other processes: kinds, types, states, the registry and exceptions.
 */
@NullMarked
package dev.pluggable;

import org.jspecify.annotations.NullMarked;
