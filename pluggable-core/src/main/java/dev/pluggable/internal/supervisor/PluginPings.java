package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.time.Instant;

import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.internal.support.HostThread;
import org.jspecify.annotations.Nullable;

/**
 * Pings the process that a plugin uses, and detects a process that hangs. All methods
 * belong to the host's thread.
 */
final class PluginPings {

	/**
	 * Longest pause after an unanswered ping.
	 */
	private static final Duration RETRY = Duration.ofSeconds(1);

	/**
	 * Pings within one hang timeout: several unanswered pings prove a hang, one does not.
	 */
	private static final int PINGS_PER_HANG = 4;

	private final String plugin;

	private final HostThread thread;

	private final EndpointSettings endpoints;

	private final Duration hangTimeout;

	private final Listener listener;

	private @Nullable PluginRun run;

	private HostThread.@Nullable Timer next;

	private int unanswered;

	private long silentSince;

	/**
	 * Create pings that have not begun.
	 * @param hangTimeout silence after which a process counts as hung, zero for never
	 */
	PluginPings(String plugin, HostThread thread, EndpointSettings endpoints, Duration hangTimeout, Listener listener) {
		this.plugin = plugin;
		this.thread = thread;
		this.endpoints = endpoints;
		this.hangTimeout = hangTimeout;
		this.listener = listener;
	}

	/**
	 * Ping a process from now on, instead of the process before.
	 */
	void start(PluginRun run) {
		stop();
		this.run = run;
		this.unanswered = 0;
		schedule(interval());
	}

	void stop() {
		this.run = null;
		if (this.next != null) {
			this.next.cancel();
			this.next = null;
		}
	}

	private Duration interval() {
		Duration interval = this.endpoints.probeInterval();
		return this.hangTimeout.isZero() ? interval : shorter(interval, this.hangTimeout.dividedBy(PINGS_PER_HANG));
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

	private void schedule(Duration delay) {
		this.next = this.thread.schedule("pinging plugin '" + this.plugin + "'", delay, this::ping);
	}

	private void ping() {
		PluginRun run = this.run;
		if (run == null) {
			return;
		}
		long asked = this.thread.nanos();
		Instant askedAt = this.thread.now();
		run.ping(this.endpoints.probeTimeout())
			.thenAccept((answered) -> this.thread.execute("handling a ping of plugin '" + this.plugin + "'", () -> {
				if (this.run == run) {
					handle(answered, asked, askedAt);
				}
			}));
	}

	private void handle(boolean answered, long asked, Instant askedAt) {
		if (answered) {
			boolean recovered = this.unanswered > 0;
			this.unanswered = 0;
			schedule(interval());
			if (recovered) {
				this.listener.answersAgain();
			}
			return;
		}
		if (this.unanswered++ == 0) {
			this.silentSince = asked;
			this.listener.silent(askedAt);
		}
		// The application itself may have been suspended during a single ping.
		else if (!this.hangTimeout.isZero() && this.thread.nanos() - this.silentSince >= this.hangTimeout.toNanos()) {
			this.listener.hung(this.hangTimeout);
			return;
		}
		schedule(shorter(interval(), RETRY));
	}

	/**
	 * Observes the answers of the process. Called on the host's thread.
	 */
	interface Listener {

		/**
		 * The process did not answer a ping, for the first time.
		 * @param since time of that ping
		 */
		void silent(Instant since);

		/**
		 * The process answered after a silence.
		 */
		void answersAgain();

		/**
		 * The process was silent for the hang timeout. The pings have ended.
		 */
		void hung(Duration timeout);

	}

}
