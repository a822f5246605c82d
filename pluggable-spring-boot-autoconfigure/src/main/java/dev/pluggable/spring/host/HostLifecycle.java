package dev.pluggable.spring.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.Component;
import dev.pluggable.ComponentEvent;
import dev.pluggable.Registration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginStatus;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.log.LogMessage;

/**
 * Starts the host, waits for required components and plugins, and registers discovered
 * components as beans.
 * <p>
 * The host starts when all bean definitions are complete and before Spring creates the
 * first singleton, so Spring can inject a component whose socket exists. With an initial
 * wait of zero, the host starts with the other lifecycle beans. Web and gRPC servers
 * start after required components are ready. The host closes when Spring destroys the
 * host bean, after the beans that use the host.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class HostLifecycle
		implements BeanFactoryInitializer<DefaultListableBeanFactory>, SmartLifecycle, DisposableBean {

	/**
	 * The phase is lower than the phases of web servers.
	 */
	static final int PHASE = Integer.MAX_VALUE / 2;

	private static final Log logger = LogFactory.getLog(HostLifecycle.class);

	private final ComponentHost host;

	private final Duration initialWait;

	private final Duration startupWait;

	private final ComponentDefinitions definitions;

	private final boolean onlyDiscovered;

	private final ApplicationEventPublisher publisher;

	private final ReentrantLock publishing = new ReentrantLock();

	/**
	 * Ids of the declared components that the host did not have when the application
	 * started. Such components become beans if the host adds them later.
	 */
	private Set<String> removed = Set.of();

	private @Nullable Registration discovery;

	private volatile @Nullable Registration events;

	/**
	 * Create the lifecycle.
	 * @param host the host
	 * @param initialWait time to wait until the host has identified the existing sockets
	 * @param startupWait time to wait for required components; with zero, the start does
	 * not wait
	 * @param beanFactory receives the bean definitions of components
	 * @param hostName name of the host bean
	 * @param onlyDiscovered whether to register only discovered components, because
	 * declared and built-in components are already beans or other beans replace them
	 * @param publisher receives the events of components
	 */
	public HostLifecycle(ComponentHost host, Duration initialWait, Duration startupWait,
			DefaultListableBeanFactory beanFactory, String hostName, boolean onlyDiscovered,
			ApplicationEventPublisher publisher) {
		this.host = host;
		this.initialWait = initialWait;
		this.startupWait = startupWait;
		this.definitions = new ComponentDefinitions(beanFactory, hostName);
		this.onlyDiscovered = onlyDiscovered;
		this.publisher = publisher;
	}

	@Override
	public void initialize(DefaultListableBeanFactory beanFactory) {
		if (!this.initialWait.isZero()) {
			startHost();
			awaitFirstLook();
		}
		this.publishing.lock();
		try {
			List<Component<?>> components = this.host.registry().components();
			components.forEach(this::publish);
			this.removed = this.definitions.bind(components);
		}
		finally {
			this.publishing.unlock();
		}
	}

	private void awaitFirstLook() {
		if (!this.host.awaitFirstLook(this.initialWait)) {
			List<String> unidentified = new ArrayList<>(this.host.unidentified());
			// Declared components are beans already.
			this.host.registry()
				.components()
				.stream()
				.filter(Component::declared)
				.forEach((component) -> unidentified.remove(component.endpoint()));
			logger.info(LogMessage.format(
					"The host has not identified %s within %d ms. A component that the application does not declare "
							+ "becomes a bean as soon as the host has identified its endpoint, and beans that exist "
							+ "by then do not change. 'pluggable.discovery.initial-wait' sets the time to wait",
					unidentified.isEmpty() ? "all endpoints" : "the endpoints " + unidentified,
					this.initialWait.toMillis()));
		}
	}

	/**
	 * Start the host and wait for required plugins, unless the host is running.
	 */
	private void startHost() {
		if (this.discovery == null) {
			this.discovery = this.host.registry().onEvent((event) -> {
				if (event.change() == ComponentEvent.Change.ADDED) {
					publish(event.component());
				}
			});
			this.host.start();
			List<PluginStatus> unavailable = this.host.awaitRequiredPlugins();
			if (!unavailable.isEmpty()) {
				throw new RequiredPluginsUnavailableException(unavailable);
			}
		}
	}

	/**
	 * Register a component as a bean. If the application declares a component of the same
	 * kind, a discovered component never affects injection by type.
	 */
	private void publish(Component<?> component) {
		this.publishing.lock();
		try {
			if (this.onlyDiscovered && (component.declared() || component.endpoint() == null)
					&& !this.removed.contains(component.id())) {
				return;
			}
			boolean fallback = !component.declared() && (component.endpoint() == null || this.host.registry()
				.components()
				.stream()
				.anyMatch((other) -> other.declared() && other.kind() == component.kind()));
			this.definitions.register(component, fallback);
		}
		finally {
			this.publishing.unlock();
		}
	}

	@Override
	public void start() {
		startHost();
		this.events = this.host.registry().onEvent(this.publisher::publishEvent);
		if (this.startupWait.compareTo(Duration.ZERO) > 0) {
			List<Component<?>> missing = this.host.awaitRequired(this.startupWait);
			if (!missing.isEmpty()) {
				stop();
				throw new RequiredComponentsUnavailableException(missing, this.startupWait, this.host.folders());
			}
		}
	}

	@Override
	public void stop() {
		Registration events = this.events;
		if (events != null) {
			events.close();
			this.events = null;
		}
	}

	@Override
	public boolean isRunning() {
		return this.events != null;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	@Override
	public void destroy() {
		if (this.discovery != null) {
			this.discovery.close();
		}
	}

}
