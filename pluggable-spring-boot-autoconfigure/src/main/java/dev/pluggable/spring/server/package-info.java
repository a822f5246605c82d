/**
 * How a Spring Boot application says what it serves as a component.
 */
@NullMarked
package dev.pluggable.spring.server;

import org.jspecify.annotations.NullMarked;
