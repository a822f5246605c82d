/**
 * Support for the host and its components as beans of a Spring Boot application.
 */
@NullMarked
package dev.pluggable.spring.host;

import org.jspecify.annotations.NullMarked;
