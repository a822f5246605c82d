/**
 * Objects that a call creates in a plugin, and their recovery after a restart.
 */
@NullMarked
package dev.pluggable.remote;

import org.jspecify.annotations.NullMarked;
