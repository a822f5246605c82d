/**
 * The actuator endpoint {@code pluggable}.
 */
@NullMarked
package dev.pluggable.spring.endpoint;

import org.jspecify.annotations.NullMarked;
