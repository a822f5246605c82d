package dev.pluggable.discovery;

/**
 * Something in a folder that cannot be a component.
 *
 * @param entry name of the entry, with control characters replaced
 * @param reason why it is skipped
 * @since 0.1.0
 */
public record SkippedEntry(String entry, String reason) {
}
