/**
 * The application of the greeter sample.
 */
@NullMarked
package dev.pluggable.sample.greeter;

import org.jspecify.annotations.NullMarked;
