/**
 * Netty channels over Unix domain sockets (epoll, kqueue or NIO) and the credentials of
 * the peer behind them.
 */
@NullMarked
package dev.pluggable.transport;

import org.jspecify.annotations.NullMarked;
