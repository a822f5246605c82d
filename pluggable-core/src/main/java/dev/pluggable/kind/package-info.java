/**
 * Toolbox for authors of component kinds: calls with timeouts, retries and translated
 * errors.
 */
@NullMarked
package dev.pluggable.kind;

import org.jspecify.annotations.NullMarked;
