package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.support.ComponentTexts;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.support.SecretMask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine of a component on an endpoint. {@link ComponentTransitions} lists the
 * legal transitions. The component is ready while it is initialised on a live generation
 * of the endpoint.
 * <p>
 * The methods of {@link dev.pluggable.Component} may be called from any thread. All other
 * methods belong to the host's thread unless their description says otherwise.
 *
 * @param <T> the interface of the kind
 */
public final class RemoteComponent<T> extends AbstractComponent<T> {

	private static final Logger logger = LoggerFactory.getLogger(RemoteComponent.class);

	private static final String HOST_NOT_STARTED = "the host has not started";

	/**
	 * How log lines name the component.
	 */
	private final String label;

	private final ComponentSettings settings;

	private final Endpoint endpoint;

	private final List<String> services;

	private final HostThread thread;

	private final @Nullable MetadataSecrets metadataSecrets;

	/**
	 * Whether {@code Init} waits for the secrets.
	 */
	private volatile boolean awaitsSecrets;

	/**
	 * Whether the host has still to start, and connects to nothing before.
	 */
	private volatile boolean awaitsStart;

	private volatile SecretMask secrets;

	private final EndpointChannel channel;

	private final T instance;

	private final Backoff initBackoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

	private HostThread.@Nullable Timer initRetry;

	/**
	 * The running {@code Init} whose outcome counts. Other threads only read this field.
	 */
	private volatile ComponentInitializer.@Nullable Initialization initialization;

	private volatile ComponentStatus status;

	private volatile List<String> contractProblems = List.of();

	/**
	 * Create a component that is not ready yet. May be called from any thread.
	 * @param kind the kind
	 * @param context name, type and settings
	 * @param declared whether the application declares the component
	 * @param required whether the application requires the component
	 * @param settings limits of calls
	 * @param endpoint the endpoint
	 */
	public RemoteComponent(ComponentKind<T> kind, ComponentContext context, boolean declared, boolean required,
			ComponentSettings settings, Endpoint endpoint) {
		this(kind, context, declared, required, settings, endpoint, List.of(), null);
	}

	/**
	 * Create a component that is not ready yet and takes part of its metadata from secret
	 * stores. May be called from any thread.
	 * @param kind the kind
	 * @param context name, type and settings
	 * @param declared whether the application declares the component
	 * @param required whether the application requires the component
	 * @param settings limits of calls
	 * @param endpoint the endpoint
	 * @param services the services that a server must offer, besides those of the kind
	 * @param metadataSecrets the secrets in the metadata, {@code null} if there are none
	 */
	public RemoteComponent(ComponentKind<T> kind, ComponentContext context, boolean declared, boolean required,
			ComponentSettings settings, Endpoint endpoint, List<String> services,
			@Nullable MetadataSecrets metadataSecrets) {
		super(kind, context, declared, required);
		this.services = List.copyOf(services);
		// The host knows all declared components before it starts.
		this.awaitsStart = declared;
		this.label = kind.name() + " component '" + name() + "'";
		this.settings = settings;
		this.endpoint = endpoint;
		this.thread = endpoint.context().thread();
		this.status = new ComponentStatus(ComponentTransitions.TABLE.initial(),
				waitingFor(String.valueOf(endpoint.status().reason())), Set.of(), 0, ProbeResult.NONE,
				this.thread.now());
		this.metadataSecrets = metadataSecrets;
		this.secrets = new SecretMask(context.metadata());
		endpoint.secrets().put(this, this.secrets);
		this.channel = new EndpointChannel(this, endpoint);
		this.instance = injectable(kind.createProxy(this.channel), endpoint.context().observers().messages());
	}

	private String waitingFor(String what) {
		return "waiting for endpoint '" + this.endpoint.name() + "': " + what;
	}

	/**
	 * Tell what the component waits for, unless it has failed or was ready before. The
	 * log and listeners do not hear of progress.
	 * @param what what is missing or under way
	 */
	void progress(String what) {
		this.thread.assertCurrent();
		ComponentStatus before = this.status;
		if (before.state() == ComponentState.PENDING) {
			this.status = new ComponentStatus(before.state(), waitingFor(what), before.features(), before.generation(),
					before.probe(), before.since());
		}
	}

