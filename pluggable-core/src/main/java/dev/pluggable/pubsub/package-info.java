/**
 * Publish and subscribe, with Dapr's contract.
 */
@NullMarked
package dev.pluggable.pubsub;

import org.jspecify.annotations.NullMarked;
