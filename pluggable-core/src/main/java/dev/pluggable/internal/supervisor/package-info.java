/**
 * Supervises launched plugins. Not API: may change in any release.
 */
@NullMarked
package dev.pluggable.internal.supervisor;

import org.jspecify.annotations.NullMarked;
