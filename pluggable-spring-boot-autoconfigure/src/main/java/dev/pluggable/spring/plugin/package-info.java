/**
 * Services that a Spring Boot application offers to the plugins that it launches.
 */
@NullMarked
package dev.pluggable.spring.plugin;

import org.jspecify.annotations.NullMarked;
