package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;

import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentState;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.internal.support.ComponentTexts;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.internal.transport.ConnectionListener;
import dev.pluggable.transport.PeerCredentials;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine that keeps one gRPC server reachable. {@link EndpointTransitions}
 * lists the legal transitions. An endpoint survives the processes behind it: each
 * connection to a process is a {@link Generation}.
 * <p>
 * The methods use these words: an endpoint has a <em>target</em>, or its target was
 * <em>withdrawn</em>. A generation is <em>current</em>, or it is <em>lost</em> and takes
 * no more calls. To <em>disconnect</em> is to withdraw the target and to give up all
 * generations. To <em>stop</em> is to disconnect on purpose, so that losses are no
 * faults.
 * <p>
 * Methods belong to the host's thread unless their description says otherwise. No method
 * blocks.
 */
public final class Endpoint {

	private static final Logger logger = LoggerFactory.getLogger(Endpoint.class);

	private static final String SOCKET_GONE = "the socket does not exist any more";

	private static final String CONNECTION_LOST = "the connection was lost: the process behind the socket ended or closed the connection";

	private static final String LOST_IN_INIT = "the connection was lost during Init: the process behind the socket ended or closed the connection";

	private static final String FLAPPING = "the server ends each connection soon after it was made";

	private final String name;

	private final EndpointContext context;

	private final HostThread thread;

	private final Connector connector;

	private final EndpointSecrets secrets;

	private final ProbeSchedule probes;

	private final ComponentInitializer initializer;

	private final ServiceDescriptions descriptions;

	private final List<RemoteComponent<?>> components = new CopyOnWriteArrayList<>();

	private final Generations generations;

	/**
	 * The features of the components that are initialised on the current generation, and
	 * stay on the earlier process until {@link #handOver}.
	 */
	private final Map<RemoteComponent<?>, Set<String>> prepared = new LinkedHashMap<>();

	private final RetryPolicy retries = new RetryPolicy();

	private final FaultLog faults = new FaultLog();

	private EndpointState state = EndpointTransitions.TABLE.initial();

	private @Nullable String reason = "no socket has this name";

	private Instant since;

	private @Nullable String lastError;

	private Set<String> services = Set.of();

	/**
	 * The services of the server from which those of the status are made.
	 */
	private @Nullable Set<String> published;

	private @Nullable SecretMask publishedMask;

	private ProbeResult probe = ProbeResult.NONE;

	private @Nullable EndpointTarget target;

	/**
	 * The state to be in without a target and without a generation.
	 */
	private EndpointState withdrawnState = EndpointState.WAITING;

	private String withdrawnReason = SOCKET_GONE;

	/**
	 * The failure of the last attempt to connect to the target.
	 */
	private @Nullable String problem;

	private boolean needsDeclaration;

	private Handover handover = Handover.SINGLY;

	private @Nullable Generation current;

	private @Nullable Generation attempt;

	/**
	 * The place among the endpoints that are being connected, or the wait for a place.
	 */
	private Admission.@Nullable Entry admission;

	/**
	 * The time limit of the attempt.
	 */
	private Duration attemptTimeout = Duration.ZERO;

	/**
	 * Whether an attempt or an {@code Init} is under way, as of the end of the last
	 * transition.
	 */
	private volatile boolean busy;

	/**
	 * Whether the loss of the last generation was announced, and no attempt has failed
	 * since.
	 */
	private volatile boolean inPeace;

	private HostThread.@Nullable Timer retry;

	/**
	 * The number of generations that became current.
	 */
	private long connections;

	/**
	 * The number of the current or last generation.
	 */
	private long generation;

	/**
	 * The number of the generation that listeners know.
	 */
	private long announced;

	private boolean closed;

	private volatile boolean stopped;

	private volatile EndpointStatus status;

	/**
	 * Create an endpoint without a target. May be called from any thread.
	 * @param name name of the endpoint
	 * @param context the things that all endpoints of a host share
	 */
	public Endpoint(String name, EndpointContext context) {
		this(name, context, new EndpointSecrets());
	}

	private Endpoint(String name, EndpointContext context, EndpointSecrets secrets) {
		this(name, context, new TransportConnector(context, secrets),
				new HealthProbe(context.settings().probeTimeout(), context.thread()), secrets);
	}

	/**
	 * Create an endpoint that connects and probes in a given way.
	 * @param name name of the endpoint
	 * @param context the things that all endpoints of a host share
	 * @param connector connects to targets
	 * @param prober asks for health
	 */
	Endpoint(String name, EndpointContext context, Connector connector, Prober prober) {
		this(name, context, connector, prober, new EndpointSecrets());
	}

