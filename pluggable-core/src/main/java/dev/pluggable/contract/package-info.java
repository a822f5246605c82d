/**
 * What generated contracts are made of: the base of their kinds and proxies, and the
 * objects that requests and answers carry as ids of go-plugin's broker.
 */
@NullMarked
package dev.pluggable.contract;

import org.jspecify.annotations.NullMarked;
