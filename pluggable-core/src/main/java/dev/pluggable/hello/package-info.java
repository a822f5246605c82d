/**
 * Layotto's hello: a building block, with the contract of Layotto.
 */
@NullMarked
package dev.pluggable.hello;

import org.jspecify.annotations.NullMarked;
