/**
 * Auto-configuration of the sockets on which an application serves components.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.server;

import org.jspecify.annotations.NullMarked;