	private Endpoint(String name, EndpointContext context, Connector connector, Prober prober,
			EndpointSecrets secrets) {
		this.name = name;
		this.context = context;
		this.thread = context.thread();
		this.connector = connector;
		this.secrets = secrets;
		this.generations = new Generations(this.thread, context.settings().drainTimeout());
		this.initializer = new ComponentInitializer(this, this.thread, this.components);
		this.descriptions = new ServiceDescriptions(this, connector, this.components);
		this.probes = new ProbeSchedule(this, prober, this.components);
		this.since = this.thread.now();
		this.status = createStatus();
	}

	/**
	 * Return the name of the endpoint. May be called from any thread.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Return the secrets that the process behind this endpoint knows. May be called from
	 * any thread.
	 * @return the secrets
	 */
	public EndpointSecrets secrets() {
		return this.secrets;
	}

	/**
	 * Return the published status. May be called from any thread.
	 * @return a consistent snapshot
	 */
	public EndpointStatus status() {
		return this.status;
	}

	/**
	 * Return the components on this endpoint. May be called from any thread.
	 * @return a copy
	 */
	public List<RemoteComponent<?>> components() {
		return List.copyOf(this.components);
	}

	/**
	 * Tell whether there is a current generation or a component that calls can reach.
	 * @return {@code true} if so
	 */
	public boolean connected() {
		this.thread.assertCurrent();
		return this.current != null || this.components.stream().anyMatch(RemoteComponent::routed);
	}

	/**
	 * Tell whether all components are {@link ComponentState#GONE}. May be called from any
	 * thread.
	 * @return {@code false} also if there is no component
	 */
	public boolean isGone() {
		return !this.components.isEmpty()
				&& this.components.stream().allMatch((component) -> component.status().state() == ComponentState.GONE);
	}

	/**
	 * Add a component. The endpoint initialises the component as soon as there is a
	 * generation. May be called from any thread.
	 * @param component the component
	 */
	public void attach(RemoteComponent<?> component) {
		this.components.add(component);
		if (this.thread.isCurrent()) {
			attached(component);
		}
		else {
			this.thread.execute("initialising " + component, () -> attached(component));
		}
	}

	private void attached(RemoteComponent<?> component) {
		resume(component);
		Generation generation = this.current;
		if (generation != null && this.state == EndpointState.READY) {
			this.descriptions.read(generation);
		}
	}

	/**
	 * Initialise a component at once, unless the component is ready or an {@code Init} is
	 * under way. The host calls this method when the secrets of the component may be
	 * available.
	 * @param component a component on this endpoint
	 */
	public void resume(RemoteComponent<?> component) {
		this.thread.assertCurrent();
		Generation generation = this.current;
		if (generation != null && !this.closed && !component.initializingOn(generation)) {
			this.initializer.begin(component, generation);
		}
		updateBusy();
	}

	/**
	 * Tell whether the outcome of the attempt or {@code Init} under way is awaited: the
	 * first one of a component, or one after a loss that was announced. The start of the
	 * first process is awaited, too, and the start of a secret store that the component
	 * needs. May be called from any thread.
	 */
	boolean isAwaited(RemoteComponent<?> component) {
		ComponentState componentState = component.status().state();
		if (!this.busy) {
			return componentState == ComponentState.PENDING && (this.context.listener().isComing(this)
					|| (this.status.state() == EndpointState.READY && component.awaitsSecrets()));
		}
		EndpointState state = this.status.state();
		return switch (componentState) {
			case PENDING -> state == EndpointState.CONNECTING || state == EndpointState.READY;
			case UNAVAILABLE -> this.inPeace;
			case READY -> true;
			case INIT_FAILED, GONE -> false;
		};
	}

	private void updateBusy() {
		leaveIfDone();
		boolean attempted = this.attempt != null || this.admission != null || !this.prepared.isEmpty()
				|| (this.inPeace && this.retry != null);
		this.busy = !this.closed && (attempted || this.components.stream().anyMatch(RemoteComponent::initializing));
	}

	/**
	 * Set the target and connect to it. The components stay on the earlier process, as
	 * long as it lives, until all of them are initialised on the new one. Then they move
	 * together.
	 * @param found the target; {@code null} if the socket does not exist
	 */
	public void update(@Nullable EndpointTarget found) {
		this.thread.assertCurrent();
		if (this.handover == Handover.ON_REQUEST) {
			handOver();
		}
		retarget(found, Handover.WHEN_READY);
	}

	/**
	 * Set the target and connect to it, and initialise the components there. They stay on
	 * the earlier process, as long as it lives, until all of them move in
	 * {@link #handOver} or none of them in {@link #revert}.
	 * @param found the target
	 */
	public void prepare(EndpointTarget found) {
		this.thread.assertCurrent();
		this.handover = Handover.ON_REQUEST;
		retarget(found, Handover.ON_REQUEST);
	}

