package dev.pluggable.contract;

import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.Registration;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;

/**
 * Stands for the host services of one kind in requests that hand them over.
 */
final class HostServiceClient implements ComponentClient {

	private final Class<?> type;

	private final List<String> services;

	HostServiceClient(Class<?> type, List<String> services) {
		this.type = type;
		this.services = services;
	}

	List<String> services() {
		return this.services;
	}

	@Override
	public String component() {
		return "host service " + this.type.getSimpleName();
	}

	@Override
	public String kind() {
		return "host service";
	}

	@Override
	public Channel channel() {
		return new Channel() {

			@Override
			public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
				throw onlyHandedOver();
			}

			@Override
			public String authority() {
				return component();
			}

		};
	}

	private UnsupportedOperationException onlyHandedOver() {
		return new UnsupportedOperationException(
				"The " + component() + " can only be handed over to a plugin; the application calls its bean instead");
	}

	@Override
	public CallOptions callOptions() {
		return CallOptions.DEFAULT;
	}

	@Override
	public Set<String> features() {
		return Set.of();
	}

	@Override
	public long generation() {
		return 0;
	}

	@Override
	public Registration onGeneration(Consumer<ComponentGeneration> listener) {
		return () -> {
		};
	}

	@Override
	public Executor executor() {
		throw onlyHandedOver();
	}

	@Override
	public ScheduledExecutorService scheduler() {
		throw onlyHandedOver();
	}

}
