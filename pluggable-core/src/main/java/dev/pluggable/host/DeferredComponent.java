package dev.pluggable.host;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.pluggable.Component;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Draining;
import dev.pluggable.PluggableException;
import dev.pluggable.ProbeResult;
import dev.pluggable.internal.support.Backoff;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A component inside this process that needs secrets of a store that is not there yet. It
 * is made once, as soon as it can be; what is injected is a proxy until then and after.
 * Its status is changed on the host's thread alone.
 */
final class DeferredComponent<T> implements Component<T>, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(DeferredComponent.class);

	private final ComponentKind<T> kind;

	private final ComponentFactory<? extends T> factory;

	private final ComponentContext context;

	private final boolean required;

	private final SecretReferences secrets;

	private final ScheduledExecutorService executor;

	private final Executor handlers;

	private final Consumer<ComponentEvent> listener;

	private final T instance;

	private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

	private boolean making;

	private @Nullable Future<?> retry;

	private boolean closed;

	private volatile @Nullable T target;

	private volatile ComponentStatus status;

	/**
	 * A component that is not made yet.
	 * @param executor the host's one thread
	 * @param handlers makes the component, which may block
	 * @param listener told of each change, on the host's thread
	 */
	DeferredComponent(ComponentKind<T> kind, ComponentFactory<? extends T> factory, ComponentContext context,
			boolean required, SecretReferences secrets, ScheduledExecutorService executor, Executor handlers,
			Consumer<ComponentEvent> listener) {
		this.kind = kind;
		this.factory = factory;
		this.context = context;
		this.required = required;
		this.secrets = secrets;
		this.executor = executor;
		this.handlers = handlers;
		this.listener = listener;
		this.status = new ComponentStatus(ComponentState.PENDING, secrets.waitsFor(), Set.of(), 0, ProbeResult.NONE,
				Instant.now());
		Class<T> type = kind.type();
		T proxy = type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type, Draining.class },
				(self, method, arguments) -> invoke(self, method, (arguments != null) ? arguments : new Object[0])));
		this.instance = kind.decorate(proxy, context);
	}

	private @Nullable Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
		if (method.getDeclaringClass() == Object.class) {
			return switch (method.getName()) {
				case "equals" -> self == arguments[0];
				case "hashCode" -> System.identityHashCode(self);
				default -> toString();
			};
		}
		T made = this.target;
		if (method.getDeclaringClass() == Draining.class && !(made instanceof Draining)) {
			return CompletableFuture.completedFuture(null);
		}
		if (made == null) {
			throw new ComponentUnavailableException(name(), this.kind.name(), method.getName(),
					String.valueOf(this.status.reason()));
		}
		try {
			return method.invoke(made, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	/**
	 * Make the component if it can be made now. Called on the host's thread; returns at
	 * once.
	 */
	void attempt() {
		if (this.making || this.target != null) {
			return;
		}
		if (this.retry != null) {
			// A store can become ready many times: there is one attempt to come, not
			// many.
			this.retry.cancel(false);
			this.retry = null;
		}
		String waitsFor = this.secrets.waitsFor();
		if (waitsFor != null) {
			change(ComponentState.PENDING, waitsFor, Set.of());
			return;
		}
		this.making = true;
		this.secrets.read().thenApplyAsync(this::make, this.handlers).whenComplete((features, failure) -> {
			try {
				this.executor.execute(() -> attempted(features, failure));
			}
			catch (RejectedExecutionException ex) {
				// Closed meanwhile.
			}
		});
	}

	/**
	 * Make the component.
	 * @return its features
	 */
	private Set<String> make(Map<String, String> values) {
		T made = BuiltInComponent.create(this.factory, this.context, values);
		Set<String> features;
		try {
			features = this.kind.features(made);
		}
		catch (RuntimeException | Error ex) {
			BuiltInComponent.closeQuietly(made);
			throw ex;
		}
		synchronized (this) {
			if (!this.closed) {
				this.target = made;
				return features;
			}
		}
		BuiltInComponent.closeQuietly(made);
		return features;
	}

	private void attempted(@Nullable Set<String> features, @Nullable Throwable failure) {
		this.making = false;
		if (features != null) {
			change(ComponentState.READY, null, features);
			return;
		}
		Throwable cause = (failure != null && failure.getCause() != null) ? failure.getCause() : failure;
		String reason = (cause instanceof PluggableException) ? String.valueOf(cause.getMessage())
				: String.valueOf((cause != null) ? cause.getClass().getName() : null);
		change(ComponentState.INIT_FAILED, reason, Set.of());
		this.retry = this.executor.schedule(this::attempt, this.backoff.nextMillis(), TimeUnit.MILLISECONDS);
	}

	private void change(ComponentState state, @Nullable String reason, Set<String> features) {
		ComponentStatus before = this.status;
		if (before.state() == state && Objects.equals(before.reason(), reason)) {
			return;
		}
		ProbeResult probe = (state == ComponentState.READY) ? BuiltInComponent.well() : ProbeResult.NONE;
		this.status = new ComponentStatus(state, reason, features, 0, probe,
				(before.state() == state) ? before.since() : Instant.now());
		if (state == ComponentState.INIT_FAILED) {
			logger.warn("{} is {}: {}", this, state, reason);
		}
		else {
			logger.info("{} is {}{}", this, state, (reason != null) ? ": " + reason : "");
		}
		this.listener.accept(new ComponentEvent(ComponentEvent.Change.CHANGED, this, this.status));
	}

	/**
	 * Close what was made, or what is being made as soon as it is.
	 */
	@Override
	public void close() {
		T made;
		synchronized (this) {
			this.closed = true;
			made = this.target;
		}
		BuiltInComponent.closeQuietly(made);
	}

	@Override
	public String name() {
		return this.context.name();
	}

	@Override
	public ComponentKind<T> kind() {
		return this.kind;
	}

	@Override
	public ComponentType type() {
		return this.context.type();
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
	public @Nullable String endpoint() {
		return null;
	}

	@Override
	public boolean declared() {
		return true;
	}

	@Override
	public boolean required() {
		return this.required;
	}

	@Override
	public String toString() {
		return this.kind.name() + " component '" + name() + "' (" + type() + ")";
	}

}
