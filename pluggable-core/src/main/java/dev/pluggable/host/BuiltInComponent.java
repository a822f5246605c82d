package dev.pluggable.host;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.Component;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentInitializationException;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ComponentType;
import dev.pluggable.ProbeResult;
import dev.pluggable.internal.support.SecretMask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A component inside this process.
 */
final class BuiltInComponent<T> implements Component<T> {

	private static final Logger logger = LoggerFactory.getLogger(BuiltInComponent.class);

	private final String name;

	private final ComponentKind<T> kind;

	private final ComponentType type;

	private final boolean declared;

	private final boolean required;

	private final T owned;

	private final T instance;

	private final ComponentStatus status;

	private BuiltInComponent(ComponentKind<T> kind, ComponentContext context, boolean declared, boolean required,
			T owned) {
		this.name = context.name();
		this.kind = kind;
		this.type = context.type();
		this.declared = declared;
		this.required = required;
		this.owned = owned;
		try {
			this.instance = kind.decorate(owned, context);
			this.status = new ComponentStatus(ComponentState.READY, null, kind.features(owned), 0, well(),
					Instant.now());
		}
		catch (RuntimeException | Error ex) {
			closeQuietly(owned);
			throw ex;
		}
	}

	static ProbeResult well() {
		return new ProbeResult(ProbeResult.Health.UP, "built in", Instant.now());
	}

	/**
	 * Make a component that was declared.
	 * @param secrets values of metadata that were read from secret stores
	 * @throws ComponentInitializationException if it cannot be made
	 */
	static <T> BuiltInComponent<T> declared(ComponentKind<T> kind, ComponentFactory<? extends T> factory,
			ComponentContext context, Map<String, String> secrets, boolean required) {
		return new BuiltInComponent<>(kind, context, true, required, create(factory, context, secrets));
	}

	/**
	 * Make the component that an application gets without any configuration.
	 */
	static <T> @Nullable BuiltInComponent<T> fallback(ComponentKind<T> kind, ApplicationIdentity application) {
		ComponentFactory<T> factory = kind.builtIns().get(ComponentKind.IN_MEMORY);
		if (factory == null) {
			return null;
		}
		ComponentType type = new ComponentType(kind.typePrefix(), ComponentKind.IN_MEMORY);
		ComponentContext context = new ComponentContext(ComponentKind.IN_MEMORY, type, Map.of(), application);
		return new BuiltInComponent<>(kind, context, false, false, create(factory, context, Map.of()));
	}

	/**
	 * Make an instance.
	 * @throws ComponentInitializationException if it cannot be made; nothing in it or its
	 * causes says a secret
	 */
	static <T> T create(ComponentFactory<? extends T> factory, ComponentContext context, Map<String, String> secrets) {
		Map<String, String> metadata = new HashMap<>(context.metadata());
		metadata.putAll(secrets);
		try {
			return factory.create(context.name(), Map.copyOf(metadata));
		}
		catch (Exception ex) {
			SecretMask mask = new SecretMask(context.metadata()).withSecrets(secrets.values());
			throw new ComponentInitializationException("Component '" + context.name() + "' of type '" + context.type()
					+ "' cannot be made: " + mask.mask(String.valueOf(ex.getMessage())), clean(ex, mask) ? ex : null);
		}
	}

	private static boolean clean(Throwable failure, SecretMask mask) {
		StringWriter text = new StringWriter();
		failure.printStackTrace(new PrintWriter(text));
		return mask.mask(text.toString()).equals(text.toString());
	}

	/**
	 * Close what a factory made, if it can be closed.
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
	public String name() {
		return this.name;
	}

	@Override
	public ComponentKind<T> kind() {
		return this.kind;
	}

	@Override
	public ComponentType type() {
		return this.type;
	}

	@Override
	public T instance() {
		return this.instance;
	}

	/**
	 * What the factory made, and so has to be closed.
	 */
	T owned() {
		return this.owned;
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
		return this.declared;
	}

	@Override
	public boolean required() {
		return this.required;
	}

	@Override
	public String toString() {
		return this.kind.name() + " component '" + this.name + "' (" + this.type + ")";
	}

}
