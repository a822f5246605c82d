/**
 * The application side: brings discovery, endpoints and the registry together.
 */
@NullMarked
package dev.pluggable.host;

import org.jspecify.annotations.NullMarked;
