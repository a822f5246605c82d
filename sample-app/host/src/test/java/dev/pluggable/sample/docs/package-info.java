/**
 * The code that the documentation shows. {@link DocumentedCodeTests} runs it.
 */
@NullMarked
package dev.pluggable.sample.docs;

import org.jspecify.annotations.NullMarked;
