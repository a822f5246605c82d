/**
 * Layotto's hello, with Layotto's contract.
 */
@NullMarked
package dev.pluggable.hello;

import org.jspecify.annotations.NullMarked;
