/**
 * Components as targets of Spring gRPC.
 */
@NullMarked
package dev.pluggable.spring.grpc;

import org.jspecify.annotations.NullMarked;
