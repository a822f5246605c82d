/**
 * The status of socket folders: the sockets that the host uses and the entries that it
 * skips.
 */
@NullMarked
package dev.pluggable.discovery;

import org.jspecify.annotations.NullMarked;