	private void forgetHandover() {
		this.handover = Handover.SINGLY;
		this.prepared.clear();
	}

	private void retarget(@Nullable EndpointTarget found, Handover handover) {
		if (this.closed || Objects.equals(this.target, found)) {
			return;
		}
		if (found == null) {
			withdraw(EndpointState.WAITING, SOCKET_GONE);
			return;
		}
		this.handover = handover;
		this.target = found;
		this.problem = null;
		this.needsDeclaration = false;
		this.retries.reset();
		this.faults.clear();
		cancelRetry();
		abandonAttempt();
		Generation generation = this.current;
		if (generation == null || !generation.isOf(found)) {
			connect();
		}
		publish();
	}

	/**
	 * Move all components that are initialised on the current generation to this
	 * generation, and let each further one move as soon as its {@code Init} succeeds.
	 */
	public void handOver() {
		this.thread.assertCurrent();
		Map<RemoteComponent<?>, Set<String>> moving = new LinkedHashMap<>(this.prepared);
		boolean held = this.handover != Handover.SINGLY;
		forgetHandover();
		Generation generation = this.current;
		if (!held || generation == null || generation.lost()) {
			return;
		}
		moving.forEach((component, features) -> changed(component, component.ready(generation, features)));
		this.components.stream()
			.filter((component) -> component.routed() && !component.isOn(generation)
					&& !component.offeredBy(generation.services()))
			.forEach(this::resume);
		drainUnused();
		updateBusy();
		if (!moving.isEmpty()) {
			this.probes.now();
		}
	}

	/**
	 * Move the components as soon as none that the earlier process serves would be left
	 * behind.
	 */
	private void handOverIfReady() {
		Generation generation = this.current;
		if (this.handover == Handover.WHEN_READY && generation != null && !generation.lost() && this.components.stream()
			.noneMatch((component) -> component.routed() && isMissing(component, generation))) {
			handOver();
		}
	}

	/**
	 * Tell whether components wait for {@link #handOver}: calls still reach the earlier
	 * process.
	 */
	boolean holdsBack() {
		return this.handover != Handover.SINGLY && this.components.stream().anyMatch(this::isOnEarlier);
	}

	private boolean isOnEarlier(RemoteComponent<?> component) {
		Generation generation = this.current;
		return component.routed() && (generation == null || !component.isOn(generation));
	}

	/**
	 * {@code Init} has succeeded on the current generation.
	 */
	void initialized(RemoteComponent<?> component, Generation generation, Set<String> features) {
		// A component that no process serves gains nothing from waiting for the others.
		boolean waits = component.routed() || this.handover == Handover.ON_REQUEST;
		if (waits && holdsBack()) {
			this.prepared.put(component, features);
			return;
		}
		changed(component, component.ready(generation, features));
		componentMoved(component);
	}

	/**
	 * Tell whether a component is initialised on a generation.
	 */
	boolean isInitialized(RemoteComponent<?> component, Generation generation) {
		return component.isOn(generation) || (this.current == generation && this.prepared.containsKey(component));
	}

	/**
	 * Withdraw the target, because its process or socket is gone. A live connection stays
	 * in use.
	 * @param state the state without a connection, {@link EndpointState#WAITING} or
	 * {@link EndpointState#FAILED}
	 * @param reason the reason for that state
	 */
	public void withdraw(EndpointState state, String reason) {
		this.thread.assertCurrent();
		if (this.closed) {
			return;
		}
		this.target = null;
		this.withdrawnState = state;
		this.withdrawnReason = reason;
		cancelRetry();
		if (this.current == null && this.attempt == null) {
			unreachable(state, reason);
		}
		updateBusy();
		publish();
	}

	/**
	 * Tell what the endpoint waits for, while it has neither a target nor a connection.
	 * @param what what is missing or under way
	 */
	public void waitFor(String what) {
		this.thread.assertCurrent();
		if (!this.closed && this.target == null && this.state == EndpointState.WAITING) {
			this.components.forEach((component) -> component.progress(what));
			goTo(EndpointState.WAITING, what);
		}
	}

	/**
	 * Withdraw the target and give up all connections. Calls under way may end. Streams
	 * are told to end, because they would keep the process.
	 * @param reason the reason
	 */
	public void disconnect(String reason) {
		this.thread.assertCurrent();
		abandonAttempt();
		withdraw(EndpointState.WAITING, reason);
		forgetHandover();
		Generation generation = this.current;
		if (generation != null) {
			lost(generation, false);
		}
		this.generations.retired().forEach((retired) -> lost(retired, false));
		this.components.forEach(RemoteComponent::stopping);
	}

