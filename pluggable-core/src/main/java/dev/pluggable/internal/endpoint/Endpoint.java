package dev.pluggable.internal.endpoint;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentState;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.internal.reflection.ServiceReflection;
import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.transport.ConnectionListener;
import dev.pluggable.transport.PeerCredentials;
import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One gRPC server that is kept reachable, whatever process is behind it. All methods but
 * those that say otherwise belong to the host's one thread, which is why there is no lock
 * here; nothing in it waits for another process.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class Endpoint {

	private static final Logger logger = LoggerFactory.getLogger(Endpoint.class);

	/**
	 * A generation that lasted this long was no flapping: the next attempt is made at
	 * once.
	 */
	private static final Duration STABLE = Duration.ofSeconds(10);

	/**
	 * Between bind and listen a socket refuses connections, for a moment.
	 */
	private static final Duration FIRST_RETRY = Duration.ofMillis(5);

	private static final Duration LAST_RETRY = Duration.ofSeconds(1);

	/**
	 * A server that is there but of no use will not get better by being asked often.
	 */
	private static final Duration LAST_RETRY_UNUSABLE = Duration.ofSeconds(30);

	/**
	 * So is one that takes connections and ends them at once.
	 */
	private static final Duration FIRST_RETRY_FLAPPING = Duration.ofMillis(20);

	/**
	 * From so many short connections on, one after another, a server counts as failed.
	 */
	private static final int FLAPPING = 3;

	private static final Duration INIT_GRACE = Duration.ofSeconds(1);

	private static final String CONNECTION_LOST = "the connection was lost: the process behind the socket has ended or closed it";

	private static final int MAX_LOGGED = 20;

	private static final String SOCKET_GONE = "the socket has gone";

	private static final String LOST_IN_INIT = "the connection was lost during Init: the process behind the socket has ended or closed it";

	private final String name;

	private final EndpointContext context;

	private final ProbeSchedule probes;

	private final List<RemoteComponent<?>> components = new CopyOnWriteArrayList<>();

	private final List<Generation> draining = new ArrayList<>();

	private final List<Generation> connected = new ArrayList<>();

	private final Backoff absentBackoff = new Backoff(FIRST_RETRY, LAST_RETRY);

	private final Backoff unusableBackoff = new Backoff(Duration.ofSeconds(1), LAST_RETRY_UNUSABLE);

	private final Backoff flappingBackoff = new Backoff(FIRST_RETRY_FLAPPING, LAST_RETRY_UNUSABLE);

	private @Nullable EndpointTarget target;

	private EndpointState absence = EndpointState.WAITING;

	private String absenceReason = SOCKET_GONE;

	private @Nullable Generation current;

	private @Nullable Generation attempt;

	private @Nullable ScheduledFuture<?> retry;

	private long connections;

	private Instant readySince = Instant.EPOCH;

	/**
	 * Faults that were logged since the socket last changed or worked: some take turns.
	 */
	private final Set<String> logged = new HashSet<>();

	private boolean closed;

	private volatile boolean stopped;

	private volatile EndpointStatus status;

	/**
	 * An endpoint without a socket.
	 * @param name its name
	 * @param context what all endpoints share
	 */
	public Endpoint(String name, EndpointContext context) {
		this.name = name;
		this.context = context;
		this.probes = new ProbeSchedule(context, () -> this.current, this.components, this::probed);
		this.status = new EndpointStatus(name, null, EndpointState.WAITING, "no socket of this name was found",
				Instant.now(), 0, null, 0, null, Set.of(), ProbeResult.NONE);
	}

	/**
	 * Name of the endpoint.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * What is known of the endpoint now. May be called from any thread.
	 * @return a consistent snapshot
	 */
	public EndpointStatus status() {
		return this.status;
	}

	/**
	 * The components on this endpoint.
	 * @return a copy
	 */
	public List<RemoteComponent<?>> components() {
		return List.copyOf(this.components);
	}

	/**
	 * Whether a connection is alive that somebody may use.
	 * @return {@code true} if so
	 */
	public boolean connected() {
		return this.current != null || this.components.stream().anyMatch(RemoteComponent::routed);
	}

	/**
	 * Whether there is nothing left of the endpoint but discovered components that are
	 * gone and may return.
	 * @return {@code true} if so
	 */
	public boolean isGone() {
		return !this.components.isEmpty()
				&& this.components.stream().allMatch((component) -> component.status().state() == ComponentState.GONE);
	}

	/**
	 * Add a component. It is initialised when the endpoint is ready.
	 * @param component the component
	 */
	public void attach(RemoteComponent<?> component) {
		this.components.add(component);
		if (this.current != null) {
			initialize(component, this.current);
		}
	}

	/**
	 * Take over what discovery found.
	 * @param found the socket, {@code null} if there is none
	 */
	public void update(@Nullable EndpointTarget found) {
		if (Objects.equals(this.target, found)) {
			return;
		}
		if (found == null) {
			absent(EndpointState.WAITING, SOCKET_GONE);
			return;
		}
		this.target = found;
		cancelRetry();
		this.absentBackoff.reset();
		this.unusableBackoff.reset();
		this.flappingBackoff.reset();
		this.logged.clear();
		if (this.attempt != null) {
			this.attempt.closeNow();
			this.attempt = null;
		}
		if (this.current == null || !this.current.isOf(found)) {
			connect();
		}
		publish();
	}

	/**
	 * There is nothing to connect to. A connection that is alive goes on.
	 * @param state the state to be in meanwhile
	 * @param reason why that is so
	 */
	public void absent(EndpointState state, String reason) {
		this.target = null;
		this.absence = state;
		this.absenceReason = reason;
		cancelRetry();
		if (this.current == null && this.attempt == null) {
			away(state, reason);
		}
		publish();
	}

	/**
	 * Go back to the process of before, whose connection is still there because the new
	 * one has not taken its place everywhere.
	 * @param target the process of before
	 */
	public void revert(EndpointTarget target) {
		Generation kept = this.draining.stream()
			.filter((generation) -> generation.isOf(target) && !generation.lost())
			.findFirst()
			.orElse(null);
		Generation dropped = this.current;
		if (kept == null || dropped == null || dropped.isOf(target)) {
			update(target);
			return;
		}
		cancelRetry();
		if (this.attempt != null) {
			this.attempt.closeNow();
			this.attempt = null;
		}
		this.target = target;
		this.draining.remove(kept);
		this.current = kept;
		// What lives on generations goes by their numbers, which only grow.
		kept.identified(++this.connections, kept.services());
		dropped.markLost();
		for (RemoteComponent<?> component : components()) {
			if (!component.isOn(kept)) {
				initialize(component, kept);
			}
			else {
				changed(component, component.ready(kept));
			}
		}
		dropped.closeNow();
		transition(EndpointState.READY, null);
		this.probes.now();
	}

	/**
	 * The process behind it is about to be ended because that is wanted: end the
	 * connection and let calls that are under way finish.
	 * @param reason why that is so
	 */
	public void stop(String reason) {
		this.stopped = true;
		disconnect(reason);
	}

	/**
	 * A process is wanted again.
	 */
	public void start() {
		this.stopped = false;
	}

	/**
	 * Whether there is no connection because none is wanted. May be called from any
	 * thread.
	 */
	boolean isStopped() {
		return this.stopped;
	}

	/**
	 * End the connection and let calls that are under way finish: the process behind it
	 * is about to be ended.
	 * @param reason why that is so
	 */
	public void disconnect(String reason) {
		absent(EndpointState.WAITING, reason);
		if (this.attempt != null) {
			this.attempt.closeNow();
			this.attempt = null;
		}
		Generation generation = this.current;
		if (generation != null) {
			lost(generation, false);
		}
		// Where another process was about to take its place, components are on it still.
		List.copyOf(this.draining).forEach((other) -> lost(other, false));
	}

	/**
	 * Whether there is a connection to a process, be it one that only finishes its calls.
	 * @param target the process
	 * @return {@code false} once all connections to it have ended
	 */
	public boolean isConnectedTo(EndpointTarget target) {
		this.connected.removeIf(Generation::ended);
		return this.connected.stream().anyMatch((generation) -> generation.isOf(target));
	}

	/**
	 * Whether all components are on a process, as far as it offers them.
	 * @param target the process
	 * @return {@code false} as long as that is not so
	 */
	public boolean isReadyOn(EndpointTarget target) {
		Generation generation = this.current;
		return generation != null && generation.isOf(target) && this.components.stream()
			.allMatch((component) -> component.isOn(generation) || !component.offeredBy(generation.services()));
	}

	/**
	 * Whether it is known what a process is good for: its services are known and the
	 * outcome of each {@code Init} as well.
	 * @param target the process
	 * @return {@code false} as long as that is not so
	 */
	public boolean isSettledOn(EndpointTarget target) {
		Generation generation = this.current;
		return generation != null && generation.isOf(target)
				&& this.components.stream().noneMatch(RemoteComponent::initializing);
	}

	/**
	 * The socket is gone for good: discovered components leave until it returns.
	 */
	public void gone() {
		for (RemoteComponent<?> component : this.components) {
			if (!component.declared() && component.status().state() != ComponentState.GONE) {
				changed(component, component.notReady(ComponentState.GONE, SOCKET_GONE));
			}
		}
		closeDrained();
	}

	private void connect() {
		cancelRetry();
		EndpointTarget target = this.target;
		if (this.closed || target == null || this.attempt != null) {
			return;
		}
		Generation generation = new Generation(target);
		this.attempt = generation;
		if (this.status.state() == EndpointState.WAITING) {
			transition(EndpointState.CONNECTING, null);
		}
		try {
			ManagedChannel channel = this.context.transport()
				.connect(target.address(), target.tls(), this.context.peers(), new GenerationListener(generation),
						(builder) -> this.context.customizer().customize(this.name, builder));
			generation.open(channel);
			this.connected.removeIf(Generation::ended);
			this.connected.add(generation);
			Channel probe = generation.internalChannel(null, connectTimeout(), this.context.executor());
			ServiceReflection.listServices(probe).whenComplete((services, failure) -> {
				try {
					connected(generation, services, failure);
				}
				catch (RuntimeException | Error ex) {
					failed(generation, ex);
				}
			});
		}
		catch (RuntimeException | Error ex) {
			failed(generation, ex);
		}
	}

	private Duration connectTimeout() {
		return this.context.settings().connectTimeout();
	}

	private void connected(Generation generation, @Nullable Set<String> services, @Nullable Throwable failure) {
		if (this.attempt != generation) {
			generation.closeNow();
			return;
		}
		boolean declaredInstead = failure != null && Reasons.code(failure) == Status.Code.UNIMPLEMENTED
				&& !this.components.isEmpty();
		if (failure != null && !declaredInstead) {
			failed(generation, failure);
			return;
		}
		this.attempt = null;
		Generation previous = this.current;
		this.current = generation;
		generation.identified(++this.connections, services);
		if (previous != null) {
			this.draining.add(previous);
		}
		this.readySince = Instant.now();
		this.unusableBackoff.reset();
		// GOAWAY leaves the connection open for calls under way, but takes no new ones.
		generation.channel()
			.notifyWhenStateChanged(ConnectivityState.READY, () -> execute(() -> lost(generation, false)));
		this.context.listener().identified(this, (services != null) ? services : Set.of());
		for (RemoteComponent<?> component : components()) {
			if (component.initializingOn() != generation.number()) {
				initialize(component, generation);
			}
		}
		closeDrained();
		transition(EndpointState.READY, null);
		if (generation.lost()) {
			lost(generation, true);
		}
		else {
			this.probes.now();
		}
	}

	private void failed(Generation generation, Throwable failure) {
		this.attempt = null;
		generation.closeNow();
		String refusal = generation.refusal();
		String reason = (refusal != null) ? refusal
				: Reasons.connect(failure, generation.target().socket(), connectTimeout());
		if (this.current != null) {
			if (firstTime(reason)) {
				logger.warn("Endpoint '{}' stays on generation {}, the new process cannot be used: {}", this.name,
						this.current.number(), reason);
			}
			publish(reason);
		}
		else if (this.target == null) {
			away(this.absence, this.absenceReason);
		}
		else if (refusal != null) {
			away(EndpointState.REFUSED, reason);
		}
		else {
			away((this.connections > 0) ? EndpointState.LOST : EndpointState.FAILED, reason);
		}
		if (refusal == null && Reasons.nobodyListens(failure)) {
			retryIn(this.absentBackoff.nextMillis(), this::connectIfListening);
		}
		else {
			retryIn(this.unusableBackoff.nextMillis(), this::connect);
		}
	}

	private void retryIn(long millis, Runnable attempt) {
		cancelRetry();
		if (this.target != null && !this.closed) {
			this.retry = this.context.executor().schedule(attempt, millis, TimeUnit.MILLISECONDS);
		}
	}

	/**
	 * Connect if somebody listens now. There may be many sockets that nobody will ever
	 * listen on again, so asking must be cheap.
	 */
	private void connectIfListening() {
		Path socket = (this.target != null) ? this.target.socket() : null;
		if (socket == null || this.context.transport().isListening(socket)) {
			connect();
		}
		else {
			retryIn(this.absentBackoff.nextMillis(), this::connectIfListening);
		}
	}

	private void cancelRetry() {
		if (this.retry != null) {
			this.retry.cancel(false);
			this.retry = null;
		}
	}

	/**
	 * A generation takes no more calls.
	 * @param ended whether the connection is gone; otherwise calls under way go on
	 */
	private void lost(Generation generation, boolean ended) {
		boolean wasCurrent = this.current == generation;
		if (!this.draining.remove(generation) && !wasCurrent) {
			return;
		}
		generation.markLost();
		if (ended) {
			generation.closeNow();
		}
		else {
			generation.drain(this.context.executor(), drainNanos());
		}
		if (wasCurrent) {
			this.current = null;
		}
		for (RemoteComponent<?> component : this.components) {
			boolean affected = wasCurrent || component.status().state() == ComponentState.READY;
			if (affected && !component.routed() && component.status().state() != ComponentState.GONE) {
				changed(component, component.notReady(component.awayState(),
						this.stopped ? this.absenceReason : component.initializing() ? LOST_IN_INIT : CONNECTION_LOST));
			}
		}
		if (wasCurrent) {
			reconnect();
		}
		closeDrained();
	}

	private void reconnect() {
		boolean stable = Duration.between(this.readySince, Instant.now()).compareTo(STABLE) > 0;
		if (stable) {
			this.absentBackoff.reset();
			this.flappingBackoff.reset();
		}
		int losses = this.flappingBackoff.attempts() + 1;
		if (this.attempt == null) {
			retryIn(stable ? 0 : this.flappingBackoff.nextMillis(), this::connect);
		}
		if (this.target == null) {
			transition(this.absence, this.absenceReason.equals(SOCKET_GONE) ? CONNECTION_LOST : this.absenceReason);
		}
		else if (losses >= FLAPPING) {
			transition(EndpointState.FAILED, "the connection is lost soon after it is made, each time");
		}
		else {
			transition(EndpointState.LOST, CONNECTION_LOST);
		}
	}

	private long drainNanos() {
		return this.context.settings().drainTimeout().toNanos();
	}

	/**
	 * Change to a state in which no component can be reached. Who sees the state sees it
	 * on the components too.
	 */
	private void away(EndpointState state, String reason) {
		for (RemoteComponent<?> component : this.components) {
			if (component.status().state() != ComponentState.GONE && !component.routed()) {
				changed(component, component.notReady(component.awayState(), reason));
			}
		}
		transition(state, reason);
	}

	private void initialize(RemoteComponent<?> component, Generation generation) {
		component.initializingOn(generation.number());
		if (!component.offeredBy(generation.services())) {
			component.initializationEnded();
			String reason = "endpoint '" + this.name + "' does not offer " + component.kind().name()
					+ "; its services are " + Reasons.few(generation.services());
			if (this.components.stream()
				.anyMatch((other) -> other.isTwinOf(component) && other.offeredBy(generation.services()))) {
				changed(component, component.notReady(ComponentState.GONE, reason));
				return;
			}
			changed(component, component.routed() ? component.stillReady(reason)
					: component.notReady(component.awayState(), reason));
			return;
		}
		MetadataSecrets secrets = component.metadataSecrets();
		if (secrets == null) {
			initialize(component, generation, component.context());
			return;
		}
		String waitsFor = secrets.waitsFor();
		if (waitsFor != null) {
			component.initializationEnded();
			changed(component, component.routed() ? component.stillReady(waitsFor)
					: component.notReady(component.awayState(), waitsFor));
			return;
		}
		within(component.settings().initTimeout(), secrets::read, (values, failure) -> {
			if (values == null || !awaitsInit(component, generation)) {
				initialized(component, generation, null, failure, "its secrets cannot be read");
				this.context.listener().initialized(this);
			}
			else {
				initialize(component, generation, component.contextWith(values));
			}
		});
	}

	private boolean awaitsInit(RemoteComponent<?> component, Generation generation) {
		return !this.closed && this.current == generation && !generation.lost()
				&& component.initializingOn() == generation.number();
	}

	private void initialize(RemoteComponent<?> component, Generation generation, ComponentContext context) {
		Duration timeout = component.settings().initTimeout();
		Channel channel = generation.internalChannel(component.name(), timeout, this.context.executor());
		within(timeout.plus(INIT_GRACE), () -> component.kind().initialize(channel, context), (features, failure) -> {
			initialized(component, generation, features, failure, "Init failed");
			this.context.listener().initialized(this);
		});
	}

	/**
	 * Begin something and hear of its outcome on the host's thread, at the latest when
	 * its time has passed.
	 */
	private <R> void within(Duration timeout, Supplier<CompletionStage<R>> task,
			BiConsumer<@Nullable R, @Nullable Throwable> listener) {
		CompletableFuture<R> outcome = new CompletableFuture<>();
		ScheduledFuture<?> deadline = this.context.executor()
			.schedule(() -> outcome.completeExceptionally(new TimeoutException()), timeout.toNanos(),
					TimeUnit.NANOSECONDS);
		outcome.whenComplete((result, failure) -> {
			deadline.cancel(false);
			execute(() -> listener.accept(result, failure));
		});
		try {
			task.get().whenComplete((result, failure) -> {
				if (failure != null) {
					outcome.completeExceptionally(failure);
				}
				else {
					outcome.complete(result);
				}
			});
		}
		catch (RuntimeException ex) {
			outcome.completeExceptionally(ex);
		}
	}

	/**
	 * What a component has waited for is there: initialise it at once, unless that is
	 * under way or done.
	 * @param component a component on this endpoint
	 */
	public void resume(RemoteComponent<?> component) {
		Generation generation = this.current;
		if (generation != null && !this.closed && !component.initializing() && !component.isOn(generation)) {
			initialize(component, generation);
		}
	}

	private void initialized(RemoteComponent<?> component, Generation generation, @Nullable Set<String> features,
			@Nullable Throwable failure, String what) {
		if (component.initializingOn() == generation.number()) {
			component.initializationEnded();
		}
		if (this.closed || this.current != generation || generation.lost()) {
			return;
		}
		if (failure == null && features != null) {
			changed(component, component.ready(generation, features));
			closeDrained();
			this.probes.now();
			return;
		}
		Throwable cause = (failure != null) ? failure : new NullPointerException("no features");
		String reason = Reasons.initialization(what, cause, component.secrets(), component.settings().initTimeout());
		if (generation.services() == null && Reasons.code(cause) == Status.Code.UNIMPLEMENTED
				&& this.components.stream().anyMatch((other) -> other.isTwinOf(component) && other.isOn(generation))) {
			changed(component, component.notReady(ComponentState.GONE,
					"endpoint '" + this.name + "' does not offer " + component.kind().name()));
			closeDrained();
			return;
		}
		publish(reason);
		if (component.routed()) {
			changed(component, component.stillReady("generation " + generation.number() + " is not used: " + reason));
		}
		else {
			changed(component, component.notReady(ComponentState.INIT_FAILED, reason));
		}
		component.initRetry(this.context.executor().schedule(() -> {
			if (this.current == generation) {
				resume(component);
			}
		}, component.initBackoff().nextMillis(), TimeUnit.MILLISECONDS));
	}

	/**
	 * Close earlier generations that no component needs any more.
	 */
	private void closeDrained() {
		this.draining.removeIf((generation) -> {
			boolean used = this.components.stream()
				.anyMatch((component) -> component.route() != null
						&& Objects.requireNonNull(component.route()).generation() == generation);
			if (!used) {
				generation.drain(this.context.executor(), drainNanos());
			}
			return !used;
		});
	}

	private void probed(ProbeResult result) {
		EndpointStatus status = this.status;
		this.status = new EndpointStatus(status.name(), status.socket(), status.state(), status.reason(),
				status.since(), status.generation(), status.peer(), status.reconnects(), status.lastError(),
				status.services(), result);
	}

	EndpointContext context() {
		return this.context;
	}

	/**
	 * Probe soon because something looks wrong. May be called from any thread.
	 */
	void probeSoon() {
		this.probes.soon();
	}

	/**
	 * A call found that a generation takes no more calls. May be called from any thread.
	 */
	void suspect(Generation generation) {
		execute(() -> {
			if (generation.channel().getState(false) != ConnectivityState.READY) {
				lost(generation, false);
			}
		});
	}

	/**
	 * End the connection and let calls that are under way finish.
	 * @return the channels that are being closed
	 */
	public List<ManagedChannel> close() {
		this.closed = true;
		this.stopped = true;
		cancelRetry();
		this.probes.stop();
		List<ManagedChannel> channels = new ArrayList<>();
		for (RemoteComponent<?> component : this.components) {
			component.stop();
		}
		if (this.attempt != null) {
			this.attempt.closeNow();
			this.attempt = null;
		}
		if (this.current != null) {
			this.draining.add(this.current);
			this.current = null;
		}
		for (Generation generation : this.draining) {
			generation.cancelInternalCalls();
			channels.add(generation.channel().shutdown());
		}
		this.draining.clear();
		transition(EndpointState.WAITING, "the application is stopping");
		return channels;
	}

	private void changed(RemoteComponent<?> component, boolean news) {
		if (news) {
			this.context.listener()
				.componentChanged(new ComponentEvent(ComponentEvent.Change.CHANGED, component, component.status()));
		}
	}

	private void transition(EndpointState state, @Nullable String reason) {
		EndpointStatus before = this.status;
		boolean sameState = before.state() == state;
		boolean sameGeneration = this.current == null || this.current.number() == before.generation();
		boolean same = sameState && sameGeneration && Objects.equals(before.reason(), reason);
		boolean failure = reason != null && (state != EndpointState.WAITING || reason.equals(CONNECTION_LOST));
		this.status = new EndpointStatus(this.name, before.socket(), state, reason,
				sameState ? before.since() : Instant.now(), before.generation(), before.peer(), before.reconnects(),
				failure ? reason : before.lastError(), before.services(),
				(state == EndpointState.READY) ? before.probe() : ProbeResult.NONE);
		publish();
		if (!same && !this.closed) {
			log(state, failure ? reason : null, !sameState || !sameGeneration);
			this.context.listener().changed(this);
		}
	}

	/**
	 * A loss is told once, whatever is found out about it later; a socket that is of no
	 * use once for each thing that is wrong with it.
	 */
	private boolean worthAWarning(EndpointState state, String reason, boolean changed) {
		return (state == EndpointState.FAILED) ? firstTime(reason) : changed;
	}

	private boolean firstTime(String fault) {
		return this.logged.size() < MAX_LOGGED && this.logged.add(fault);
	}

	private void log(EndpointState state, @Nullable String reason, boolean changed) {
		if (state == EndpointState.READY) {
			if (!changed) {
				return;
			}
			logger.info("Endpoint '{}' is ready: {} (generation {}, {})", this.name, this.status.socket(),
					this.status.generation(), this.status.peer());
		}
		else if (reason != null && worthAWarning(state, reason, changed)) {
			logger.warn("Endpoint '{}' is {}: {}", this.name, state, reason);
		}
		else {
			logger.debug("Endpoint '{}' is {}: {}", this.name, state, reason);
		}
	}

	private void publish() {
		publish(this.status.lastError());
	}

	private void publish(@Nullable String lastError) {
		EndpointStatus status = this.status;
		Generation generation = this.current;
		Set<String> services = (generation != null) ? generation.services() : null;
		this.status = new EndpointStatus(this.name, (this.target != null) ? this.target.socket() : null, status.state(),
				status.reason(), status.since(), (generation != null) ? generation.number() : status.generation(),
				(generation != null) ? generation.peer() : null, Math.max(0, this.connections - 1), lastError,
				(services != null) ? services : status.services(), status.probe());
	}

	/**
	 * Run a task on the host's thread. May be called from any thread.
	 */
	void execute(Runnable task) {
		try {
			this.context.executor().execute(task);
		}
		catch (RejectedExecutionException ex) {
			// The host has closed, and with it everything this could be about.
		}
	}

	@Override
	public String toString() {
		return "endpoint '" + this.name + "'";
	}

	/**
	 * Hears of the connection on its event loop.
	 */
	private final class GenerationListener implements ConnectionListener {

		private final Generation generation;

		GenerationListener(Generation generation) {
			this.generation = generation;
		}

		@Override
		public void connected(PeerCredentials peer) {
			this.generation.connected(peer);
		}

		@Override
		public void refused(String reason) {
			this.generation.refused(reason);
		}

		@Override
		public void closed() {
			this.generation.markLost();
			execute(() -> {
				// Before it is identified, the failed reflection tells.
				if (Endpoint.this.attempt != this.generation) {
					lost(this.generation, true);
				}
			});
		}

	}

}
