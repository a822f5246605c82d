/**
 * Auto-configuration for listener methods.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.listener;

import org.jspecify.annotations.NullMarked;
