/**
 * Secret stores, with Dapr's contract.
 */
@NullMarked
package dev.pluggable.secrets;

import org.jspecify.annotations.NullMarked;