	/**
	 * Disconnect on purpose: until {@link #start()}, a loss is no fault.
	 * @param reason the reason
	 */
	public void stop(String reason) {
		this.thread.assertCurrent();
		this.stopped = true;
		disconnect(reason);
	}

	/**
	 * End the effect of {@link #stop}.
	 */
	public void start() {
		this.thread.assertCurrent();
		this.stopped = this.closed;
	}

	/**
	 * Tell whether a missing connection is intended. May be called from any thread.
	 */
	boolean isStopped() {
		return this.stopped;
	}

	/**
	 * Return to the earlier process, whose connection is still open because components
	 * use the process. Without such a connection this method does the same as
	 * {@link #update}.
	 * @param earlier the target of the earlier process
	 */
	public void revert(EndpointTarget earlier) {
		this.thread.assertCurrent();
		Generation kept = this.generations.retiredOf(earlier);
		Generation dropped = this.current;
		if (this.closed || kept == null || (dropped != null && dropped.isOf(earlier))) {
			update(earlier);
			return;
		}
		forgetHandover();
		cancelRetry();
		abandonAttempt();
		this.target = earlier;
		this.problem = null;
		this.needsDeclaration = false;
		this.generations.unretire(kept);
		this.current = kept;
		if (dropped != null && this.components.stream().anyMatch((component) -> component.isOn(dropped))) {
			// Proxies compare the numbers of generations, so no number is used twice.
			kept.identified(++this.connections, kept.services());
		}
		if (dropped != null) {
			this.generations.retire(dropped);
			lost(dropped, true);
		}
		else if (this.state == EndpointState.WAITING) {
			goTo(EndpointState.CONNECTING, null);
		}
		for (RemoteComponent<?> component : this.components) {
			if (component.isOn(kept)) {
				component.cancelInitRetry();
				component.initializationEnded();
				changed(component, component.ready(kept));
			}
			else {
				this.initializer.begin(component, kept);
			}
		}
		updateBusy();
		goTo(EndpointState.READY, null);
		this.probes.now();
		this.descriptions.read(kept);
	}

	/**
	 * Tell whether a connection to a process is open, even if it only finishes its calls.
	 * @param target the target of the process
	 * @return {@code false} once all connections to the process have ended
	 */
	public boolean isConnectedTo(EndpointTarget target) {
		this.thread.assertCurrent();
		return this.generations.isConnectedTo(target);
	}

	/**
	 * Tell whether a process can take over: the components that the application requires,
	 * and those that the earlier process serves, are initialised on it. A discovered
	 * component may leave with the earlier process, if the new one does not offer it.
	 * @param target the target of the process
	 * @return {@code true} if so
	 */
	public boolean isReadyOn(EndpointTarget target) {
		this.thread.assertCurrent();
		Generation generation = this.current;
		return generation != null && generation.isOf(target)
				&& this.components.stream().noneMatch((component) -> isMissing(component, generation));
	}

	private boolean isMissing(RemoteComponent<?> component, Generation generation) {
		boolean needed = component.required()
				|| (component.routed() && (component.declared() || component.offeredBy(generation.services())));
		return needed && !isInitialized(component, generation) && !hasTwinOn(component, generation);
	}

	/**
	 * Tell whether another component stands for the same declaration, and is initialised
	 * on a generation.
	 */
	boolean hasTwinOn(RemoteComponent<?> component, Generation generation) {
		return this.components.stream()
			.anyMatch((other) -> other.isTwinOf(component) && isInitialized(other, generation));
	}

	/**
	 * Tell whether the services of a process are known, and the outcome of each
	 * {@code Init} on it.
	 * @param target the target of the process
	 * @return {@code true} if so
	 */
	public boolean isSettledOn(EndpointTarget target) {
		this.thread.assertCurrent();
		Generation generation = this.current;
		return generation != null && generation.isOf(target)
				&& this.components.stream().noneMatch(RemoteComponent::initializing);
	}

	/**
	 * Make all discovered components {@link ComponentState#GONE}, because the socket did
	 * not return in time.
	 */
	public void markGone() {
		this.thread.assertCurrent();
		for (RemoteComponent<?> component : this.components) {
			if (!component.declared() && component.status().state() != ComponentState.GONE) {
				changed(component, component.notReady(ComponentState.GONE, SOCKET_GONE));
			}
		}
		drainUnused();
	}

	/**
	 * Return the failure of the last attempt to connect to the target.
	 * @return the failure, {@code null} if no attempt has failed since the endpoint has
	 * this target
	 */
	public @Nullable String problem() {
		this.thread.assertCurrent();
		return this.problem;
	}

