/**
 * Auto-configuration for listeners of all kinds.
 */
@NullMarked
package dev.pluggable.autoconfigure.listener;

import org.jspecify.annotations.NullMarked;
