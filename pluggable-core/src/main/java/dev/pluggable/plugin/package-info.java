/**
 * Plugins: processes that the application launches and supervises. A plugin speaks
 * HashiCorp's go-plugin protocol, or opens a socket.
 */
@org.jspecify.annotations.NullMarked
package dev.pluggable.plugin;
