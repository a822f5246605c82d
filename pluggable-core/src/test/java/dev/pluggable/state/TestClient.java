package dev.pluggable.state;

import java.util.Set;

import dev.pluggable.ComponentClient;
import io.grpc.CallOptions;
import io.grpc.Channel;

/**
 * Way to a component that is always there.
 */
class TestClient implements ComponentClient {

	private final Channel channel;

	private final Set<String> features;

	volatile long generation = 1;

	TestClient(Channel channel, String... features) {
		this.channel = channel;
		this.features = Set.of(features);
	}

	@Override
	public String component() {
		return "orders";
	}

	@Override
	public String kind() {
		return "state";
	}

	@Override
	public Channel channel() {
		return this.channel;
	}

	@Override
	public CallOptions callOptions() {
		return CallOptions.DEFAULT;
	}

	@Override
	public Set<String> features() {
		return this.features;
	}

	@Override
	public long generation() {
		return this.generation;
	}

}
