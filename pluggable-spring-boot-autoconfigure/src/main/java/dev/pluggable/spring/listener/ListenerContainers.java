package dev.pluggable.spring.listener;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.pluggable.ComponentEvent;
import dev.pluggable.Registration;
import dev.pluggable.stream.HandlerRunner;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Starts the listeners after all other parts of the application, web servers included.
 * Stops the listeners before any other part of the application. Safe for use by many
 * threads.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ListenerContainers
		implements ListenerRegistry, SmartLifecycle, ApplicationListener<ContextClosedEvent>, Ordered, DisposableBean {

	private static final Log logger = LogFactory.getLog(ListenerContainers.class);

	/**
	 * The time that a stop waits for subscriptions beyond the longest grace period.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(2);

	private final ConcurrentSkipListMap<String, ListenerContainer<?>> containers = new ConcurrentSkipListMap<>();

	private final ComponentLookup lookup;

	private final ConfigurableListableBeanFactory beanFactory;

	private final String name;

	private volatile @Nullable Registration registration;

	/**
	 * Create a registry without listeners.
	 * @param lookup finds the components of the listeners
	 * @param beanFactory the factory of the beans with listener methods
	 * @param name name of this bean
	 */
	public ListenerContainers(ComponentLookup lookup, ConfigurableListableBeanFactory beanFactory, String name) {
		this.lookup = lookup;
		this.beanFactory = beanFactory;
		this.name = name;
	}

	/**
	 * Add listeners before the application is started.
	 * @param definitions the listeners
	 * @throws InvalidListenerException if two listeners have the same id
	 */
	public void add(Collection<ListenerDefinition<?>> definitions) {
		for (ListenerDefinition<?> definition : definitions) {
			add(definition);
		}
	}

	private <T> void add(ListenerDefinition<T> definition) {
		String id = definition.id();
		if (id.isEmpty()) {
			id = definition.endpoint().defaultId();
			for (int i = 2; this.containers.containsKey(id); i++) {
				id = definition.endpoint().defaultId() + "#" + i;
			}
		}
		ListenerContainer<T> container = new ListenerContainer<>(definition.withId(id), this.lookup);
		ListenerContainer<?> other = this.containers.putIfAbsent(id, container);
		if (other != null) {
			throw definition.endpoint()
				.invalid("the id '" + id + "' is also the id of " + other.definition().endpoint(),
						"Use a different id for each listener.");
		}
		// Spring stops and destroys a bean after the listeners of the bean.
		this.beanFactory.registerDependentBean(definition.endpoint().beanName(), this.name);
	}

	@Override
	public void start() {
		if (this.containers.isEmpty() || this.registration != null) {
			return;
		}
		this.registration = this.lookup.registry().onEvent((event) -> {
			if (event.change() == ComponentEvent.Change.ADDED) {
				this.containers.values().forEach(ListenerContainer::componentChanged);
			}
		});
		try {
			for (ListenerContainer<?> container : this.containers.values()) {
				if (container.definition().autoStartup()) {
					container.start();
				}
			}
		}
		catch (RuntimeException ex) {
			stop();
			throw ex;
		}
	}

	@Override
	public void stop() {
		Registration registration = this.registration;
		if (registration == null) {
			return;
		}
		this.registration = null;
		registration.close();
		Collection<ListenerContainer<?>> all = this.containers.values();
		CompletableFuture<?>[] drained = all.stream()
			.map((container) -> container.drain().toCompletableFuture())
			.toArray(CompletableFuture[]::new);
		Duration grace = all.stream()
			.map((container) -> container.definition().grace())
			.max(Duration::compareTo)
			.orElse(Duration.ZERO);
		// A listener that closes the application does not wait for itself.
		HandlerRunner.detachCurrent();
		try {
			CompletableFuture.allOf(drained).get(grace.plus(PATIENCE).toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.warn("Some listeners did not stop cleanly", ex);
		}
		all.forEach(ListenerContainer::stop);
	}

	/**
	 * Stop the listeners before Spring stops any lifecycle bean, whatever the phase of
	 * the bean.
	 */
	@Override
	public void onApplicationEvent(ContextClosedEvent event) {
		if (event.getApplicationContext().getAutowireCapableBeanFactory() == this.beanFactory) {
			stop();
		}
	}

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	/**
	 * Stop the listeners if the start of the application fails after the listeners were
	 * started.
	 */
	@Override
	public void destroy() {
		stop();
	}

	@Override
	public boolean isRunning() {
		return this.registration != null;
	}

	/**
	 * The phase that Spring starts last and stops first.
	 */
	@Override
	public int getPhase() {
		return Integer.MAX_VALUE;
	}

	@Override
	public List<ListenerStatus> listeners() {
		return this.containers.values().stream().map(ListenerContainer::status).toList();
	}

	@Override
	public Optional<ListenerStatus> find(String id) {
		return Optional.ofNullable(this.containers.get(id)).map(ListenerContainer::status);
	}

	@Override
	public void start(String id) {
		container(id).start();
	}

	@Override
	public void stop(String id) {
		container(id).stop();
	}

	private ListenerContainer<?> container(String id) {
		ListenerContainer<?> container = this.containers.get(id);
		if (container == null) {
			throw new NoSuchElementException(
					"There is no listener '" + id + "'. The listeners are " + this.containers.keySet());
		}
		return container;
	}

}