	/**
	 * Tell whether the server offers no reflection and no declaration tells its services.
	 * @return {@code true} if so
	 */
	public boolean needsDeclaration() {
		this.thread.assertCurrent();
		return this.needsDeclaration;
	}

	/**
	 * Make an attempt as soon as there is a place for it.
	 */
	private void connect() {
		cancelRetry();
		if (this.closed || this.target == null || this.attempt != null) {
			return;
		}
		if (this.admission != null) {
			this.admission.close();
		}
		this.admission = this.context.admission().enter(priority(), this::attempt);
		updateBusy();
		if (this.state == EndpointState.WAITING) {
			this.components.forEach((component) -> component.progress("the host connects to it"));
			goTo(EndpointState.CONNECTING, null);
		}
		this.context.admission().admit();
	}

	private Admission.Priority priority() {
		if (this.components.stream().anyMatch(RemoteComponent::required)) {
			return Admission.Priority.REQUIRED;
		}
		return this.components.stream().anyMatch(RemoteComponent::declared) ? Admission.Priority.DECLARED
				: Admission.Priority.DISCOVERED;
	}

	/**
	 * Make room for other endpoints once the services are known and each {@code Init} has
	 * ended.
	 */
	private void leaveIfDone() {
		Admission.Entry admission = this.admission;
		if (admission != null && !admission.waits() && this.attempt == null
				&& this.components.stream().noneMatch(RemoteComponent::initializing)) {
			admission.close();
			this.admission = null;
		}
	}

	private void attempt() {
		EndpointTarget target = this.target;
		if (this.closed || target == null || this.attempt != null) {
			leaveIfDone();
			return;
		}
		Generation generation = new Generation(target, this.name);
		this.attempt = generation;
		updateBusy();
		try {
			generation.open(this.connector.connect(this.name, target, new GenerationListener(generation)));
			this.generations.opened(generation);
			Executor executor = this.thread.executor("connecting " + this);
			this.attemptTimeout = this.retries.attemptTimeout(connectTimeout());
			this.connector.services(generation.internalChannel(null, this.attemptTimeout, executor))
				.whenCompleteAsync((services, failure) -> completed(generation, services, failure), executor);
		}
		catch (RuntimeException | Error ex) {
			failed(generation, ex);
		}
	}

	private Duration connectTimeout() {
		return this.context.settings().connectTimeout();
	}

	private void abandonAttempt() {
		if (this.attempt != null) {
			this.attempt.closeNow();
			this.attempt = null;
			updateBusy();
		}
	}

	/**
	 * The attempt has an outcome. An exception must not end in the stage of the attempt,
	 * where nobody sees it: another attempt must follow.
	 */
	private void completed(Generation generation, @Nullable Set<String> services, @Nullable Throwable failure) {
		try {
			connected(generation, services, failure);
		}
		catch (RuntimeException | Error ex) {
			logger.error("Taking over a connection to {} failed", this, ex);
			if (this.current == generation) {
				lost(generation, true);
			}
			else if (this.attempt == generation) {
				failed(generation, ex);
			}
		}
	}

	private void connected(Generation generation, @Nullable Set<String> services, @Nullable Throwable failure) {
		if (this.attempt != generation) {
			generation.closeNow();
			return;
		}
		// The declarations tell the kinds of a server without reflection.
		boolean declared = failure != null && Reasons.code(failure) == Status.Code.UNIMPLEMENTED
				&& !this.components.isEmpty();
		if (failure != null && !declared) {
			failed(generation, failure);
			return;
		}
		this.attempt = null;
		this.problem = null;
		this.needsDeclaration = false;
		Generation previous = this.current;
		this.current = generation;
		this.prepared.clear();
		generation.identified(++this.connections, services);
		if (previous != null) {
			this.generations.retire(previous);
		}
		this.retries.connected(this.thread.nanos());
		generation.channel()
			.notifyWhenStateChanged(ConnectivityState.READY, () -> execute(() -> lost(generation, false)));
		offer(services);
		this.components.forEach(this::resume);
		drainUnused();
		goTo(EndpointState.READY, null);
		updateBusy();
		if (generation.lost()) {
			lost(generation, !generation.announced());
		}
		else {
			handOverIfReady();
			this.probes.now();
			this.descriptions.read(generation);
		}
	}

	/**
	 * Let the host attach components for the services. The host's failure is no fault of
	 * the endpoint.
	 */
	private void offer(@Nullable Set<String> services) {
		try {
			this.context.listener().identified(this, (services != null) ? services : Set.of());
		}
		catch (RuntimeException | Error ex) {
			logger.error("The services of endpoint '{}' cannot be offered as components", this.name, ex);
		}
	}

