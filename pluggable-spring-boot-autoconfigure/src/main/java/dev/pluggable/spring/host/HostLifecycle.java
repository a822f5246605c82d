package dev.pluggable.spring.host;

import java.time.Duration;
import java.util.List;

import dev.pluggable.Component;
import dev.pluggable.Registration;
import dev.pluggable.host.ComponentHost;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Waits for required components before web and gRPC servers start, and publishes what
 * happens to components as events of the application. The host itself ends with its bean,
 * after all that use it.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class HostLifecycle implements SmartLifecycle {

	/**
	 * Before web servers, whose phases are at the end of the range.
	 */
	static final int PHASE = Integer.MAX_VALUE / 2;

	private final ComponentHost host;

	private final Duration startupWait;

	private final ApplicationEventPublisher publisher;

	private @Nullable Registration registration;

	public HostLifecycle(ComponentHost host, Duration startupWait, ApplicationEventPublisher publisher) {
		this.host = host;
		this.startupWait = startupWait;
		this.publisher = publisher;
	}

	@Override
	public void start() {
		this.host.start();
		this.registration = this.host.registry().onEvent(this.publisher::publishEvent);
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
		Registration registration = this.registration;
		if (registration != null) {
			registration.close();
			this.registration = null;
		}
	}

	@Override
	public boolean isRunning() {
		return this.registration != null;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
