/**
 * Launches processes and cleans up after them. Not API: may change in any release.
 */
@NullMarked
package dev.pluggable.internal.process;

import org.jspecify.annotations.NullMarked;
