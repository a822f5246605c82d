/**
 * An application that runs a median job with two plugins.
 */
@NullMarked
package dev.pluggable.sample.median;

import org.jspecify.annotations.NullMarked;
