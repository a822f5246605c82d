package dev.pluggable.internal.endpoint;

import java.util.concurrent.Executor;

import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.internal.reflection.ServiceReflection;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.support.HostTicks;
import dev.pluggable.internal.support.LimitedLog;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.observation.Observers;

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
 * @param warnings logs the warnings about endpoints of which the application declares
 * nothing
 * @param declaredWarnings logs the warnings about what the application declares
 * @param admission limits the number of endpoints that are connected at a time
 * @param reflection asks servers for their services
 * @param ticks the common moments at which endpoints are probed
 * @param observers hear what happens
 */
public record EndpointContext(HostThread thread, Executor handlers, Transport transport, PeerPolicy peers,
		EndpointSettings settings, ComponentChannelCustomizer customizer, EndpointListener listener,
		LimitedLog warnings, LimitedLog declaredWarnings, Admission admission, ServiceReflection reflection,
		HostTicks ticks, Observers observers) {

	/**
	 * More than the lines of an application with a hundred components in trouble.
	 */
	private static final int DECLARED_WARNINGS = 500;

	/**
	 * Create the things that all endpoints of a host share.
	 */
	public EndpointContext(HostThread thread, Executor handlers, Transport transport, PeerPolicy peers,
			EndpointSettings settings, ComponentChannelCustomizer customizer, EndpointListener listener) {
		this(thread, handlers, transport, peers, settings, customizer, listener, Observers.NONE);
	}

	/**
	 * Create the things that all endpoints of a host share.
	 */
	public EndpointContext(HostThread thread, Executor handlers, Transport transport, PeerPolicy peers,
			EndpointSettings settings, ComponentChannelCustomizer customizer, EndpointListener listener,
			Observers observers) {
		this(thread, handlers, transport, peers, settings, customizer, listener,
				LimitedLog.on(thread, "warnings about endpoints", LimitedLog.LINES),
				LimitedLog.on(thread, "warnings about declared components", DECLARED_WARNINGS), new Admission(thread),
				new ServiceReflection(), new HostTicks(thread, ProbeSchedule.tick(settings.probeInterval())),
				observers);
	}

	/**
	 * Return the log of warnings. Sockets that somebody puts into a folder do not silence
	 * the warnings about what the application declares.
	 * @param declared whether the application declares the subject
	 */
	LimitedLog warnings(boolean declared) {
		return declared ? this.declaredWarnings : this.warnings;
	}

}
