/**
 * Support for applications that serve beans as components to other processes.
 */
@NullMarked
package dev.pluggable.spring.server;

import org.jspecify.annotations.NullMarked;
