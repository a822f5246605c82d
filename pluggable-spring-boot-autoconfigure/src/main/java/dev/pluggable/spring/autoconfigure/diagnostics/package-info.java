/**
 * Failure analyzers: they explain why an application does not start.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.diagnostics;

import org.jspecify.annotations.NullMarked;
