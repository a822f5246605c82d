/**
 * Components and the host as beans of a Spring Boot application.
 */
@NullMarked
package dev.pluggable.spring.host;

import org.jspecify.annotations.NullMarked;
