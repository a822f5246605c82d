/**
 * Connections that a plugin and its host broker to each other. Not API: may change in any
 * release.
 */
@NullMarked
package dev.pluggable.internal.broker;

import org.jspecify.annotations.NullMarked;
