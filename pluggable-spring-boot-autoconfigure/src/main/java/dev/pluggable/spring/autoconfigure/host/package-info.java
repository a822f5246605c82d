/**
 * Auto-configuration of the host.
 */
@NullMarked
package dev.pluggable.spring.autoconfigure.host;

import org.jspecify.annotations.NullMarked;
