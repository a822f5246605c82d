package dev.pluggable.state;

import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.Registration;
import io.grpc.CallOptions;
import io.grpc.Channel;

/**
 * Access to a component that is always ready.
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

	@Override
	public Registration onGeneration(Consumer<ComponentGeneration> listener) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Executor executor() {
		throw new UnsupportedOperationException();
	}

	@Override
	public ScheduledExecutorService scheduler() {
		throw new UnsupportedOperationException();
	}

}
