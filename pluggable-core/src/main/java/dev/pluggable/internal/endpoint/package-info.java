/**
 * Keeps one gRPC server reachable across the lives of its process. Not API: may change in
 * any release.
 */
@NullMarked
package dev.pluggable.internal.endpoint;

import org.jspecify.annotations.NullMarked;
