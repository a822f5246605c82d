/**
 * Auto-configuration for applications that serve components.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.server;

import org.jspecify.annotations.NullMarked;
