/**
 * Components of which only the gRPC services are known.
 */
@NullMarked
package dev.pluggable.grpc;

import org.jspecify.annotations.NullMarked;
