/**
 * Listener methods that handle the messages of a topic, and a template that publishes
 * objects.
 */
@NullMarked
package dev.pluggable.spring.pubsub;

import org.jspecify.annotations.NullMarked;
