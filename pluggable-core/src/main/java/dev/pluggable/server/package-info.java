/**
 * Serving components to other processes over a Unix domain socket: the other side of the
 * same contracts.
 */
@NullMarked
package dev.pluggable.server;

import org.jspecify.annotations.NullMarked;
