/**
 * Components whose processes the application launches and supervises, and with which it
 * speaks both ways: HashiCorp's go-plugin, and any program that opens a socket.
 */
@org.jspecify.annotations.NullMarked
package dev.pluggable.plugin;
