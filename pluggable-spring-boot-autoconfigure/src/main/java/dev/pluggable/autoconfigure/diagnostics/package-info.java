/**
 * Explanations of what keeps an application with components from starting.
 */
@NullMarked
package dev.pluggable.autoconfigure.diagnostics;

import org.jspecify.annotations.NullMarked;
