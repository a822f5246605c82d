/**
 * Failure analyzers for applications that do not start.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.diagnostics;

import org.jspecify.annotations.NullMarked;
