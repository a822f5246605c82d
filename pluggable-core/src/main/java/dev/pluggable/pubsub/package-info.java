/**
 * Publish and subscribe: a building block, with the contract of Dapr.
 */
@NullMarked
package dev.pluggable.pubsub;

import org.jspecify.annotations.NullMarked;
