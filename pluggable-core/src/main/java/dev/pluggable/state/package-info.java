/**
 * State stores: values by key, with etags, expiry, transactions and queries.
 */
@NullMarked
package dev.pluggable.state;

import org.jspecify.annotations.NullMarked;
