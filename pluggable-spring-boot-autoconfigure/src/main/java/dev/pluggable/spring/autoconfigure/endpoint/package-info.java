/**
 * Auto-configuration for the actuator endpoint.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.endpoint;

import org.jspecify.annotations.NullMarked;
