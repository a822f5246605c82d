/**
 * The actuator endpoint that shows all that the host knows.
 */
@NullMarked
package dev.pluggable.autoconfigure.endpoint;

import org.jspecify.annotations.NullMarked;
