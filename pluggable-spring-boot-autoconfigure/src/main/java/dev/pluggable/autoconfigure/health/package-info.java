/**
 * Health of components, of the endpoints behind them and of discovery.
 */
@NullMarked
package dev.pluggable.autoconfigure.health;

import org.jspecify.annotations.NullMarked;
