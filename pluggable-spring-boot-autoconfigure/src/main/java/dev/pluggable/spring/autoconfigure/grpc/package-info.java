/**
 * Auto-configuration for the global interceptors of Spring gRPC.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.grpc;

import org.jspecify.annotations.NullMarked;