	/**
	 * Return the reason for which calls cannot pass. May be called from any thread.
	 */
	String unavailability() {
		if (this.awaitsStart) {
			return HOST_NOT_STARTED;
		}
		String reason = this.status.reason();
		return (reason != null) ? reason : "the connection to endpoint '" + this.endpoint.name() + "' was just lost";
	}

	@Override
	public T instance() {
		return this.instance;
	}

	@Override
	public ComponentStatus status() {
		return this.status;
	}

	@Override
	public ComponentClient client() {
		return this.channel;
	}

	@Override
	public String endpoint() {
		return this.endpoint.name();
	}

	@Override
	public List<String> contractProblems() {
		return this.contractProblems;
	}

	/**
	 * Take over how the services of the server differ from what the component needs.
	 * @param problems the differences, each in one line; empty if there are none
	 * @return whether the differences are news
	 */
	boolean contractProblems(List<String> problems) {
		this.thread.assertCurrent();
		List<String> before = this.contractProblems;
		if (before.equals(problems)) {
			return false;
		}
		this.contractProblems = List.copyOf(problems);
		if (!isProbed()) {
			logger.debug("Problems of the contract of {}: {}", this.label, problems);
		}
		else if (problems.isEmpty()) {
			logger.info("The contract of {} and the one of its process agree again", this.label);
		}
		else {
			this.endpoint.context()
				.warnings(declared())
				.log(logger, "The contract of " + this.label + " and the one of its process differ: "
						+ String.join("; ", problems));
		}
		return true;
	}

	/**
	 * Return the services that a server must offer besides those of the kind. May be
	 * called from any thread.
	 * @return full names
	 */
	public List<String> requiredServices() {
		return this.services;
	}

	/**
	 * Tell whether the component is probed and logged by itself. A component that was
	 * discovered for one service is as well as its server. May be called from any thread.
	 */
	boolean isProbed() {
		return declared() || this.services.isEmpty();
	}

	/**
	 * Return the mask for all texts of the process behind the endpoint. May be called
	 * from any thread.
	 */
	SecretMask secrets() {
		return this.endpoint.secrets().mask();
	}

	@Nullable MetadataSecrets metadataSecrets() {
		return this.metadataSecrets;
	}

	/**
	 * Tell whether the component waits for the start of a secret store. May be called
	 * from any thread.
	 */
	boolean awaitsSecrets() {
		return this.awaitsSecrets && this.metadataSecrets != null && this.metadataSecrets.isComing();
	}

	/**
	 * Remember whether {@code Init} begins as soon as the secrets can be read.
	 */
	void awaitsSecrets(boolean awaitsSecrets) {
		this.awaitsSecrets = awaitsSecrets;
	}

	/**
	 * Return the context for {@code Init}. From now on, the secrets are hidden in all
	 * texts of the component.
	 * @param secrets values by the keys of the metadata
	 */
	ComponentContext contextWith(Map<String, String> secrets) {
		this.secrets = this.secrets.withSecrets(secrets.values());
		this.endpoint.secrets().put(this, this.secrets);
		Map<String, String> metadata = new HashMap<>(context().metadata());
		metadata.putAll(secrets);
		return context().withMetadata(metadata);
	}

	ComponentSettings settings() {
		return this.settings;
	}

	Backoff initBackoff() {
		return this.initBackoff;
	}

	/**
	 * Remember the next attempt of {@code Init}.
	 */
	void initRetry(HostThread.Timer retry) {
		this.initRetry = retry;
	}

	void cancelInitRetry() {
		if (this.initRetry != null) {
			this.initRetry.cancel();
			this.initRetry = null;
		}
	}

	/**
	 * Make an {@code Init} the running one. Only its outcome counts from now on.
	 */
	void initializing(ComponentInitializer.Initialization initialization) {
		this.initialization = initialization;
	}

	/**
	 * Ignore the outcome of each earlier {@code Init}.
	 */
	void initializationEnded() {
		this.initialization = null;
	}

	ComponentInitializer.@Nullable Initialization initialization() {
		return this.initialization;
	}

