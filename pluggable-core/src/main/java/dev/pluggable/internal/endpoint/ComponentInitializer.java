package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentState;
import dev.pluggable.internal.support.HostThread;
import io.grpc.Channel;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Initialises the components of an endpoint on its current generation. At most one
 * {@code Init} runs on one component and generation. Belongs to the host's thread.
 */
final class ComponentInitializer {

	/**
	 * The calls of an {@code Init} have a deadline, but the future of a kind may end
	 * later or never.
	 */
	private static final Duration GRACE = Duration.ofSeconds(1);

	private static final String INIT_FAILED = "Init failed";

	private final Endpoint endpoint;

	private final HostThread thread;

	private final List<RemoteComponent<?>> components;

	/**
	 * Create an initializer.
	 * @param endpoint the endpoint, which hears of the outcomes
	 * @param thread the host's thread
	 * @param components the components of the endpoint
	 */
	ComponentInitializer(Endpoint endpoint, HostThread thread, List<RemoteComponent<?>> components) {
		this.endpoint = endpoint;
		this.thread = thread;
		this.components = components;
	}

	/**
	 * Begin to initialise a component on the current generation, unless the component is
	 * ready on that generation. An {@code Init} that already runs there is used.
	 * @param component the component
	 * @param generation the current generation
	 */
	void begin(RemoteComponent<?> component, Generation generation) {
		component.cancelInitRetry();
		if (this.endpoint.isInitialized(component, generation)) {
			return;
		}
		Initialization running = generation.initialization(component);
		if (running != null) {
			component.initializing(running);
			return;
		}
		Set<String> services = generation.services();
		String missing = (services != null) ? component.missingFrom(services) : null;
		if (services != null && missing != null) {
			notOffered(component, generation, services, missing);
			return;
		}
		MetadataSecrets secrets = component.metadataSecrets();
		String waitsFor = (secrets != null) ? secrets.waitsFor() : null;
		component.awaitsSecrets(waitsFor != null);
		if (waitsFor != null) {
			component.initializationEnded();
			this.endpoint.changed(component, component.routed() ? component.stillReady(waitsFor)
					: component.notReady(component.stateWithoutGeneration(), waitsFor));
			return;
		}
		Initialization initialization = new Initialization(component, generation);
		generation.initializationBegan(component, initialization);
		component.initializing(initialization);
		component.progress("Init has not ended yet");
		if (secrets == null) {
			initialization.initialize(component.context());
			return;
		}
		within(component.settings().initTimeout(), secrets::read,
				(values, failure) -> initialization.secretsRead(values, failure));
	}

	private void notOffered(RemoteComponent<?> component, Generation generation, Set<String> services, String missing) {
		component.initializationEnded();
		String reason = "endpoint '" + this.endpoint.name() + "' does not offer " + missing + "; its services are "
				+ component.secrets().mask(Reasons.few(services));
		boolean twinOffered = this.components.stream()
			.anyMatch((other) -> other.isTwinOf(component) && other.offeredBy(generation.services()));
		if (this.endpoint.holdsBack() && component.routed()) {
			this.endpoint.lastError(reason);
			this.endpoint.changed(component, component.stillReady(reason));
		}
		else if (twinOffered) {
			this.endpoint.changed(component, component.notReady(ComponentState.GONE, reason));
		}
		else {
			this.endpoint.changed(component, component.routed() ? component.stillReady(reason)
					: component.notReady(component.stateWithoutGeneration(), reason));
		}
	}

	private boolean isCurrent(Generation generation) {
		return this.endpoint.current() == generation && !generation.lost();
	}