	private void failed(Generation generation, Throwable failure) {
		this.attempt = null;
		generation.closeNow();
		String refusal = generation.refusal();
		String reason = (refusal != null) ? refusal
				: this.secrets.mask().mask(Reasons.connect(failure, generation.target().socket(), this.attemptTimeout));
		boolean late = refusal == null && Reasons.code(failure) == Status.Code.DEADLINE_EXCEEDED;
		if (late && this.retries.timedOut() && this.target != null) {
			// The machine may be busy. The next attempt has more time.
			logger.debug("An attempt to connect {} got no answer: {}", this, reason);
			this.components.forEach((component) -> component.progress(reason + ". The next attempt has more time"));
			connect();
			return;
		}
		this.inPeace = false;
		updateBusy();
		this.problem = reason;
		this.needsDeclaration = refusal == null && Reasons.code(failure) == Status.Code.UNIMPLEMENTED;
		if (this.current != null) {
			if (this.faults.isNew(reason)) {
				logger.warn("Endpoint '{}' keeps generation {}, because the new process cannot be used: {}", this.name,
						this.current.number(), reason);
			}
			lastError(reason);
		}
		else if (this.target == null) {
			unreachable(this.withdrawnState, this.withdrawnReason);
		}
		else if (refusal != null) {
			unreachable(EndpointState.REFUSED, reason);
		}
		else {
			unreachable((this.connections > 0) ? EndpointState.LOST : EndpointState.FAILED, reason);
		}
		if (refusal == null && Reasons.nobodyListens(failure)) {
			retryIn(this.retries.afterNobodyListened(), this::connectIfListening);
		}
		else {
			retryIn(this.retries.afterFailure(), this::connect);
		}
	}

	private void retryIn(Duration delay, Runnable attempt) {
		cancelRetry();
		if (this.target != null && !this.closed) {
			this.retry = this.thread.schedule("connecting " + this, delay, attempt);
		}
	}

	private void connectIfListening() {
		EndpointTarget target = this.target;
		if (target == null || this.connector.isListening(target)) {
			connect();
		}
		else {
			retryIn(this.retries.afterNobodyListened(), this::connectIfListening);
		}
	}

	private void cancelRetry() {
		if (this.retry != null) {
			this.retry.cancel();
			this.retry = null;
		}
		if (this.admission != null && this.admission.waits()) {
			this.admission.close();
			this.admission = null;
		}
	}

	/**
	 * Give up a generation that takes no more calls, if it is current or retired.
	 * @param generation the generation
	 * @param ended whether the connection has ended; otherwise calls under way go on
	 */
	private void lost(Generation generation, boolean ended) {
		boolean wasCurrent = this.current == generation;
		if (!this.generations.unretire(generation) && !wasCurrent) {
			return;
		}
		generation.markLost();
		generation.renewal(null);
		this.inPeace = generation.announced();
		if (ended) {
			generation.closeNow();
		}
		else {
			this.generations.drain(generation);
		}
		if (wasCurrent) {
			this.current = null;
			this.prepared.clear();
		}
		if (this.handover != Handover.SINGLY && !holdsBack()) {
			// The earlier process is gone, so nothing is gained by waiting for the
			// others.
			handOver();
		}
		for (RemoteComponent<?> component : this.components) {
			boolean affected = wasCurrent || component.status().state() == ComponentState.READY;
			if (affected && !component.routed() && component.status().state() != ComponentState.GONE) {
				String reason = component.initializingOn(generation) ? LOST_IN_INIT : reasonOfLoss();
				changed(component, component.notReady(component.stateWithoutGeneration(),
						this.stopped ? this.withdrawnReason : reason));
			}
		}
		if (wasCurrent) {
			currentLost(generation);
		}
		drainUnused();
		updateBusy();
	}

	private void currentLost(Generation generation) {
		boolean flapping = !generation.announced() && this.retries.lost(this.thread.nanos());
		if (this.attempt == null) {
			retryIn(generation.announced() ? Duration.ZERO : this.retries.afterLoss(), this::connect);
		}
		if (this.target == null && this.attempt == null) {
			goTo(this.withdrawnState, reasonOfLoss());
		}
		else if (flapping) {
			goTo(EndpointState.FAILED, FLAPPING);
		}
		else {
			goTo(EndpointState.LOST, CONNECTION_LOST);
		}
	}

	/**
	 * Tell why the current generation was lost. The end of a process may be known before
	 * the end of its connection.
	 */
	private String reasonOfLoss() {
		boolean explained = this.target == null && this.attempt == null && !this.withdrawnReason.equals(SOCKET_GONE);
		return explained ? this.withdrawnReason : CONNECTION_LOST;
	}

