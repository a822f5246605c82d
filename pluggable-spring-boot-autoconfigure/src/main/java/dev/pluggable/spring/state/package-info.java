/**
 * A template that reads and writes the objects of a state store.
 */
@NullMarked
package dev.pluggable.spring.state;

import org.jspecify.annotations.NullMarked;
