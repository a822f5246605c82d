/**
 * Auto-configuration for topic listeners and the publishing template.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.pubsub;

import org.jspecify.annotations.NullMarked;
