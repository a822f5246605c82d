package dev.pluggable.discovery;

import java.nio.file.Path;

/**
 * A socket in a socket folder.
 *
 * @param path path of the socket
 * @param name name of the endpoint: the file name without its last extension
 * @param identity device, inode and modification time of the file; differs between two
 * files that have had the same path
 * @since 0.1.0
 */
public record SocketFile(Path path, String name, String identity) {
}
