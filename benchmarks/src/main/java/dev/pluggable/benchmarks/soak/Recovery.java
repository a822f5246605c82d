package dev.pluggable.benchmarks.soak;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import dev.pluggable.Component;
import dev.pluggable.host.ComponentHost;
import org.jspecify.annotations.Nullable;

/**
 * Verifies that a component recovers from a fault.
 */
final class Recovery {

	/** The longest time from a publication to the handling of the message. */
	static final Duration MESSAGE = Duration.ofSeconds(5);

	/** The longest time until a process runs again, which includes the end of another. */
	private static final Duration PROCESS = Duration.ofSeconds(30);

	/** The longest time until a component is ready. */
	private static final Duration READY = Duration.ofSeconds(10);

	private final ComponentHost host;

	private final Journal journal;

	private final Pauses pauses;

	Recovery(ComponentHost host, Journal journal, Pauses pauses) {
		this.host = host;
		this.journal = journal;
		this.pauses = pauses;
	}

	/**
	 * Wait until a component works again.
	 * @return milliseconds from the moment at which a process serves to the moment at
	 * which the component is ready and healthy; {@code null} if the component does not
	 * recover
	 */
	@Nullable Long await(Target component, Load load) throws InterruptedException {
		if (!this.pauses.await(PROCESS.toMillis(), () -> component.truth() == Truth.SERVING)) {
			this.journal.violated(Journal.Promise.RECOVERY, component.name(), "no process serves for more than "
					+ PROCESS.toMillis() + " ms; the plugin is " + this.host.plugins().status(component.name()));
			return null;
		}
		long begun = System.nanoTime();
		for (Component<?> part : component.parts(this.host)) {
			if (!this.pauses.await(READY.toMillis(), () -> HealthWatch.isUp(part.status()))) {
				this.journal.violated(Journal.Promise.RECOVERY, component.name(), "'" + part.name() + "' is not ready "
						+ READY.toMillis() + " ms after its process listened: " + part.status());
				return null;
			}
		}
		long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
		verifySubscription(component, load);
		AccountLoad accounts = load.accounts();
		if (accounts != null && !this.pauses.await(READY.toMillis(), accounts::addToAll)) {
			this.journal.violated(Journal.Promise.RECOVERY, component.name(), "the accounts do not work "
					+ READY.toMillis() + " ms after the recovery: " + accounts + ", " + load.meter().lastFailure());
		}
		return millis;
	}

	private void verifySubscription(Target component, Load load) throws InterruptedException {
		String[] message = { "" };
		if (!this.pauses.await(MESSAGE.toMillis(), () -> {
			message[0] = load.publish("sentinel");
			return !message[0].isEmpty();
		})) {
			this.journal.violated(Journal.Promise.RECOVERY, component.name(),
					"no message can be published after the recovery: " + load.meter().lastFailure());
		}
		else if (!this.pauses.await(MESSAGE.toMillis(), () -> load.isHandled(message[0]))) {
			this.journal.violated(Journal.Promise.SUBSCRIPTIONS, component.name(),
					"message " + message[0] + " was not handled within " + MESSAGE.toMillis()
							+ " ms; the subscription is " + load.subscriptionStatus());
		}
	}

}
