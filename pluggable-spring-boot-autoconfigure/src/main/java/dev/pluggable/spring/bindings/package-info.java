/**
 * Listener methods that handle the events of an input binding, and the built-in bindings.
 */
@NullMarked
package dev.pluggable.spring.bindings;

import org.jspecify.annotations.NullMarked;
