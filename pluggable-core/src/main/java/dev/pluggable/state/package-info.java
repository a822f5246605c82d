/**
 * State stores, with Dapr's contract: values by keys, etags, expiry, transactions and
 * queries.
 */
@NullMarked
package dev.pluggable.state;

import org.jspecify.annotations.NullMarked;