	/**
	 * Tell whether {@code Init} is under way. May be called from any thread.
	 * @return {@code true} until the outcome is known
	 */
	public boolean initializing() {
		return this.initialization != null;
	}

	/**
	 * Tell whether {@code Init} is under way on a generation.
	 */
	boolean initializingOn(Generation generation) {
		ComponentInitializer.Initialization initialization = this.initialization;
		return initialization != null && initialization.generation() == generation;
	}

	/**
	 * Return the route of the calls. May be called from any thread.
	 * @return the route, {@code null} while calls cannot pass
	 */
	@Nullable Route route() {
		return this.channel.route();
	}

	/**
	 * Tell whether calls reach a generation that is not lost. May be called from any
	 * thread.
	 */
	boolean routed() {
		Route route = route();
		return route != null && !route.generation().lost();
	}

	/**
	 * Tell whether calls go to a generation.
	 */
	boolean isOn(Generation generation) {
		Route route = route();
		return route != null && route.generation() == generation;
	}

	/**
	 * Tell whether this component and another one stand for the same declaration. A
	 * declaration can stand for one component of each of several kinds.
	 */
	boolean isTwinOf(RemoteComponent<?> other) {
		return this != other && declared() && other.declared() && name().equals(other.name())
				&& kind().typePrefix().equals(other.kind().typePrefix());
	}

	/**
	 * Tell whether a server offers the kind, and each service that the component needs
	 * besides.
	 * @param services the services of the server, {@code null} if they are not known
	 */
	boolean offeredBy(@Nullable Set<String> services) {
		return services == null || (missingFrom(services) == null);
	}

	/**
	 * Return what a server does not offer.
	 * @param services the services of the server
	 * @return the kind or a service, {@code null} if nothing is missing
	 */
	@Nullable String missingFrom(Set<String> services) {
		List<String> ofKind = kind().services();
		if (!ofKind.isEmpty() && ofKind.stream().noneMatch(services::contains)) {
			return kind().name();
		}
		return this.services.stream().filter((service) -> !services.contains(service)).findFirst().orElse(null);
	}

	/**
	 * Return the services whose health is the health of the component.
	 * @return names of services; the empty name stands for the whole server
	 */
	List<String> healthServices() {
		if (!this.services.isEmpty()) {
			return this.services;
		}
		List<String> ofKind = kind().services();
		return List.of(ofKind.isEmpty() ? "" : ofKind.get(0));
	}

	/**
	 * Let calls pass to a generation on which {@code Init} succeeded.
	 * @return whether the status is news
	 */
	boolean ready(Generation generation, Set<String> features) {
		this.thread.assertCurrent();
		this.initBackoff.reset();
		Set<String> kept = ComponentTexts.features(features);
		this.channel.open(new Route(generation, generation.channel(), kept));
		Set<String> shown = ComponentTexts.first(kept, ComponentTexts.MAX_FEATURES, secrets());
		return goTo(ComponentState.READY, null, shown, generation.number());
	}

	/**
	 * Stay on a generation that has another number now.
	 * @return whether the status is news
	 */
	boolean ready(Generation generation) {
		return goTo(ComponentState.READY, null, this.status.features(), generation.number());
	}

	/**
	 * Stay on a generation whose channel has connected again. Only streams notice.
	 * @return whether the status is news
	 */
	boolean renewed(Generation generation) {
		this.thread.assertCurrent();
		ComponentStatus before = this.status;
		this.channel.open(new Route(generation, generation.channel(), before.features()));
		this.status = new ComponentStatus(before.state(), before.reason(), before.features(), generation.number(),
				before.probe(), before.since());
		return true;
	}

	/**
	 * Stay on the earlier generation, because the component cannot use the new one.
	 * @param reason the reason
	 * @return whether the status is news
	 */
	boolean stillReady(String reason) {
		return goTo(ComponentState.READY, reason);
	}

	/**
	 * Let calls wait or fail.
	 * @param state the new state
	 * @param reason the reason
	 * @return whether the status is news
	 */
	boolean notReady(ComponentState state, String reason) {
		this.thread.assertCurrent();
		this.channel.close();
		return goTo(state, reason);
	}

	/**
	 * Hear that the process is about to be stopped on purpose.
	 */
	void stopping() {
		this.channel.stopping();
	}

