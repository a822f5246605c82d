package dev.pluggable.plugin;

import java.time.Instant;

/**
 * A connection between the application and a plugin besides the main one.
 *
 * @param id its number, counted from 1 by the side that serves it
 * @param name what it is for
 * @param since when it was made
 * @since 0.1.0
 */
public record BrokeredConnection(int id, String name, Instant since) {
}
