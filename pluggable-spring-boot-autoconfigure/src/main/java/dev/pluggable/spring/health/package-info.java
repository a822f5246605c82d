/**
 * Health of components, of their endpoints, of plugins and of the discovery.
 */
@NullMarked
package dev.pluggable.spring.health;

import org.jspecify.annotations.NullMarked;
