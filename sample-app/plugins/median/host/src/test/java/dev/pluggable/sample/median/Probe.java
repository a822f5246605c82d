package dev.pluggable.sample.median;

import java.util.List;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentKind;
import dev.pluggable.kind.ComponentCalls;
import io.grpc.Channel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;

/**
 * The smallest proxy of a plugin: asks for its health.
 */
interface Probe {

	void call();

	/**
	 * The kind of the proxy.
	 */
	final class Kind implements ComponentKind<Probe> {

		static final Kind INSTANCE = new Kind();

		private static final HealthCheckRequest REQUEST = HealthCheckRequest.newBuilder().setService("plugin").build();

		@Override
		public String name() {
			return "probe";
		}

		@Override
		public Class<Probe> type() {
			return Probe.class;
		}

		@Override
		public List<String> services() {
			return List.of(HealthGrpc.SERVICE_NAME);
		}

		@Override
		public Probe createProxy(ComponentClient client) {
			ComponentCalls calls = new ComponentCalls(client, (failure) -> null);
			return () -> calls.unary(HealthGrpc.getCheckMethod(), REQUEST);
		}

		@Override
		public CompletionStage<?> ping(Channel channel) {
			return ComponentCalls.async(channel, HealthGrpc.getCheckMethod(), REQUEST);
		}

	}

}
