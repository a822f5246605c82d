/**
 * Auto-configuration for state as objects.
 */
@NullMarked
package dev.pluggable.autoconfigure.state;

import org.jspecify.annotations.NullMarked;
