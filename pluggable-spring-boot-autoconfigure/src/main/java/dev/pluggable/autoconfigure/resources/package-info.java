/**
 * Components that are declared by component files of Dapr.
 */
@NullMarked
package dev.pluggable.autoconfigure.resources;

import org.jspecify.annotations.NullMarked;
