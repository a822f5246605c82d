/**
 * What the relayer and the median plugin are to the application: two kinds of component,
 * Java interfaces, and their proxies.
 */
@NullMarked
package dev.pluggable.sample.median.plugins;

import org.jspecify.annotations.NullMarked;
