/**
 * Auto-configuration of topic listeners and of the publishing template.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.pubsub;

import org.jspecify.annotations.NullMarked;
