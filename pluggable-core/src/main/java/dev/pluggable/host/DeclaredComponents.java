package dev.pluggable.host;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentKind;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.RemoteComponent;
import dev.pluggable.internal.host.BuiltInComponent;
import dev.pluggable.internal.host.DeferredComponent;
import dev.pluggable.internal.host.HostEndpoints;
import dev.pluggable.internal.host.HostRegistry;
import dev.pluggable.internal.host.Implementations;
import dev.pluggable.internal.reflection.ServiceKind;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.observation.MessageListener;
import org.jspecify.annotations.Nullable;

/**
 * Creates the components that an application declares, and a built-in component for each
 * kind that it does not declare.
 */
final class DeclaredComponents {

	private final HostRegistry registry;

	private final Implementations implementations;

	private final HostEndpoints endpoints;

	private final ApplicationIdentity application;

	private final HostThread thread;

	private final Executor handlers;

	private final SecretStoreWaiters waiters;

	private final Consumer<ComponentEvent> listener;

	private final @Nullable MessageListener messages;

	private final List<Runnable> closing = new ArrayList<>();

	/**
	 * No components yet.
	 * @param registry gets the components
	 * @param implementations the implementations inside this process
	 * @param endpoints the endpoints of all other components
	 * @param application the application that uses the components
	 * @param thread the host's thread
	 * @param handlers runs work that may block
	 * @param waiters gets the components that wait for secret stores
	 * @param listener hears of changes of deferred components
	 * @param messages hears of messages, {@code null} if nobody listens
	 */
	DeclaredComponents(HostRegistry registry, Implementations implementations, HostEndpoints endpoints,
			ApplicationIdentity application, HostThread thread, Executor handlers, SecretStoreWaiters waiters,
			Consumer<ComponentEvent> listener, @Nullable MessageListener messages) {
		this.registry = registry;
		this.implementations = implementations;
		this.endpoints = endpoints;
		this.application = application;
		this.thread = thread;
		this.handlers = handlers;
		this.waiters = waiters;
		this.listener = listener;
		this.messages = messages;
	}

	/**
	 * Create all components. If the creation fails, {@link #close} closes those that
	 * exist.
	 * @param declarations valid declarations, each after the secret stores that it needs
	 * @throws InvalidDeclarationException if the metadata of a declaration exclude every
	 * kind
	 * @throws dev.pluggable.ComponentInitializationException if a factory fails
	 */
	void create(List<ComponentDeclaration> declarations) {
		Set<String> declared = new HashSet<>();
		for (ComponentDeclaration declaration : declarations) {
			boolean created = false;
			for (ComponentKind<?> kind : this.registry.kinds()) {
				if (declaration.type().kind().equals(kind.typePrefix()) && create(kind, declaration)) {
					declared.add(kind.name());
					created = true;
				}
			}
			if (!created) {
				throw new InvalidDeclarationException(declaration,
						"there is nothing of the type '" + declaration.type() + "' that its metadata leave",
						"Change or remove the metadata that limit what it is, such as 'direction'.");
			}
		}
		for (ComponentKind<?> kind : this.registry.kinds()) {
			BuiltInComponent<?> fallback = declared.contains(kind.name()) ? null
					: BuiltInComponent.fallback(kind, this.application, this.messages);
			if (fallback != null) {
				add(fallback);
			}
		}
	}

	/**
	 * Create the component of one kind.
	 * @return whether the declaration means a component of this kind
	 */
	private <T> boolean create(ComponentKind<T> kind, ComponentDeclaration declaration) {
		if (!isMeant(kind, declaration)) {
			return false;
		}
		String implementation = declaration.type().implementation();
		ComponentContext context = new ComponentContext(declaration.name(), declaration.type(), declaration.metadata(),
				this.application);
		SecretReferences secrets = declaration.secrets().isEmpty() ? null
				: new SecretReferences(declaration.secrets(), this.registry, this.handlers);
		ComponentFactory<? extends T> builtIn = this.implementations.find(kind, implementation);
		checkServices(kind, declaration, builtIn != null);
		if (builtIn != null) {
			createBuiltIn(kind, builtIn, context, declaration, secrets);
			return true;
		}
		if (this.implementations.contains(kind.typePrefix(), implementation)) {
			return false;
		}
		createRemote(kind, context, declaration, secrets);
		return true;
	}

	private static void checkServices(ComponentKind<?> kind, ComponentDeclaration declaration, boolean builtIn) {
		int services = declaration.services().size();
		if (builtIn && services > 0) {
			throw new InvalidDeclarationException(declaration,
					"it needs gRPC services, but its type '" + declaration.type() + "' is built in and has none",
					"Remove 'services', or use a type in another process.");
		}
		if (!builtIn && kind instanceof ServiceKind && services != 1) {
			throw new InvalidDeclarationException(declaration,
					"a component of the kind '" + kind.name() + "' is one gRPC service, but 'services' has " + services,
					"Set 'services' to the full name of one service, such as 'acme.v1.Greeter'.");
		}
	}

	private static boolean isMeant(ComponentKind<?> kind, ComponentDeclaration declaration) {
		try {
			return kind.isMeantBy(declaration.metadata());
		}
		catch (InvalidRequestException ex) {
			throw new InvalidDeclarationException(declaration, String.valueOf(ex.getMessage()),
					"Correct its metadata.");
		}
	}

	private <T> void createBuiltIn(ComponentKind<T> kind, ComponentFactory<? extends T> factory,
			ComponentContext context, ComponentDeclaration declaration, @Nullable SecretReferences secrets) {
		if (secrets != null && secrets.waitsFor() != null) {
			DeferredComponent<T> component = new DeferredComponent<>(kind, factory, context, declaration.required(),
					secrets, this.thread, this.handlers, this.listener, this.messages);
			this.closing.add(component::close);
			this.registry.add(component);
			this.waiters.add(declaration, component::attempt);
			return;
		}
		Map<String, String> values;
		try {
			values = (secrets != null) ? secrets.readNow() : Map.of();
		}
		catch (PluggableException ex) {
			throw BuiltInComponent.failure(context, String.valueOf(ex.getMessage()), ex);
		}
		add(BuiltInComponent.declared(kind, factory, context, values, declaration.required(), this.messages));
	}

	private void add(BuiltInComponent<?> component) {
		this.closing.add(component::close);
		this.registry.add(component);
	}

	private <T> void createRemote(ComponentKind<T> kind, ComponentContext context, ComponentDeclaration declaration,
			@Nullable SecretReferences secrets) {
		Endpoint endpoint = this.endpoints.get(declaration.type().implementation());
		RemoteComponent<T> component = new RemoteComponent<>(kind, context, true, declaration.required(),
				declaration.settings(), endpoint, declaration.services(), secrets);
		this.registry.add(component);
		this.thread.execute("attaching " + component, () -> endpoint.attach(component));
		this.waiters.add(declaration, () -> endpoint.resume(component));
	}

	/**
	 * Close all built-in components. A failure is logged.
	 */
	void close() {
		this.closing.forEach(Runnable::run);
	}

}
