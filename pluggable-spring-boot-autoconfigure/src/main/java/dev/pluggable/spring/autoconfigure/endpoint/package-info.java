/**
 * Auto-configuration of the actuator endpoint.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.endpoint;

import org.jspecify.annotations.NullMarked;
