package dev.pluggable.internal.endpoint;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;

/**
 * What all endpoints of a host share.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @param executor the host's one thread
 * @param handlers runs work of components that may block
 * @param transport makes the connections
 * @param peers who may be a component
 * @param settings how endpoints are kept reachable
 * @param customizer changes each channel before it is built
 * @param listener told what happens
 * @since 0.1.0
 */
public record EndpointContext(ScheduledExecutorService executor, Executor handlers, Transport transport,
		PeerPolicy peers, EndpointSettings settings, ComponentChannelCustomizer customizer, EndpointListener listener) {
}
