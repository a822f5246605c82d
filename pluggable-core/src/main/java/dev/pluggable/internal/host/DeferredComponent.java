package dev.pluggable.internal.host;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Draining;
import dev.pluggable.PluggableException;
import dev.pluggable.ProbeResult;
import dev.pluggable.internal.endpoint.AbstractComponent;
import dev.pluggable.internal.endpoint.MetadataSecrets;
import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.observation.MessageListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A component inside this process whose metadata come from a secret store that is not
 * ready yet. The component is created once, as soon as the store is ready. The injected
 * object is a proxy from the beginning to the end. The status changes on the host's
 * thread alone.
 *
 * @param <T> the kind's interface
 */
public final class DeferredComponent<T> extends AbstractComponent<T> implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(DeferredComponent.class);

	private final ComponentFactory<? extends T> factory;

	private final MetadataSecrets secrets;

	private final HostThread thread;

	private final Executor handlers;

	private final Consumer<ComponentEvent> listener;

	private final T instance;

	private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

	private boolean creating;

	private HostThread.@Nullable Timer retry;

	private boolean closed;

	private volatile @Nullable T target;

	private volatile ComponentStatus status;

	/**
	 * A declared component that does not exist yet.
	 * @param kind the kind
	 * @param factory makes the instance
	 * @param context name, type and settings
	 * @param required whether the application needs the component
	 * @param secrets the part of the metadata that comes from secret stores
	 * @param thread the host's thread
	 * @param handlers runs the factory, which may block
	 * @param listener hears of each change, on the host's thread
	 * @param messages hears of messages, {@code null} if nobody listens
	 */
	public DeferredComponent(ComponentKind<T> kind, ComponentFactory<? extends T> factory, ComponentContext context,
			boolean required, MetadataSecrets secrets, HostThread thread, Executor handlers,
			Consumer<ComponentEvent> listener, @Nullable MessageListener messages) {
		super(kind, context, true, required);
		this.factory = factory;
		this.secrets = secrets;
		this.thread = thread;
		this.handlers = handlers;
		this.listener = listener;
		this.status = new ComponentStatus(ComponentState.PENDING, secrets.waitsFor(), Set.of(), 0, ProbeResult.NONE,
				thread.now());
		Class<T> type = kind.type();
		T proxy = type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type, Draining.class },
				(self, method, arguments) -> invoke(self, method, (arguments != null) ? arguments : new Object[0])));
		this.instance = injectable(proxy, messages);
	}

	private @Nullable Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
		if (method.getDeclaringClass() == Object.class) {
			return switch (method.getName()) {
				case "equals" -> self == arguments[0];
				case "hashCode" -> System.identityHashCode(self);
				default -> toString();
			};
		}
		T created = this.target;
		if (method.getDeclaringClass() == Draining.class && !(created instanceof Draining)) {
			return CompletableFuture.completedFuture(null);
		}
		if (created == null) {
			throw new ComponentUnavailableException(name(), kind().name(), method.getName(),
					String.valueOf(this.status.reason()));
		}
		try {
			return method.invoke(created, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	/**
	 * Create the instance, if the secrets can be read now and there is no instance.
	 * Belongs to the host's thread. Returns at once.
	 */
	public void attempt() {
		this.thread.assertCurrent();
		if (this.creating || this.target != null) {
			return;
		}
		if (this.retry != null) {
			// A store can become ready many times, and each time begins an attempt.
			this.retry.cancel();
			this.retry = null;
		}
		String waitsFor = this.secrets.waitsFor();
		if (waitsFor != null) {
			change(ComponentState.PENDING, waitsFor, Set.of());
			return;
		}
		this.creating = true;
		this.secrets.read()
			.thenApplyAsync(this::create, this.handlers)
			.whenComplete(
					(features, failure) -> this.thread.execute("creating " + this, () -> attempted(features, failure)));
	}

	/**
	 * Create the instance.
	 * @return the features of the instance
	 */
	private Set<String> create(Map<String, String> values) {
		T created = BuiltInComponent.create(this.factory, context(), values);
		Set<String> features;
		try {
			features = kind().features(created);
		}
		catch (RuntimeException | Error ex) {
			BuiltInComponent.closeQuietly(created);
			throw ex;
		}
		synchronized (this) {
			if (!this.closed) {
				this.target = created;
				return features;
			}
		}
		BuiltInComponent.closeQuietly(created);
		return features;
	}

	private void attempted(@Nullable Set<String> features, @Nullable Throwable failure) {
		this.creating = false;
		if (features != null) {
			change(ComponentState.READY, null, features);
			return;
		}
		Throwable cause = (failure != null && failure.getCause() != null) ? failure.getCause() : failure;
		// The message of any other exception may contain a secret.
		String reason = (cause instanceof PluggableException) ? String.valueOf(cause.getMessage())
				: String.valueOf((cause != null) ? cause.getClass().getName() : null);
		change(ComponentState.INIT_FAILED, reason, Set.of());
		this.retry = this.thread.schedule("creating " + this, Duration.ofMillis(this.backoff.nextMillis()),
				this::attempt);
	}

	private void change(ComponentState state, @Nullable String reason, Set<String> features) {
		ComponentStatus before = this.status;
		boolean sameState = before.state() == state;
		if (sameState && Objects.equals(before.reason(), reason)) {
			return;
		}
		ComponentStatus status = new ComponentStatus(state, reason, features, 0,
				(state == ComponentState.READY) ? BuiltInComponent.probe() : ProbeResult.NONE,
				sameState ? before.since() : this.thread.now());
		this.status = status;
		if (state == ComponentState.INIT_FAILED) {
			logger.warn("{} is {}: {}", this, state, reason);
		}
		else {
			logger.info("{} is {}{}", this, state, (reason != null) ? ": " + reason : "");
		}
		this.thread.notify("telling that " + this + " changed",
				() -> this.listener.accept(new ComponentEvent(ComponentEvent.Change.CHANGED, this, status)));
	}

	@Override
	public T instance() {
		return this.instance;
	}

	@Override
	public ComponentStatus status() {
		return this.status;
	}

	/**
	 * Close the instance. If it is being created, it is closed as soon as it exists.
	 */
	@Override
	public void close() {
		T created;
		synchronized (this) {
			this.closed = true;
			created = this.target;
		}
		BuiltInComponent.closeQuietly(created);
	}

}
