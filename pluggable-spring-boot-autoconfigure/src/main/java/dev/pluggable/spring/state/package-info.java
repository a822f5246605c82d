/**
 * State as Spring applications use it: objects instead of bytes.
 */
@NullMarked
package dev.pluggable.spring.state;

import org.jspecify.annotations.NullMarked;
