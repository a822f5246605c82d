package dev.pluggable.contract;

import io.grpc.MethodDescriptor;

/**
 * The call that initialises a component on a generation.
 *
 * @param method a unary method
 * @param request makes the request; what it hands over belongs to the generation
 * @param <Q> request
 * @since 0.1.0
 */
public record Initialization<Q>(MethodDescriptor<Q, ?> method, RequestFactory<Q> request) {
}
