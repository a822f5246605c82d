/**
 * Finds, calls and stops listener methods of all kinds. Applications use
 * {@link dev.pluggable.spring.listener.ListenerRegistry}.
 */
@NullMarked
package dev.pluggable.spring.listener;

import org.jspecify.annotations.NullMarked;
