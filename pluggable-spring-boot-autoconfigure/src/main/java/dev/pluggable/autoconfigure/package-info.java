/**
 * Components as beans of a Spring Boot application.
 */
@NullMarked
package dev.pluggable.autoconfigure;

import org.jspecify.annotations.NullMarked;
