/**
 * Serving beans to other processes as components.
 */
@NullMarked
package dev.pluggable.autoconfigure.server;

import org.jspecify.annotations.NullMarked;
