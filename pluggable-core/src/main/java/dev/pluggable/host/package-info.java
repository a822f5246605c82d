/**
 * The application side: {@link dev.pluggable.host.ComponentHost} finds components and
 * keeps them reachable.
 */
@NullMarked
package dev.pluggable.host;

import org.jspecify.annotations.NullMarked;
