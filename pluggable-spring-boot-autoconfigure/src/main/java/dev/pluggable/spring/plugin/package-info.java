/**
 * The gRPC services that a Spring Boot application offers to the plugins it launches.
 */
@NullMarked
package dev.pluggable.spring.plugin;

import org.jspecify.annotations.NullMarked;
