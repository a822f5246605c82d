package dev.pluggable.internal.endpoint;

import java.util.Set;

import io.grpc.ManagedChannel;

/**
 * Where the calls to a component go: a generation on which it is initialised.
 *
 * @param generation the generation
 * @param channel the generation's channel
 * @param features what the component said it can do
 */
record Route(Generation generation, ManagedChannel channel, Set<String> features) {
}
