/**
 * The client of the gRPC reflection service. Not API: may change in any release.
 */
@NullMarked
package dev.pluggable.internal.reflection;

import org.jspecify.annotations.NullMarked;
