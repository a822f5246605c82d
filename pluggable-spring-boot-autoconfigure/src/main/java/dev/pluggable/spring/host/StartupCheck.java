package dev.pluggable.spring.host;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.host.ComponentHost;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.core.log.LogMessage;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Warns once about declared components that were not ready until some time after the
 * start of the application. Nothing else would report a component that the application
 * does not require and whose socket never appears.
 */
final class StartupCheck implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(StartupCheck.class);

	private final ComponentHost host;

	private final ComponentBeans beans;

	private final ScheduledThreadPoolExecutor timer;

	/**
	 * Create a check, which runs after a delay.
	 * @param host the host
	 * @param beans finds components that other beans replace
	 * @param delay time until the check
	 */
	StartupCheck(ComponentHost host, ComponentBeans beans, Duration delay) {
		this.host = host;
		this.beans = beans;
		CustomizableThreadFactory threads = new CustomizableThreadFactory("pluggable-startup-");
		threads.setDaemon(true);
		this.timer = new ScheduledThreadPoolExecutor(1, threads);
		this.timer.schedule(this::run, delay.toNanos(), TimeUnit.NANOSECONDS);
		// The thread ends after the check.
		this.timer.shutdown();
	}

	private void run() {
		List<Component<?>> missing = this.host.registry()
			.components()
			.stream()
			.filter((component) -> component.declared() && !component.required()
					&& component.status().state() != ComponentState.READY && !wasReady(component)
					&& !this.beans.isReplaced(component))
			.toList();
		if (!missing.isEmpty()) {
			AvailableTypes available = new AvailableTypes(this.host);
			logger.warn(LogMessage.format("Declared components are not ready: %s. %s",
					String.join("; ", missing.stream().map((component) -> describe(component, available)).toList()),
					available));
		}
	}

	/**
	 * Whether the component was ready before. The end of that time was reported.
	 */
	private static boolean wasReady(Component<?> component) {
		return component.status().generation() > 0;
	}

	private static String describe(Component<?> component, AvailableTypes available) {
		return "'" + component.name() + "' (" + component.type() + "): " + component.status().reason()
				+ available.suggestion(component).map((name) -> ". Did you mean '" + name + "'?").orElse("");
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
	}

}
