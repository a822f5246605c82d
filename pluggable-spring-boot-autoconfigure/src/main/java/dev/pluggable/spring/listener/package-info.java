/**
 * What listener methods of all kinds have in common: how they are found, called and ended
 * in order. Applications use {@link dev.pluggable.spring.listener.ListenerRegistry}.
 */
@NullMarked
package dev.pluggable.spring.listener;

import org.jspecify.annotations.NullMarked;
