/**
 * Listener methods of all kinds: finds them, calls them, and ends them in order.
 * Applications use {@link dev.pluggable.spring.listener.ListenerRegistry}.
 */
@NullMarked
package dev.pluggable.spring.listener;

import org.jspecify.annotations.NullMarked;
