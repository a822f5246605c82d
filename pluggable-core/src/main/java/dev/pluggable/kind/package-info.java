/**
 * Toolbox for authors of component kinds: calls with timeouts and translated errors, and
 * their counterparts in a component. Start with {@link dev.pluggable.ComponentKind}.
 */
@NullMarked
package dev.pluggable.kind;

import org.jspecify.annotations.NullMarked;
