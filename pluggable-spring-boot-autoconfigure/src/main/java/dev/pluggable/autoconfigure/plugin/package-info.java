/**
 * Launched plugins in a Spring Boot application.
 */
@NullMarked
package dev.pluggable.autoconfigure.plugin;

import org.jspecify.annotations.NullMarked;
