/**
 * Publish and subscribe as Spring applications do: methods that handle messages, and a
 * template that publishes objects.
 */
@NullMarked
package dev.pluggable.spring.pubsub;

import org.jspecify.annotations.NullMarked;
