/**
 * The component side: {@link dev.pluggable.server.ComponentServer} serves components to
 * other processes over a Unix domain socket.
 */
@NullMarked
package dev.pluggable.server;

import org.jspecify.annotations.NullMarked;