	private void failed(RemoteComponent<?> component, Generation generation, String what, Throwable cause) {
		String reason = Reasons.initialization(what, cause, component.secrets(), component.settings().initTimeout());
		if (generation.services() == null && Reasons.code(cause) == Status.Code.UNIMPLEMENTED
				&& !(component.routed() && this.endpoint.holdsBack())
				&& this.endpoint.hasTwinOn(component, generation)) {
			this.endpoint.changed(component, component.notReady(ComponentState.GONE,
					"endpoint '" + this.endpoint.name() + "' does not offer " + component.kind().name()));
			this.endpoint.componentMoved(component);
			return;
		}
		this.endpoint.lastError(reason);
		if (component.routed()) {
			this.endpoint.changed(component,
					component.stillReady("generation " + generation.number() + " is not used: " + reason));
		}
		else {
			this.endpoint.changed(component, component.notReady(ComponentState.INIT_FAILED, reason));
		}
		component.initRetry(this.thread.schedule("repeating Init of " + component,
				Duration.ofMillis(component.initBackoff().nextMillis()), () -> {
					if (isCurrent(generation)) {
						this.endpoint.resume(component);
					}
				}));
	}

	/**
	 * Start work and report its outcome on the host's thread. The outcome is a
	 * {@link TimeoutException} if the work does not end in time.
	 */
	private <R> void within(Duration timeout, Supplier<CompletionStage<R>> work,
			BiConsumer<@Nullable R, @Nullable Throwable> listener) {
		CompletableFuture<R> outcome = new CompletableFuture<>();
		HostThread.Timer deadline = this.thread.schedule("ending Init on " + this.endpoint, timeout,
				() -> outcome.completeExceptionally(new TimeoutException()));
		outcome.whenComplete((result, failure) -> {
			deadline.cancel();
			this.thread.execute("initialising a component of " + this.endpoint, () -> listener.accept(result, failure));
		});
		try {
			work.get().whenComplete((result, failure) -> {
				if (failure != null) {
					outcome.completeExceptionally(failure);
				}
				else {
					outcome.complete(result);
				}
			});
		}
		catch (RuntimeException | LinkageError ex) {
			outcome.completeExceptionally(ex);
		}
	}

	/**
	 * One run of {@code Init} for a component on a generation, with the reading of the
	 * secrets before it.
	 */
	final class Initialization {

		private final RemoteComponent<?> component;

		private final Generation generation;

		private final OwnedResources resources;

		private Initialization(RemoteComponent<?> component, Generation generation) {
			this.component = component;
			this.generation = generation;
			this.resources = generation.newResources();
		}

		Generation generation() {
			return this.generation;
		}

		private void secretsRead(@Nullable Map<String, String> values, @Nullable Throwable failure) {
			if (values != null && isWanted()) {
				initialize(this.component.contextWith(values));
			}
			else {
				ended(null, failure, "its secrets cannot be read");
			}
		}

		private void initialize(ComponentContext context) {
			Duration timeout = this.component.settings().initTimeout();
			Channel channel = this.generation.internalChannel(this.component.name(), timeout,
					ComponentInitializer.this.thread.executor("initialising " + this.component));
			InitializingRoute route = new InitializingRoute(this.generation, channel, this.resources,
					ComponentInitializer.this.endpoint.context().handlers());
			within(timeout.plus(GRACE), () -> this.component.kind().initialize(route, context),
					(features, failure) -> ended(features, failure, INIT_FAILED));
		}

		private boolean isWanted() {
			return this.component.initialization() == this && isCurrent(this.generation);
		}

		private void ended(@Nullable Set<String> features, @Nullable Throwable failure, String what) {
			boolean wanted = isWanted();
			this.generation.initializationEnded(this.component);
			if (this.component.initialization() == this) {
				this.component.initializationEnded();
			}
			if (!wanted || features == null) {
				this.generation.close(this.resources);
			}
			if (wanted && features != null) {
				ComponentInitializer.this.endpoint.initialized(this.component, this.generation, features);
			}
			else if (wanted) {
				failed(this.component, this.generation, what,
						(failure != null) ? failure : new NullPointerException("no features"));
			}
			ComponentInitializer.this.endpoint.initialized();
		}

	}

}
