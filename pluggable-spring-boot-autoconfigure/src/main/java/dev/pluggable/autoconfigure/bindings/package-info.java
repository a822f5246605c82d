/**
 * Bindings that come with the product: {@code bindings.cron} and {@code bindings.http}.
 */
@NullMarked
package dev.pluggable.autoconfigure.bindings;

import org.jspecify.annotations.NullMarked;
