package dev.pluggable.discovery;

import java.nio.file.Path;

/**
 * A socket in a folder that may be a component.
 *
 * @param path its path
 * @param name file name without its last extension: the name of the endpoint
 * @param identity tells one file from another of the same path: device, inode and
 * modification time
 * @since 0.1.0
 */
public record SocketFile(Path path, String name, String identity) {
}