	/**
	 * The server takes no new calls on the connection of a generation. The channel
	 * connects again. A server that does not answer there is lost.
	 */
	private void goingAway(Generation generation) {
		if (!generation.lost()) {
			logger.debug("The server of {} ends a connection of generation {} in peace", this, generation.number());
			generation.renewal(this.thread.schedule("renewing a connection of " + this, connectTimeout(),
					() -> lost(generation, false)));
		}
	}

	/**
	 * The channel of a generation has connected again to the same process. The components
	 * are initialised there. Streams move to the new connection, because the generation
	 * gets another number.
	 */
	private void renewed(Generation generation) {
		generation.renewal(null);
		Generation current = this.current;
		if (generation.lost() || this.closed) {
			return;
		}
		if (generation == current || this.generations.isRetired(generation)) {
			renumber(generation);
			if (current != null && generation != current) {
				// The number of the current generation is the highest one.
				renumber(current);
			}
			publish();
			this.announced = this.generation;
			this.thread.notify("reporting a change of " + this, () -> this.context.listener().changed(this));
		}
	}

	private void renumber(Generation generation) {
		generation.identified(++this.connections, generation.services());
		for (RemoteComponent<?> component : this.components) {
			if (component.isOn(generation)) {
				changed(component, component.renewed(generation));
			}
		}
	}

	/**
	 * Go to a state without a current generation. The components change first, so that an
	 * observer of the new state sees their new state, too.
	 */
	private void unreachable(EndpointState state, String reason) {
		for (RemoteComponent<?> component : this.components) {
			if (component.status().state() != ComponentState.GONE && !component.routed()) {
				changed(component, component.notReady(component.stateWithoutGeneration(), reason));
			}
		}
		goTo(state, reason);
	}

	private void drainUnused() {
		this.generations.drainUnused((generation) -> this.components.stream().anyMatch((component) -> {
			Route route = component.route();
			return route != null && route.generation() == generation;
		}));
	}

	/**
	 * Return the current generation.
	 * @return the generation, {@code null} while there is none
	 */
	@Nullable Generation current() {
		return this.current;
	}

	/**
	 * Return the target.
	 * @return the target, {@code null} while it is withdrawn
	 */
	@Nullable EndpointTarget target() {
		return this.target;
	}

	EndpointContext context() {
		return this.context;
	}

	boolean isClosed() {
		return this.closed;
	}

	/**
	 * A component has left an earlier generation.
	 */
	void componentMoved(RemoteComponent<?> component) {
		drainUnused();
		if (component.routed()) {
			this.probes.now();
		}
	}

	/**
	 * The outcome of an {@code Init} is known.
	 */
	void initialized() {
		handOverIfReady();
		updateBusy();
		if (!this.closed) {
			this.thread.notify("reporting an Init on " + this, () -> this.context.listener().initialized(this));
		}
	}

	/**
	 * Publish the outcome of a probe.
	 */
	void probed(ProbeResult result) {
		this.probe = result;
		publish();
	}

	/**
	 * Publish a fault that does not change the state.
	 */
	void lastError(String fault) {
		this.lastError = fault;
		publish();
	}

	/**
	 * Probe soon, because a call missed its deadline. May be called from any thread.
	 */
	void probeSoon() {
		this.probes.soon();
	}

	/**
	 * Verify a generation, because it did not take a call. May be called from any thread.
	 */
	void suspect(Generation generation) {
		execute(() -> {
			if (generation.lost() || generation.channel().getState(false) != ConnectivityState.READY) {
				lost(generation, false);
			}
		});
	}

	/**
	 * Close the endpoint permanently. Calls in flight may end.
	 * @return the channels that end
	 */
	public List<ManagedChannel> close() {
		this.thread.assertCurrent();
		this.stopped = true;
		cancelRetry();
		this.probes.stop();
		this.descriptions.stop();
		abandonAttempt();
		this.closed = true;
		forgetHandover();
		this.components.forEach(RemoteComponent::stop);
		this.target = null;
		this.current = null;
		List<ManagedChannel> channels = this.generations.close();
		updateBusy();
		goTo(EndpointState.WAITING, "the application is stopping");
		return channels;
	}

	/**
	 * Tell the host of a component that changed.
	 */
	void changed(RemoteComponent<?> component, boolean news) {
		if (news && !this.closed) {
			ComponentEvent event = new ComponentEvent(ComponentEvent.Change.CHANGED, component, component.status());
			this.thread.notify("reporting a change of " + component,
					() -> this.context.listener().componentChanged(event));
		}
	}

