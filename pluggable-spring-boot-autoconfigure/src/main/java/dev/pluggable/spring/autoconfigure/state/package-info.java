/**
 * Auto-configuration for the state template.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.state;

import org.jspecify.annotations.NullMarked;
