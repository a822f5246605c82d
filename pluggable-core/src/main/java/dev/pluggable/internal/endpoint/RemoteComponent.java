package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;

import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.support.SecretMask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A component on an endpoint. Its status is changed on the host's thread alone and may be
 * read from any.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
public final class RemoteComponent<T> extends AbstractComponent<T> {

	private static final Logger logger = LoggerFactory.getLogger(RemoteComponent.class);

	private final ComponentSettings settings;

	private final Endpoint endpoint;

	private final @Nullable MetadataSecrets metadataSecrets;

	private volatile SecretMask secrets;

	private final EndpointChannel channel;

	private final T instance;

	private final Backoff initBackoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

	private @Nullable Future<?> initRetry;

	private long initializingOn;

	private volatile boolean initializing;

	private volatile ComponentStatus status;

	/**
	 * A component that is not ready yet.
	 * @param kind its kind
	 * @param context its name, type and settings
	 * @param declared whether the application declared it
	 * @param required whether the application needs it
	 * @param settings limits of its calls
	 * @param endpoint where it is
	 */
	public RemoteComponent(ComponentKind<T> kind, ComponentContext context, boolean declared, boolean required,
			ComponentSettings settings, Endpoint endpoint) {
		this(kind, context, declared, required, settings, endpoint, null);
	}

	/**
	 * A component that is not ready yet, and gets part of its metadata from secret
	 * stores.
	 * @param kind its kind
	 * @param context its name, type and settings
	 * @param declared whether the application declared it
	 * @param required whether the application needs it
	 * @param settings limits of its calls
	 * @param endpoint where it is
	 * @param metadataSecrets the secrets in its metadata, {@code null} if there are none
	 */
	public RemoteComponent(ComponentKind<T> kind, ComponentContext context, boolean declared, boolean required,
			ComponentSettings settings, Endpoint endpoint, @Nullable MetadataSecrets metadataSecrets) {
		super(kind, context, declared, required);
		this.settings = settings;
		this.endpoint = endpoint;
		this.status = new ComponentStatus(ComponentState.PENDING, "waiting for endpoint '" + endpoint.name() + "'",
				Set.of(), 0, ProbeResult.NONE, Instant.now());
		this.metadataSecrets = metadataSecrets;
		this.secrets = new SecretMask(context.metadata());
		this.channel = new EndpointChannel(this, endpoint);
		this.instance = kind.decorate(kind.createProxy(this.channel), context);
	}

