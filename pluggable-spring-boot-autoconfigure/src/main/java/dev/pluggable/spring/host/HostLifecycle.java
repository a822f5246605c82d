package dev.pluggable.spring.host;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
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

	/**
	 * Time until the lifecycle reports components that are not ready, if the start does
	 * not wait for required components.
	 */
	private static final Duration DEFAULT_STARTUP_TIMEOUT = Duration.ofSeconds(30);

	private static final Log logger = LogFactory.getLog(HostLifecycle.class);

	private final ComponentHost host;

	private final Duration initialWait;

	private final Duration startupTimeout;

	private final ComponentDefinitions definitions;

	private final ComponentBeans beans;

	private final boolean onlyDiscovered;

	private final ApplicationEventPublisher publisher;

	private final ReentrantLock publishing = new ReentrantLock();

	/**
	 * Ids of the declared components that the host did not have when the application
	 * started. Such components become beans if the host adds them later.
	 */
	private Set<String> removed = Set.of();

	private @Nullable Registration discovery;

	private long startedNanos;

	private volatile @Nullable StartupCheck check;

	private volatile @Nullable Registration events;

	/**
	 * Create the lifecycle.
	 * @param host the host
	 * @param initialWait time to wait until the host has identified the existing sockets
	 * @param startupTimeout time to wait for required plugins, and then for required
	 * components; with zero, the start does not wait
	 * @param beanFactory receives the bean definitions of components
	 * @param hostName name of the host bean
	 * @param onlyDiscovered whether to register only discovered components, because
	 * declared and built-in components are already beans or other beans replace them
	 * @param publisher receives the events of components
	 */
	public HostLifecycle(ComponentHost host, Duration initialWait, Duration startupTimeout,
			DefaultListableBeanFactory beanFactory, String hostName, boolean onlyDiscovered,
			ApplicationEventPublisher publisher) {
		this.host = host;
		this.initialWait = initialWait;
		this.startupTimeout = startupTimeout;
		this.definitions = new ComponentDefinitions(beanFactory, hostName);
		this.beans = new ComponentBeans(beanFactory);
		this.onlyDiscovered = onlyDiscovered;
		this.publisher = publisher;
	}

	@Override
	public void initialize(DefaultListableBeanFactory beanFactory) {
		this.definitions.findReplacements(this.host.registry().components());
		publishAll();
		if (!this.initialWait.isZero()) {
			startHost();
			awaitFirstLook();
		}
		this.publishing.lock();
		try {
			publishAll();
			this.removed = this.definitions.bind(this.host.registry().components());
		}
		finally {
			this.publishing.unlock();
		}
	}

	private void awaitFirstLook() {
		if (!this.host.awaitFirstLook(this.initialWait)) {
			List<String> used = this.host.registry()
				.components()
				.stream()
				.filter(Component::declared)
				.map(Component::endpoint)
				.filter(Objects::nonNull)
				.toList();
			List<String> late = this.host.unidentified().stream().filter((name) -> !used.contains(name)).toList();
			if (!late.isEmpty()) {
				logger.info(LogMessage.format(
						"The host did not identify %s within %d ms. Undeclared components become beans when the host "
								+ "has identified them. 'pluggable.discovery.initial-wait' sets the time to wait",
						describe(late), this.initialWait.toMillis()));
			}
		}
	}

	private String describe(List<String> endpoints) {
		return String.join(", ",
				endpoints.stream()
					.map((name) -> (this.host.plugins().status(name).isPresent() ? "the plugin '" : "the socket '")
							+ name + "'")
					.toList());
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
			this.startedNanos = System.nanoTime();
			this.host.start();
			if (waitsForRequired()) {
				List<PluginStatus> unavailable = this.host.awaitRequiredPlugins(this.startupTimeout);
				if (!unavailable.isEmpty()) {
					throw new RequiredPluginsUnavailableException(unavailable, this.startupTimeout);
				}
			}
		}
	}

	/**
	 * Register all components as beans. Declared components come first, because a
	 * discovered component must not affect injection by type beside a declared one.
	 */
	private void publishAll() {
		this.host.registry()
			.components()
			.stream()
			.sorted(Comparator.comparing(Component::declared, Comparator.reverseOrder()))
			.forEach(this::publish);
	}

	private void publish(Component<?> component) {
		this.publishing.lock();
		try {
			if (this.onlyDiscovered && (component.declared() || component.endpoint() == null)
					&& !this.removed.contains(component.id())) {
				return;
			}
			this.definitions.register(component);
		}
		finally {
			this.publishing.unlock();
		}
	}

	@Override
	public void start() {
		startHost();
		this.events = this.host.registry().onEvent(this.publisher::publishEvent);
		if (waitsForRequired()) {
			List<Component<?>> missing = this.host.awaitRequired(this.startupTimeout,
					(component) -> !this.beans.isReplaced(component));
			if (!missing.isEmpty()) {
				stop();
				throw new RequiredComponentsUnavailableException(missing, this.startupTimeout, this.host);
			}
		}
		this.check = new StartupCheck(this.host, this.beans, remaining());
	}

	private boolean waitsForRequired() {
		return this.startupTimeout.compareTo(Duration.ZERO) > 0;
	}

	private Duration remaining() {
		Duration limit = this.startupTimeout.isZero() ? DEFAULT_STARTUP_TIMEOUT : this.startupTimeout;
		Duration rest = limit.minusNanos(System.nanoTime() - this.startedNanos);
		return rest.isNegative() ? Duration.ZERO : rest;
	}

	@Override
	public void stop() {
		StartupCheck check = this.check;
		if (check != null) {
			check.close();
			this.check = null;
		}
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
