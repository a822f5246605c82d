/**
 * The engine of a host: endpoints and their sources, the registry, readiness and
 * shutdown. This package knows no declarations: {@code dev.pluggable.host} translates
 * them. Not API: may change in any release.
 */
@NullMarked
package dev.pluggable.internal.host;

import org.jspecify.annotations.NullMarked;
