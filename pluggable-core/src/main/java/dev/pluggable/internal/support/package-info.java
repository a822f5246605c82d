/**
 * Small helpers for all packages of the core. Internal: may change in any release.
 */
@NullMarked
package dev.pluggable.internal.support;

import org.jspecify.annotations.NullMarked;
