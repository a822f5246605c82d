package dev.pluggable.internal.host;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentInitializationException;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ComponentType;
import dev.pluggable.ProbeResult;
import dev.pluggable.internal.endpoint.AbstractComponent;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.observation.MessageListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A component inside this process, which is ready from its creation on.
 *
 * @param <T> the kind's interface
 */
public final class BuiltInComponent<T> extends AbstractComponent<T> implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(BuiltInComponent.class);

	/**
	 * The object that the factory made. The host closes it.
	 */
	private final T owned;

	private final T instance;

	private final ComponentStatus status;

	private BuiltInComponent(ComponentKind<T> kind, ComponentContext context, boolean declared, boolean required,
			T owned, @Nullable MessageListener listener) {
		super(kind, context, declared, required);
		this.owned = owned;
		try {
			this.instance = injectable(owned, listener);
			this.status = new ComponentStatus(ComponentState.READY, null, kind.features(owned), 0, probe(),
					Instant.now());
		}
		catch (RuntimeException | Error ex) {
			closeQuietly(owned);
			throw ex;
		}
	}

	/**
	 * The probe result of each component inside this process.
	 */
	static ProbeResult probe() {
		return new ProbeResult(ProbeResult.Health.UP, "built in", Instant.now());
	}

	/**
	 * Create a declared component.
	 * @param <T> the kind's interface
	 * @param kind the kind
	 * @param factory makes the instance
	 * @param context name, type and settings
	 * @param secrets values of the metadata that come from secret stores
	 * @param required whether the application needs the component
	 * @param listener hears of messages, {@code null} if nobody listens
	 * @return the component
	 * @throws ComponentInitializationException if the factory fails
	 */
	public static <T> BuiltInComponent<T> declared(ComponentKind<T> kind, ComponentFactory<? extends T> factory,
			ComponentContext context, Map<String, String> secrets, boolean required,
			@Nullable MessageListener listener) {
		return new BuiltInComponent<>(kind, context, true, required, create(factory, context, secrets), listener);
	}

	/**
	 * Create the component that an application gets without any configuration.
	 * @param <T> the kind's interface
	 * @param kind the kind
	 * @param application the application
	 * @param listener hears of messages, {@code null} if nobody listens
	 * @return the component, {@code null} if the kind has no such component
	 */
	public static <T> @Nullable BuiltInComponent<T> fallback(ComponentKind<T> kind, ApplicationIdentity application,
			@Nullable MessageListener listener) {
		ComponentFactory<T> factory = kind.builtIns().get(ComponentKind.IN_MEMORY);
		if (factory == null) {
			return null;
		}
		ComponentType type = new ComponentType(kind.typePrefix(), ComponentKind.IN_MEMORY);
		ComponentContext context = new ComponentContext(ComponentKind.IN_MEMORY, type, Map.of(), application);
		return new BuiltInComponent<>(kind, context, false, false, create(factory, context, Map.of()), listener);
	}

	/**
	 * Make an instance.
	 * @throws ComponentInitializationException if the factory fails; neither the message
	 * nor a cause contains a secret
	 */
	static <T> T create(ComponentFactory<? extends T> factory, ComponentContext context, Map<String, String> secrets) {
		Map<String, String> metadata = new HashMap<>(context.metadata());
		metadata.putAll(secrets);
		try {
			return factory.create(context.name(), Map.copyOf(metadata));
		}
		catch (Exception ex) {
			SecretMask mask = new SecretMask(context.metadata()).withSecrets(secrets.values());
			throw failure(context, mask.mask(String.valueOf(ex.getMessage())), hasNoSecret(ex, mask) ? ex : null);
		}
	}

	/**
	 * The exception for a component that cannot be created.
	 * @param context name and type of the component
	 * @param reason the reason, without secrets
	 * @param cause the cause, {@code null} if it is not known or contains secrets
	 * @return the exception
	 */
	public static ComponentInitializationException failure(ComponentContext context, String reason,
			@Nullable Throwable cause) {
		return new ComponentInitializationException(
				"Component '" + context.name() + "' of type '" + context.type() + "' cannot be made: " + reason, cause);
	}

	private static boolean hasNoSecret(Throwable failure, SecretMask mask) {
		StringWriter text = new StringWriter();
		failure.printStackTrace(new PrintWriter(text));
		return mask.mask(text.toString()).equals(text.toString());
	}

	/**
	 * Close the object of a factory, if it can be closed. A failure is logged.
	 */
	static void closeQuietly(@Nullable Object owned) {
		if (owned instanceof AutoCloseable closeable) {
			try {
				closeable.close();
			}
			catch (Exception ex) {
				logger.warn("Closing a built-in component failed", ex);
			}
		}
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
	 * Close the object of the factory. A failure is logged.
	 */
	@Override
	public void close() {
		closeQuietly(this.owned);
	}

}
