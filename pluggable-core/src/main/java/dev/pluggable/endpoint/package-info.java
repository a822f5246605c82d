/**
 * How one gRPC server is kept reachable: its generations, the gate in front of them, the
 * components on it and their health.
 */
@NullMarked
package dev.pluggable.endpoint;

import org.jspecify.annotations.NullMarked;
