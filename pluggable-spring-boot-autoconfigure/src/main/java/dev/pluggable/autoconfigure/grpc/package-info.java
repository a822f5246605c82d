/**
 * What Spring gRPC has for all channels, applied to the channels of components.
 */
@NullMarked
package dev.pluggable.autoconfigure.grpc;

import org.jspecify.annotations.NullMarked;
