/**
 * Decides which paths the product may trust, holds folders open, and deletes folders.
 */
@NullMarked
package dev.pluggable.internal.files;

import org.jspecify.annotations.NullMarked;
