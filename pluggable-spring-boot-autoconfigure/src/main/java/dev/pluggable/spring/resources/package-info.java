/**
 * Component files of Dapr.
 */
@NullMarked
package dev.pluggable.spring.resources;

import org.jspecify.annotations.NullMarked;
