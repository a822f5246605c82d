/**
 * The source of endpoints whose sockets are in watched folders. Not API: may change in
 * any release.
 */
@NullMarked
package dev.pluggable.internal.discovery;

import org.jspecify.annotations.NullMarked;
