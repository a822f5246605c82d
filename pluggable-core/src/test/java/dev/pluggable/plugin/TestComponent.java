package dev.pluggable.plugin;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Registration;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;

/**
 * A component of a launched plugin, whose processes the test replaces.
 */
final class TestComponent implements ComponentClient {

	private final String name;

	private final Executor executor;

	private final ScheduledExecutorService scheduler;

	private final HostServices hostServices;

	private final List<Consumer<ComponentGeneration>> listeners = new CopyOnWriteArrayList<>();

	volatile Duration waitForReady = Duration.ZERO;

	private volatile Generation current;

	private volatile long number;

	TestComponent(String name, Executor executor, ScheduledExecutorService scheduler, HostServices hostServices) {
		this.name = name;
		this.executor = executor;
		this.scheduler = scheduler;
		this.hostServices = hostServices;
	}

	/**
	 * Another process takes over.
	 */
	void on(TestProcess process) {
		on(process.channel(),
				Attributes.newBuilder()
					.set(PluginBroker.KEY, process.broker)
					.set(HostServices.KEY, this.hostServices)
					.build());
	}

	void on(Channel channel, Attributes attributes) {
		Generation generation = new Generation(++this.number, channel, attributes);
		this.current = generation;
		this.listeners.forEach((listener) -> this.scheduler.execute(() -> listener.accept(generation)));
	}

	/**
	 * The process has ended.
	 */
	void lost() {
		this.current = null;
	}

	@Override
	public String component() {
		return this.name;
	}

	@Override
	public String kind() {
		return "test";
	}

	@Override
	public Channel channel() {
		return new Channel() {

			@Override
			public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
				Generation generation = TestComponent.this.current;
				if (generation == null) {
					throw new ComponentUnavailableException(TestComponent.this.name, kind(), method.getBareMethodName(),
							"the process has ended");
				}
				return generation.channel.newCall(method, options);
			}

			@Override
			public String authority() {
				return TestComponent.this.name;
			}

		};
	}

	@Override
	public CallOptions callOptions() {
		return CallOptions.DEFAULT;
	}

	@Override
	public Duration waitForReady() {
		return this.waitForReady;
	}

	@Override
	public Duration callTimeout() {
		return Duration.ofSeconds(20);
	}

	@Override
	public Set<String> features() {
		return Set.of();
	}

	@Override
	public String withoutSecrets(String text) {
		return text.replace("hunter2", "***");
	}

	@Override
	public long generation() {
		return this.number;
	}

	@Override
	public Registration onGeneration(Consumer<ComponentGeneration> listener) {
		this.listeners.add(listener);
		Generation generation = this.current;
		if (generation != null) {
			this.scheduler.execute(() -> listener.accept(generation));
		}
		return () -> this.listeners.remove(listener);
	}

	int listeners() {
		return this.listeners.size();
	}

	@Override
	public Executor executor() {
		return this.executor;
	}

	@Override
	public ScheduledExecutorService scheduler() {
		return this.scheduler;
	}

	private final class Generation implements ComponentGeneration {

		private final long number;

		private final Channel channel;

		private final Attributes attributes;

		Generation(long number, Channel channel, Attributes attributes) {
			this.number = number;
			this.channel = channel;
			this.attributes = attributes;
		}

		@Override
		public long number() {
			return this.number;
		}

		@Override
		public Channel channel() {
			return this.channel;
		}

		@Override
		public Attributes attributes() {
			return this.attributes;
		}

		@Override
		public boolean current() {
			return TestComponent.this.current == this;
		}

	}

}
