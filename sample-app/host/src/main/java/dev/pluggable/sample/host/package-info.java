/**
 * An application that uses components in other processes.
 */
@NullMarked
package dev.pluggable.sample.host;

import org.jspecify.annotations.NullMarked;
