/**
 * Reads Dapr's component files.
 */
@NullMarked
package dev.pluggable.spring.resources;

import org.jspecify.annotations.NullMarked;
