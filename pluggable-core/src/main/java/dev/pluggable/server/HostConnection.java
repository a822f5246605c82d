package dev.pluggable.server;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.internal.support.Caller;
import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a host. Several hosts can use one instance, so the settings that
 * concern only a host belong to its connection.
 */
final class HostConnection extends Caller {

	static final Attributes.Key<HostConnection> ATTRIBUTE = Attributes.Key.create("pluggable-host-connection");

	private final Map<Object, Map<String, String>> metadata = new ConcurrentHashMap<>();

	/**
	 * Return the connection of the current call.
	 * @return the connection, {@code null} outside a call
	 */
	static @Nullable HostConnection ofCall() {
		return (current() instanceof HostConnection connection) ? connection : null;
	}

	/**
	 * Keep the settings of the last {@code Init}.
	 * @param instance the instance that {@code Init} was addressed to
	 * @param metadata settings that concern only the host
	 */
	void initialized(Object instance, Map<String, String> metadata) {
		this.metadata.put(instance, metadata);
	}

	/**
	 * Return the settings of the last {@code Init}.
	 * @param instance the instance that {@code Init} was addressed to
	 * @return the settings, {@code null} if there was no {@code Init} on this connection
	 */
	@Nullable Map<String, String> metadata(Object instance) {
		return this.metadata.get(instance);
	}

	/**
	 * Creates the connections of a server, and counts those that are open.
	 */
	static final class Filter extends ServerTransportFilter {

		private final AtomicInteger open = new AtomicInteger();

		int open() {
			return this.open.get();
		}

		@Override
		public Attributes transportReady(Attributes attributes) {
			this.open.incrementAndGet();
			return attributes.toBuilder().set(ATTRIBUTE, new HostConnection()).build();
		}

		@Override
		public void transportTerminated(@Nullable Attributes attributes) {
			// A connection that never spoke gRPC has no attributes.
			if (attributes != null && attributes.get(ATTRIBUTE) != null) {
				this.open.decrementAndGet();
			}
		}

	}

}
