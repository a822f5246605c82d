package dev.pluggable.internal.broker;

/**
 * A connection that a plugin serves and that the host may dial.
 *
 * @param number the number of the connection
 * @param network {@code unix} or {@code tcp}
 * @param address path of the socket, or host and port
 */
record Announcement(int number, String network, String address) {
}
