package dev.pluggable.benchmarks.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ProbeResult;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Compares the states of all components, and what Spring Boot's Actuator reports, with
 * what the program knows about their processes.
 */
final class HealthWatch implements AutoCloseable {

	/** The longest duration of a wrong answer. */
	static final Duration LONGEST = Duration.ofSeconds(2);

	private static final long STEP_MILLIS = 25;

	private final ComponentHost host;

	private final CompositeHealthContributor health;

	private final Journal journal;

	private final Pauses pauses;

	private final List<Watched> watched = new ArrayList<>();

	private final Thread thread = new Thread(this::run, "soak-health");

	private volatile boolean closed;

	private long looks;

	private long longestNanos;

	/**
	 * Begin to watch.
	 * @param host the host
	 * @param health the health of the host's components, as Spring Boot's Actuator asks
	 * for it
	 * @param targets the components
	 */
	HealthWatch(ComponentHost host, CompositeHealthContributor health, List<Target> targets, Journal journal,
			Pauses pauses) {
		this.host = host;
		this.health = health;
		this.journal = journal;
		this.pauses = pauses;
		for (Target target : targets) {
			for (Component<?> part : target.parts(host)) {
				watch(target, (truth, children) -> wrong(truth, part));
				watchHealth(target, part.id());
			}
			watchHealth(target, "endpoint:" + target.name());
			if (target.launched()) {
				watch(target, (truth, children) -> wrong(truth, target));
				watchHealth(target, "plugin:" + target.name());
			}
		}
		// Junk in the folder does not make discovery fail.
		this.watched.add(new Watched(Fault.FOLDER, () -> Truth.SERVING, healthOf(ComponentHost.RESERVED_NAME)));
		this.thread.setUncaughtExceptionHandler((failed, ex) -> journal.violated(Journal.Promise.PROGRAM, Fault.FOLDER,
				failed.getName() + " ended with " + ex));
		this.thread.start();
	}

	private void watch(Target target, Question question) {
		this.watched.add(new Watched(target.name(), target::truth, question));
	}

	private void watchHealth(Target target, String child) {
		watch(target, healthOf(child));
	}

	private static Question healthOf(String child) {
		return (truth, children) -> {
			Health health = (children.get(child) instanceof HealthIndicator indicator) ? indicator.health() : null;
			boolean up = health != null && Status.UP.equals(health.getStatus());
			return switch (truth) {
				case SERVING -> !up;
				case HANGING, DEAD -> up;
				case CHANGING -> false;
			} ? "the health of '" + child + "' is " + health : null;
		};
	}

	private @Nullable String wrong(Truth truth, Component<?> part) {
		ComponentStatus status = part.status();
		return isWrong(truth, status) ? "'" + part.name() + "' is " + status.state() + " (" + status.reason()
				+ ") with health " + status.probe().health() + " (" + status.probe().detail() + ")" : null;
	}

	private @Nullable String wrong(Truth truth, Target target) {
		PluginStatus status = this.host.plugins().status(target.name()).orElseThrow();
		return isWrong(truth, status) ? "the plugin is " + status.state() + " (" + status.reason() + ")" : null;
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
			Map<String, HealthContributor> children = this.health.stream()
				.collect(Collectors.toMap(HealthContributors.Entry::name, HealthContributors.Entry::contributor));
			this.watched.forEach((watched) -> look(watched, children));
			try {
				TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
			}
			catch (InterruptedException ex) {
				return;
			}
		}
	}

	private void look(Watched watched, Map<String, HealthContributor> children) {
		Truth truth = watched.truth.get();
		String wrong = watched.question.wrong(truth, children);
		long now = System.nanoTime();
		// What a process does decides what is right, so a change of it is a new
		// beginning.
		if (wrong == null || truth != watched.before) {
			watched.before = truth;
			watched.since = now;
			watched.paused = this.pauses.nanos();
			watched.reported = false;
			return;
		}
		long nanos = now - watched.since - (this.pauses.nanos() - watched.paused);
		this.longestNanos = Math.max(this.longestNanos, nanos);
		if (nanos > LONGEST.toNanos() && !watched.reported) {
			watched.reported = true;
			this.journal.violated(Journal.Promise.HEALTH, watched.name,
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
	 * Asks the host for one answer.
	 */
	@FunctionalInterface
	private interface Question {

		/**
		 * Compare the answer with what the program knows.
		 * @param truth what the process does
		 * @param children the children of the health
		 * @return a text about the answer if it is wrong, otherwise {@code null}
		 */
		@Nullable String wrong(Truth truth, Map<String, HealthContributor> children);

	}

	/**
	 * A question, and how long its answer has been wrong.
	 */
	private static final class Watched {

		private final String name;

		private final Supplier<Truth> truth;

		private final Question question;

		private @Nullable Truth before;

		private long since;

		private long paused;

		private boolean reported;

		Watched(String name, Supplier<Truth> truth, Question question) {
			this.name = name;
			this.truth = truth;
			this.question = question;
		}

	}

}
