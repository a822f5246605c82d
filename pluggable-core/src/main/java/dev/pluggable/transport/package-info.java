/**
 * Settings of Unix domain sockets: the transport that connects them, the paths on which
 * hosts and components agree, and the credentials of a peer.
 */
@NullMarked
package dev.pluggable.transport;

import org.jspecify.annotations.NullMarked;
