package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import dev.pluggable.internal.reflection.ReflectedServices;
import dev.pluggable.internal.support.EndlessCalls;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.transport.PeerCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import org.jspecify.annotations.Nullable;

/**
 * One life of an endpoint: one channel to one process. Each new process is a new
 * generation, so no call can reach a process whose components are not initialised. A
 * generation gets another number when its channel has connected again after the server
 * had announced the end of a connection. Fields that are not volatile belong to the
 * host's thread.
 */
final class Generation {

	private final EndpointTarget target;

	private final String endpoint;

	private final Context.CancellableContext internalCalls = Context.ROOT.withCancellation();

	/**
	 * The runs of {@code Init} that have not ended, by component.
	 */
	private final Map<RemoteComponent<?>, ComponentInitializer.Initialization> initializations = new HashMap<>();

	private final EndlessCalls endlessCalls = new EndlessCalls();

	/**
	 * What the runs of {@code Init} have left for the components on this generation.
	 */
	private final Set<OwnedResources> resources = new HashSet<>();

	private @Nullable ManagedChannel channel;

	private HostThread.@Nullable Timer renewal;

	private volatile long number;

	private @Nullable Set<String> services;

	/**
	 * The services whose description was asked for.
	 */
	private Set<String> described = Set.of();

	private volatile @Nullable CompletableFuture<ReflectedServices> description;

	private volatile @Nullable PeerCredentials peer;

	private volatile @Nullable String refusal;

	private volatile boolean lost;

	private volatile boolean announced;

	/**
	 * The options of the last call of the host itself, for the next call.
	 */
	private volatile @Nullable CallOptions internalOptions;

	/**
	 * Create a generation without a channel.
	 * @param target the process
	 * @param endpoint name of the endpoint
	 */
	Generation(EndpointTarget target, String endpoint) {
		this.target = target;
		this.endpoint = endpoint;
	}

	/**
	 * Return the number of this generation.
	 * @return 1 for the first generation of the endpoint, 0 until the services are known
	 */
	long number() {
		return this.number;
	}

	EndpointTarget target() {
		return this.target;
	}

	boolean isOf(EndpointTarget target) {
		return this.target.identity().equals(target.identity());
	}

	void open(ManagedChannel channel) {
		this.channel = channel;
	}

	ManagedChannel channel() {
		ManagedChannel channel = this.channel;
		if (channel == null) {
			throw new IllegalStateException("The connection was not opened");
		}
		return channel;
	}

	/**
	 * Return a channel for calls of the host itself.
	 * @param component name of the component that the calls are for, {@code null} for
	 * none
	 * @param timeout the time for all calls on the channel together
	 * @param executor runs the callbacks of the calls
	 */
	Channel internalChannel(@Nullable String component, Duration timeout, Executor executor) {
		CallOptions options = this.internalOptions;
		if (options == null || options.getExecutor() != executor) {
			options = InternalChannel.options(this.endpoint, executor);
			this.internalOptions = options;
		}
		return new InternalChannel(channel(), component, Deadline.after(timeout.toNanos(), TimeUnit.NANOSECONDS),
				options, this.internalCalls);
	}

	/**
	 * Return the calls of components that have no deadline.
	 */
	EndlessCalls endlessCalls() {
		return this.endlessCalls;
	}

	void cancelInternalCalls() {
		this.internalCalls.cancel(null);
	}

	/**
	 * Return the services of the server.
	 * @return full names, {@code null} if the server has no reflection
	 */
	@Nullable Set<String> services() {
		return this.services;
	}

	/**
	 * Give this generation its number and its services. Failed attempts have no number.
	 */
	void identified(long number, @Nullable Set<String> services) {
		this.number = number;
		this.services = services;
	}

	boolean offers(String service) {
		Set<String> services = this.services;
		return services != null && services.contains(service);
	}

	/**
	 * Return the services whose description was asked for.
	 */
	Set<String> described() {
		return this.described;
	}

	/**
	 * Return the description of the services. May be called from any thread.
	 * @return completes when the description was read, or could not be read; {@code null}
	 * if nobody needs it
	 */
	@Nullable CompletableFuture<ReflectedServices> description() {
		return this.description;
	}

	void description(Set<String> services, CompletableFuture<ReflectedServices> description) {
		this.described = services;
		this.description = description;
	}

	@Nullable PeerCredentials peer() {
		return this.peer;
	}

	void connected(PeerCredentials peer) {
		this.peer = peer;
	}

	@Nullable String refusal() {
		return this.refusal;
	}

	void refused(String reason) {
		this.refusal = reason;
	}

	boolean lost() {
		return this.lost;
	}

	void markLost() {
		this.lost = true;
	}

	/**
	 * Tell whether the server had announced the end of the last connection. Calls in
	 * flight may go on then, and the loss is no fault.
	 */
	boolean announced() {
		return this.announced;
	}

	void markAnnounced() {
		this.announced = true;
		this.lost = true;
	}

	/**
	 * Remember the end of the time in which the connection must be renewed.
	 * @param deadline the timer, {@code null} if the connection takes calls
	 */
	void renewal(HostThread.@Nullable Timer deadline) {
		if (this.renewal != null) {
			this.renewal.cancel();
		}
		this.renewal = deadline;
	}

	/**
	 * Return the {@code Init} that runs for a component on this generation.
	 * @return the run, {@code null} if none runs
	 */
	ComponentInitializer.@Nullable Initialization initialization(RemoteComponent<?> component) {
		return this.initializations.get(component);
	}

	void initializationBegan(RemoteComponent<?> component, ComponentInitializer.Initialization initialization) {
		this.initializations.put(component, initialization);
	}

	void initializationEnded(RemoteComponent<?> component) {
		this.initializations.remove(component);
	}

	/**
	 * Return resources that close when the connection is lost. While calls still go on,
	 * their process may need the resources.
	 */
	OwnedResources newResources() {
		OwnedResources resources = new OwnedResources();
		this.resources.add(resources);
		return resources;
	}

	void close(OwnedResources resources) {
		this.resources.remove(resources);
		resources.close();
	}

	/**
	 * Tell whether the connection has ended or was never opened.
	 */
	boolean ended() {
		return this.channel == null || this.channel.isTerminated();
	}

	/**
	 * Take no more calls. The connection ends with the last call. Calls without a
	 * deadline end early.
	 * @return the channel that ends
	 */
	ManagedChannel drain(HostThread thread) {
		if (channel().getState(false) != ConnectivityState.READY) {
			closeResources();
		}
		ManagedChannel channel = channel().shutdown();
		this.endlessCalls.replaced(thread);
		return channel;
	}

	private void closeResources() {
		this.resources.forEach(OwnedResources::close);
		this.resources.clear();
	}

	/**
	 * End the connection and all calls on it.
	 */
	void closeNow() {
		cancelInternalCalls();
		closeResources();
		if (this.channel != null) {
			this.channel.shutdownNow();
		}
	}

}
