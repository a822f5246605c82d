/**
 * Small helpers that every room of the core uses. Not API: may change in any release.
 */
@NullMarked
package dev.pluggable.internal.support;

import org.jspecify.annotations.NullMarked;
