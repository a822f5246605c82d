/**
 * Auto-configuration for publish and subscribe as Spring applications do.
 */
@NullMarked
package dev.pluggable.autoconfigure.pubsub;

import org.jspecify.annotations.NullMarked;
