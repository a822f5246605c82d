/**
 * Input bindings as Spring applications use them: methods that handle events.
 */
@NullMarked
package dev.pluggable.spring.bindings;

import org.jspecify.annotations.NullMarked;
