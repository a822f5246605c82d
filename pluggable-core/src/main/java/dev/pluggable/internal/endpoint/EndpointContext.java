package dev.pluggable.internal.endpoint;

import java.util.concurrent.Executor;

import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;

/**
 * The things that all endpoints of a host share.
 *
 * @param thread the host's one thread
 * @param handlers runs work of components that may block
 * @param transport makes the connections
 * @param peers decides which processes may serve components
 * @param settings time limits and intervals
 * @param customizer changes each channel before it is built
 * @param listener hears of changes
 */
public record EndpointContext(HostThread thread, Executor handlers, Transport transport, PeerPolicy peers,
		EndpointSettings settings, ComponentChannelCustomizer customizer, EndpointListener listener) {
}
