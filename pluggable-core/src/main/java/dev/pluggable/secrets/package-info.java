/**
 * Secret stores: a building block, with the contract of Dapr.
 */
@NullMarked
package dev.pluggable.secrets;

import org.jspecify.annotations.NullMarked;
