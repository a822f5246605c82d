/**
 * Global interceptors of Spring gRPC on the channels of components.
 */
@NullMarked
package dev.pluggable.spring.grpc;

import org.jspecify.annotations.NullMarked;