	String unavailability() {
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
	public String endpoint() {
		return this.endpoint.name();
	}

	SecretMask secrets() {
		return this.secrets;
	}

	@Nullable MetadataSecrets metadataSecrets() {
		return this.metadataSecrets;
	}

	/**
	 * The context to initialise with. From now on the secrets in it are hidden in what
	 * the component says.
	 */
	ComponentContext contextWith(Map<String, String> secrets) {
		this.secrets = this.secrets.withSecrets(secrets.values());
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
	 * Number of the generation on which Init was last begun.
	 */
	long initializingOn() {
		return this.initializingOn;
	}

	void initializingOn(long generation) {
		if (this.initRetry != null) {
			// What it waits for can come many times: there is one attempt to come, not
			// many.
			this.initRetry.cancel(false);
			this.initRetry = null;
		}
		this.initializingOn = generation;
		this.initializing = true;
	}

	/**
	 * The next attempt, which is not made if another is begun first.
	 */
	void initRetry(Future<?> retry) {
		this.initRetry = retry;
	}

	void initializationEnded() {
		this.initializing = false;
	}

	/**
	 * Whether {@code Init} is under way.
	 * @return {@code true} until its outcome is known
	 */
	public boolean initializing() {
		return this.initializing;
	}

	@Nullable Route route() {
		return this.channel.route();
	}

	/**
	 * Whether calls reach the component on a generation that lives.
	 */
	boolean routed() {
		Route route = this.channel.route();
		return route != null && !route.generation().lost();
	}

	/**
	 * Whether calls to the component go to a generation.
	 */
	boolean isOn(Generation generation) {
		Route route = this.channel.route();
		return route != null && route.generation() == generation;
	}

	/**
	 * Whether both stand for one declaration, which may mean several kinds.
	 */
	boolean isTwinOf(RemoteComponent<?> other) {
		return this != other && declared() && other.declared() && name().equals(other.name())
				&& kind().typePrefix().equals(other.kind().typePrefix());
	}

	boolean offeredBy(@Nullable Set<String> services) {
		return services == null || kind().services().stream().anyMatch(services::contains);
	}

	boolean ready(Generation generation, Set<String> features) {
		this.initBackoff.reset();
		this.channel.open(new Route(generation, generation.channel(), Set.copyOf(features)));
		return change(ComponentState.READY, null, features, generation.number());
	}

	/**
	 * Go on with the generation that it is on.
	 */
	boolean ready(Generation generation) {
		return change(ComponentState.READY, null, this.status.features(), generation.number());
	}

	/**
	 * Close the gate.
	 */
	boolean notReady(ComponentState state, String reason) {
		this.channel.close();
		ComponentStatus status = this.status;
		return change(state, reason, status.features(), status.generation());
	}

	/**
	 * Close the gate for ever.
	 */
	void stop() {
		ComponentStatus status = this.status;
		this.status = new ComponentStatus(awayState(), "the application is stopping", status.features(),
				status.generation(), status.probe(), Instant.now());
		this.channel.stop();
	}

	/**
	 * Go on with the generation that works, and say what is wrong with the newer one.
	 */
	boolean stillReady(String reason) {
		ComponentStatus status = this.status;
		return change(ComponentState.READY, reason, status.features(), status.generation());
	}

	/**
	 * The state to be in while the endpoint is not there.
	 */
	ComponentState awayState() {
		return (this.status.generation() > 0) ? ComponentState.UNAVAILABLE : ComponentState.PENDING;
	}

	private boolean change(ComponentState state, @Nullable String reason, Set<String> features, long generation) {
		ComponentStatus before = this.status;
		boolean sameState = before.state() == state;
		ProbeResult probe = (sameState && before.generation() == generation) ? before.probe() : ProbeResult.NONE;
		this.status = new ComponentStatus(state, reason, features, generation, probe,
				sameState ? before.since() : Instant.now());
		if (sameState && Objects.equals(before.reason(), reason) && before.generation() == generation) {
			return false;
		}
		if (state == ComponentState.READY && reason == null) {
			logger.info("{} component '{}' is ready (endpoint '{}', generation {})", kind().name(), name(),
					this.endpoint.name(), generation);
		}
		else if (state == ComponentState.PENDING || this.endpoint.isStopped()) {
			logger.info("{} component '{}' is not ready: {}", kind().name(), name(), reason);
		}
		else if (sameState && state == ComponentState.UNAVAILABLE) {
			// What is wrong now is in the log of the endpoint.
			logger.debug("{} component '{}' is {}: {}", kind().name(), name(), state, reason);
		}
		else {
			logger.warn("{} component '{}' is {}: {}", kind().name(), name(), state, reason);
		}
		return true;
	}

	/**
	 * Take over what a probe found.
	 * @return whether that is news
	 */
	boolean probed(ProbeResult probe) {
		ComponentStatus before = this.status;
		this.status = new ComponentStatus(before.state(), before.reason(), before.features(), before.generation(),
				probe, before.since());
		boolean wasDown = before.probe().health() == ProbeResult.Health.DOWN;
		boolean isDown = probe.health() == ProbeResult.Health.DOWN;
		if (wasDown == isDown) {
			return false;
		}
		if (isDown) {
			logger.warn("{} component '{}' is not well: {}", kind().name(), name(), probe.detail());
		}
		else {
			logger.info("{} component '{}' is well again", kind().name(), name());
		}
		return true;
	}

}
