/**
 * Auto-configuration for the services that plugins call.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.plugin;

import org.jspecify.annotations.NullMarked;
