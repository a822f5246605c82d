/**
 * The application's side of the relayer and the median plugin: two kinds of component,
 * their Java interfaces, and the proxies.
 */
@NullMarked
package dev.pluggable.sample.median.plugins;

import org.jspecify.annotations.NullMarked;