	/**
	 * Let all further calls fail.
	 */
	void stop() {
		this.awaitsStart = false;
		cancelInitRetry();
		initializationEnded();
		boolean gone = this.status.state() == ComponentState.GONE;
		goTo(gone ? ComponentState.GONE : stateWithoutGeneration(), "the application is stopping");
		this.channel.stop();
	}

	/**
	 * Tell whether a call should wait for the outcome of what the endpoint does now. May
	 * be called from any thread.
	 * @return {@code true} if the outcome is awaited
	 */
	public boolean awaited() {
		return this.endpoint.isAwaited(this);
	}

	/**
	 * Count the time without a generation from now on, because the host has started. May
	 * be called from any thread.
	 */
	public void started() {
		this.awaitsStart = false;
		this.channel.started();
	}

	/**
	 * Return the state while the endpoint has no generation of use.
	 */
	ComponentState stateWithoutGeneration() {
		return (this.status.generation() > 0) ? ComponentState.UNAVAILABLE : ComponentState.PENDING;
	}

	/**
	 * Go to a state and publish it with its reason.
	 * @return whether the status is news
	 */
	boolean goTo(ComponentState next, @Nullable String reason) {
		ComponentStatus status = this.status;
		return goTo(next, reason, status.features(), status.generation());
	}

	private boolean goTo(ComponentState next, @Nullable String reason, Set<String> features, long generation) {
		this.thread.assertCurrent();
		ComponentStatus before = this.status;
		if (!ComponentTransitions.TABLE.allows(before.state(), next)) {
			logger.error("{} refuses an illegal transition from {} to {}: {}", this.label, before.state(), next, reason,
					new IllegalStateException("illegal transition"));
			return false;
		}
		boolean entered = before.state() != next;
		boolean moved = before.generation() != generation;
		ProbeResult probe = (entered || moved) ? ProbeResult.NONE : before.probe();
		this.status = new ComponentStatus(next, reason, features, generation, probe,
				entered ? this.thread.now() : before.since());
		if (!entered && !moved && Objects.equals(before.reason(), reason)) {
			return false;
		}
		if (!this.endpoint.isClosed()) {
			log(next, reason, generation, entered);
		}
		return true;
	}

	private void log(ComponentState state, @Nullable String reason, long generation, boolean entered) {
		if (!isProbed()) {
			logger.debug("{} is {}: {}", this.label, state, reason);
		}
		else if (state == ComponentState.READY && reason == null) {
			logger.info("{} is ready (endpoint '{}', generation {})", this.label, this.endpoint.name(), generation);
		}
		else if (state == ComponentState.PENDING || this.endpoint.isStopped()) {
			logger.info("{} is not ready: {}", this.label, reason);
		}
		else if (!entered && state == ComponentState.UNAVAILABLE) {
			// The endpoint logs the faults that later attempts find.
			logger.debug("{} is {}: {}", this.label, state, reason);
		}
		else {
			this.endpoint.context().warnings(declared()).log(logger, this.label + " is " + state + ": " + reason);
		}
	}

	/**
	 * Tell whether a component that was well has answered a call since a moment.
	 * @param nanos the reading of the host's ticker
	 */
	boolean answeredSince(long nanos) {
		return this.status.probe().health() == ProbeResult.Health.UP && this.channel.succeededSince(nanos);
	}

	/**
	 * Return the channel of the calls of the application.
	 */
	EndpointChannel channel() {
		return this.channel;
	}

	/**
	 * Publish the outcome of a probe.
	 * @return whether the health is news
	 */
	boolean probed(ProbeResult probe) {
		this.thread.assertCurrent();
		ComponentStatus before = this.status;
		this.status = new ComponentStatus(before.state(), before.reason(), before.features(), before.generation(),
				probe, before.since());
		boolean wasDown = before.probe().health() == ProbeResult.Health.DOWN;
		boolean isDown = probe.health() == ProbeResult.Health.DOWN;
		if (wasDown == isDown) {
			return false;
		}
		if (isDown) {
			logger.warn("{} is not well: {}", this.label, probe.detail());
		}
		else {
			logger.info("{} is well again", this.label);
		}
		return true;
	}

}
