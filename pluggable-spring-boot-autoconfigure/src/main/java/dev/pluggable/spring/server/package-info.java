/**
 * Components that a Spring Boot application serves to other processes.
 */
@NullMarked
package dev.pluggable.spring.server;

import org.jspecify.annotations.NullMarked;
