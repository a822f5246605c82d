/**
 * Sockets, channels and servers on Unix domain sockets. Not API: may change in any
 * release.
 */
@NullMarked
package dev.pluggable.internal.transport;

import org.jspecify.annotations.NullMarked;
