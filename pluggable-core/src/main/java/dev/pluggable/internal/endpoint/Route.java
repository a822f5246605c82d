package dev.pluggable.internal.endpoint;

import java.util.Set;

import io.grpc.ManagedChannel;

/**
 * The generation that takes the calls to a component. The component is initialised there.
 *
 * @param generation the generation
 * @param channel the generation's channel
 * @param features the features that the component reported
 */
record Route(Generation generation, ManagedChannel channel, Set<String> features) {
}
