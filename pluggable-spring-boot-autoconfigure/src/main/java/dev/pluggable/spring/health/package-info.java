/**
 * Health of discovery, components, endpoints and plugins.
 */
@NullMarked
package dev.pluggable.spring.health;

import org.jspecify.annotations.NullMarked;
