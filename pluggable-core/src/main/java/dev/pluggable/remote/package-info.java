/**
 * Objects that a call has created in a plugin and that the host creates again when they
 * are lost.
 */
@NullMarked
package dev.pluggable.remote;

import org.jspecify.annotations.NullMarked;
