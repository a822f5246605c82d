/**
 * Socket folders: what is in them, what was skipped and why, and when to look again.
 */
@NullMarked
package dev.pluggable.discovery;

import org.jspecify.annotations.NullMarked;
