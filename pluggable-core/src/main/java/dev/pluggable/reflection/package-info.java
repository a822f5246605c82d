/**
 * Which services a gRPC server offers.
 */
@NullMarked
package dev.pluggable.reflection;

import org.jspecify.annotations.NullMarked;
