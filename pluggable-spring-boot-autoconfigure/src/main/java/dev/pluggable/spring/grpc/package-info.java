/**
 * Applies the global interceptors of Spring gRPC to the channels of components.
 */
@NullMarked
package dev.pluggable.spring.grpc;

import org.jspecify.annotations.NullMarked;
