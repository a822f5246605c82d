package dev.pluggable.benchmarks.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ProbeResult;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.state.StateStoreKind;
import org.jspecify.annotations.Nullable;

/**
 * Compares the states and the health of all components with what the program knows about
 * their processes.
 */
final class HealthWatch implements AutoCloseable {

	/** The longest duration of a wrong answer. */
	static final Duration LONGEST = Duration.ofSeconds(2);

	private static final long STEP_MILLIS = 25;

	private final ComponentHost host;

	private final Journal journal;

	private final Pauses pauses;

	private final List<Watched> watched = new ArrayList<>();

	private final Thread thread = new Thread(this::run, "soak-health");

	private volatile boolean closed;

	private long looks;

	private long longestNanos;

	HealthWatch(ComponentHost host, List<SoakComponent> components, Journal journal, Pauses pauses) {
		this.host = host;
		this.journal = journal;
		this.pauses = pauses;
		for (SoakComponent component : components) {
			for (Component<?> part : parts(host, component)) {
				this.watched.add(new Watched(component, part));
			}
			if (component.launched()) {
				this.watched.add(new Watched(component, null));
			}
		}
		this.thread.setUncaughtExceptionHandler((failed, ex) -> journal.violated(Journal.Promise.PROGRAM, Fault.FOLDER,
				failed.getName() + " ended with " + ex));
		this.thread.start();
	}

	static List<Component<?>> parts(ComponentHost host, SoakComponent component) {
		return List.of(host.registry().find(StateStoreKind.INSTANCE, component.stateName()).orElseThrow(),
				host.registry().find(PubSubKind.INSTANCE, component.pubSubName()).orElseThrow());
	}

	/**
	 * Tell whether a component is ready and not unhealthy.
	 */
	static boolean isUp(ComponentStatus status) {
		return status.state() == ComponentState.READY && status.probe().health() != ProbeResult.Health.DOWN;
	}

	private void run() {
		while (!this.closed) {
			this.looks++;
			this.watched.forEach(this::look);
			try {
				TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
			}
			catch (InterruptedException ex) {
				return;
			}
		}
	}

	private void look(Watched watched) {
		Truth truth = watched.component.truth();
		Component<?> part = watched.part;
		String wrong;
		if (part == null) {
			PluginStatus status = this.host.plugins().status(watched.component.name()).orElseThrow();
			wrong = isWrong(truth, status) ? "the plugin is " + status.state() + " (" + status.reason() + ")" : null;
		}
		else {
			ComponentStatus status = part.status();
			wrong = isWrong(truth, status) ? "'" + part.name() + "' is " + status.state() + " (" + status.reason()
					+ ") with health " + status.probe().health() + " (" + status.probe().detail() + ")" : null;
		}
		long now = System.nanoTime();
		// What a process does decides what is right, so a change of it is a new
		// beginning.
		if (wrong == null || truth != watched.truth) {
			watched.truth = truth;
			watched.since = now;
			watched.paused = this.pauses.nanos();
			watched.reported = false;
			return;
		}
		long nanos = now - watched.since - (this.pauses.nanos() - watched.paused);
		this.longestNanos = Math.max(this.longestNanos, nanos);
		if (nanos > LONGEST.toNanos() && !watched.reported) {
			watched.reported = true;
			this.journal.violated(Journal.Promise.HEALTH, watched.component.name(),
					wrong + " for more than " + LONGEST.toMillis() + " ms, although its process is " + truth);
		}
	}

	private static boolean isWrong(Truth truth, ComponentStatus status) {
		return switch (truth) {
			case SERVING -> !isUp(status);
			case HANGING -> isUp(status);
			case DEAD -> status.state() == ComponentState.READY;
			case CHANGING -> false;
		};
	}

	private static boolean isWrong(Truth truth, PluginStatus status) {
		return switch (truth) {
			case SERVING -> status.state() != PluginState.READY;
			case DEAD -> status.state() == PluginState.READY;
			case HANGING, CHANGING -> false;
		};
	}

	long looks() {
		return this.looks;
	}

	long longestMillis() {
		return TimeUnit.NANOSECONDS.toMillis(this.longestNanos);
	}

	@Override
	public void close() throws InterruptedException {
		this.closed = true;
		this.thread.join();
	}

	/**
	 * A component, or the plugin of a component, and how long its status has been wrong.
	 */
	private static final class Watched {

		private final SoakComponent component;

		/** The component; {@code null} for the plugin. */
		private final @Nullable Component<?> part;

		private @Nullable Truth truth;

		private long since;

		private long paused;

		private boolean reported;

		Watched(SoakComponent component, @Nullable Component<?> part) {
			this.component = component;
			this.part = part;
		}

	}

}
