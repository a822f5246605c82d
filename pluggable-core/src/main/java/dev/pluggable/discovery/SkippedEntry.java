package dev.pluggable.discovery;

/**
 * An entry of a socket folder that the host cannot use.
 *
 * @param entry file name of the entry, with {@code ?} in place of control characters
 * @param reason why the host skips the entry
 * @since 0.1.0
 */
public record SkippedEntry(String entry, String reason) {
}
