/**
 * Input and output bindings: a building block, with the contract of Dapr.
 */
@NullMarked
package dev.pluggable.bindings;

import org.jspecify.annotations.NullMarked;
