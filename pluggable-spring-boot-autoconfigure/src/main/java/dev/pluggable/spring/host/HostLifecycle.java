package dev.pluggable.spring.host;

import java.time.Duration;
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
 * Starts the host, waits for what the application requires, and adds the components that
 * the host discovers to the bean factory.
 * <p>
 * The host starts when the definitions of all beans are complete and before the first
 * singleton is created, so that a component whose socket exists can be injected. With an
 * initial wait of zero the host starts with the other lifecycle beans. Web and gRPC
 * servers start after required components are ready. The host itself ends when its bean
 * is destroyed, after the beans that use it.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class HostLifecycle
		implements BeanFactoryInitializer<DefaultListableBeanFactory>, SmartLifecycle, DisposableBean {

	/**
	 * Lower than the phases of web servers, which are at the end of the range.
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
	 * started. They become beans if the host has them later.
	 */
	private Set<String> removed = Set.of();

	private @Nullable Registration discovery;

	private volatile @Nullable Registration events;

	/**
	 * Create the lifecycle.
	 * @param host the host
	 * @param initialWait how long the start waits for sockets that exist
	 * @param startupWait how long the start waits for required components; zero does not
	 * wait
	 * @param definitions adds components
	 * @param onlyDiscovered whether declared and built-in components are beans already,
	 * or were replaced by other beans
	 * @param publisher gets the events of components
	 */
	public HostLifecycle(ComponentHost host, Duration initialWait, Duration startupWait,
			ComponentDefinitions definitions, boolean onlyDiscovered, ApplicationEventPublisher publisher) {
		this.host = host;
		this.initialWait = initialWait;
		this.startupWait = startupWait;
		this.definitions = definitions;
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
			List<String> unidentified = this.host.unidentified();
			logger.warn(LogMessage.format(
					"Not identified within %d ms: %s. A component on one of them becomes a bean when it is identified; "
							+ "injected beans do not change. 'pluggable.discovery.initial-wait' sets how "
							+ "long the start waits",
					this.initialWait.toMillis(),
					unidentified.isEmpty() ? "the content of the socket folders, which were not read"
							: "the sockets " + unidentified));
		}
	}

	/**
	 * Start the host and wait for required plugins. Does nothing when it runs.
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
	 * Add a component to the bean factory. A discovered component never changes what is
	 * injected by type when a component of its kind is declared.
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
