/**
 * Auto-configuration for component files.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.resources;

import org.jspecify.annotations.NullMarked;
