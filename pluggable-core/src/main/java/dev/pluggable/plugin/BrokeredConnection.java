package dev.pluggable.plugin;

import java.time.Instant;

/**
 * A connection between the application and a plugin, in addition to the main one.
 *
 * @param id id of the connection, counted from 1 by the side that serves it
 * @param name purpose of the connection
 * @param since start of the connection
 * @since 0.1.0
 */
public record BrokeredConnection(int id, String name, Instant since) {
}
