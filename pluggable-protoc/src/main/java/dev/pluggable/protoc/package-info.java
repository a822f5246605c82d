/**
 * A plugin of protoc that generates contracts: from each service a Java interface that an
 * application injects, its kind, its proxy and its service side.
 */
@NullMarked
package dev.pluggable.protoc;

import org.jspecify.annotations.NullMarked;