	/**
	 * Go to a state and publish it with its reason. An illegal transition is refused and
	 * logged.
	 */
	void goTo(EndpointState next, @Nullable String reason) {
		this.thread.assertCurrent();
		EndpointState before = this.state;
		if (!EndpointTransitions.TABLE.allows(before, next)) {
			logger.error("Endpoint '{}' refuses an illegal transition from {} to {}: {}", this.name, before, next,
					reason, new IllegalStateException("illegal transition"));
			return;
		}
		boolean entered = before != next;
		boolean newGeneration = this.current != null && this.current.number() != this.announced;
		boolean same = !entered && !newGeneration && Objects.equals(this.reason, reason);
		boolean fault = reason != null && (next != EndpointState.WAITING || reason.equals(CONNECTION_LOST));
		this.state = next;
		this.reason = reason;
		if (entered) {
			this.since = this.thread.now();
		}
		if (next != EndpointState.READY) {
			this.probe = ProbeResult.NONE;
		}
		if (fault) {
			this.lastError = reason;
		}
		publish();
		this.announced = this.generation;
		if (!same && !this.closed) {
			log(fault, entered || newGeneration);
			this.thread.notify("reporting a change of " + this, () -> this.context.listener().changed(this));
		}
	}

	private void log(boolean fault, boolean entered) {
		if (this.state == EndpointState.READY) {
			PeerCredentials peer = this.status.peer();
			logger.info("Endpoint '{}' is ready: {} (generation {}{})", this.name, this.status.address(),
					this.status.generation(), (peer != null) ? ", " + peer : "");
		}
		else if (fault && this.target == null && this.state == EndpointState.FAILED) {
			// The plugin supervisor has logged the reason.
			logger.debug("Endpoint '{}' is {}: {}", this.name, this.state, this.reason);
		}
		else if (fault && isNews(entered)) {
			this.context.warnings(this.components.stream().anyMatch(RemoteComponent::declared))
				.log(logger, "Endpoint '" + this.name + "' is " + this.state + ": " + this.reason);
		}
		else {
			logger.debug("Endpoint '{}' is {}: {}", this.name, this.state, this.reason);
		}
	}

	/**
	 * Tell whether a state deserves a warning. A loss deserves one warning, whatever
	 * later attempts find. An unusable server deserves one warning for each fault.
	 */
	private boolean isNews(boolean entered) {
		return (this.state == EndpointState.FAILED) ? this.faults.isNew(String.valueOf(this.reason)) : entered;
	}

	private void publish() {
		Generation generation = this.current;
		if (generation != null) {
			this.generation = generation.number();
			Set<String> services = generation.services();
			SecretMask mask = this.secrets.mask();
			if (services != null && (services != this.published || mask != this.publishedMask)) {
				this.published = services;
				this.publishedMask = mask;
				this.services = ComponentTexts.first(services, ComponentTexts.MAX_SERVICES, mask);
			}
		}
		this.status = createStatus();
	}

	private EndpointStatus createStatus() {
		Generation generation = this.current;
		EndpointTarget target = this.target;
		return new EndpointStatus(this.name, (target != null) ? target.socket() : null,
				(target != null) ? target.toString() : null, this.state, this.reason, this.since, this.generation,
				(generation != null) ? generation.peer() : null, Math.max(0, this.connections - 1), this.lastError,
				this.services, this.probe);
	}

	/**
	 * Run a task on the host's thread. May be called from any thread.
	 */
	void execute(Runnable task) {
		this.thread.execute("looking after " + this, task);
	}

	@Override
	public String toString() {
		return "endpoint '" + this.name + "'";
	}

	/**
	 * How components move from an earlier process to the target.
	 */
	private enum Handover {

		/** Each one as soon as its {@code Init} succeeds. */
		SINGLY,

		/** All of them as soon as the last one is initialised. */
		WHEN_READY,

		/** All of them in {@link Endpoint#handOver}. */
		ON_REQUEST

	}

	/**
	 * Hears of a connection on its event loop, so all methods may run on any thread.
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
		public void goingAway() {
			execute(() -> Endpoint.this.goingAway(this.generation));
		}

		@Override
		public boolean isSameProcess() {
			return this.generation.target().isUnchanged();
		}

		@Override
		public void renewed() {
			execute(() -> Endpoint.this.renewed(this.generation));
		}

		@Override
		public void closed() {
			this.generation.markLost();
			// The failure of an attempt is reported by the call that asks for services.
			execute(() -> lost(this.generation, true));
		}

		@Override
		public void retired() {
			this.generation.markAnnounced();
			execute(() -> lost(this.generation, false));
		}

	}

}
