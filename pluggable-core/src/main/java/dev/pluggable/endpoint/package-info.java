/**
 * Settings and statuses of endpoints. An endpoint is one gRPC server that the host keeps
 * reachable.
 */
@NullMarked
package dev.pluggable.endpoint;

import org.jspecify.annotations.NullMarked;
