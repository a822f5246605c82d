/**
 * Input and output bindings, with Dapr's contract.
 */
@NullMarked
package dev.pluggable.bindings;

import org.jspecify.annotations.NullMarked;
