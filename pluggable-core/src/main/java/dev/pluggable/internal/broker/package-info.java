/**
 * Further connections between the host and the process of a plugin, by go-plugin's
 * broker. Not API: may change in any release.
 */
@NullMarked
package dev.pluggable.internal.broker;

import org.jspecify.annotations.NullMarked;
