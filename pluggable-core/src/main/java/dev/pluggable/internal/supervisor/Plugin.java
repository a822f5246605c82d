package dev.pluggable.internal.supervisor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One plugin, whatever process it has. All methods but {@link #status()} and those that
 * read settings belong to the host's one thread, which is why there is no lock here;
 * nothing in it waits.
 */
final class Plugin {

	private static final Logger logger = LoggerFactory.getLogger(Plugin.class);

	/**
	 * Between the end of a connection and that of its process.
	 */
	private static final Duration EXIT_GRACE = Duration.ofMillis(500);

	private static final Duration DRAIN_LOOK = Duration.ofMillis(50);

	private static final Duration PING_AGAIN = Duration.ofSeconds(1);

	/**
	 * So that a process that hangs is found out by several unanswered pings, not by one.
	 */
	private static final int PINGS_PER_HANG = 4;

	private final PluginSettings settings;

	private final Endpoint endpoint;

	private final EndpointContext context;

	private final PluginRuns runs;

	private final Clock clock;

	private final Backoff backoff;

	private final Deque<Instant> crashes = new ArrayDeque<>();

	private final List<CompletableFuture<PluginStatus>> awaitingReady = new ArrayList<>();

	private final List<CompletableFuture<PluginStatus>> awaitingEnd = new ArrayList<>();

	/** The process that is in use. */
	private volatile @Nullable PluginRun current;

	/** The process that is being started, beside the current one or without one. */
	private volatile @Nullable PluginRun candidate;

	/** Processes that are being ended. */
	private final List<PluginRun> ending = new ArrayList<>();

	private @Nullable ScheduledFuture<?> nextStart;

	private @Nullable ScheduledFuture<?> startDeadline;

	private @Nullable ScheduledFuture<?> nextPing;

	private boolean wanted;

	private boolean closed;

	private int restarts;

	private volatile State state;

	private volatile @Nullable PluginRun last;

	Plugin(PluginSettings settings, Endpoint endpoint, EndpointContext context, PluginRuns runs, Clock clock) {
		this.settings = settings;
		this.endpoint = endpoint;
		this.context = context;
		this.runs = runs;
		this.clock = clock;
		this.backoff = new Backoff(settings.restart().initialDelay(), settings.restart().maxDelay());
		this.state = new State(PluginState.STOPPED, "was not started yet", clock.instant(), 0, null);
	}

	boolean required() {
		return this.settings.required();
	}

	Duration startTimeout() {
		return this.settings.startTimeout();
	}

	Duration stopTimeout() {
		return this.settings.stopTimeout();
	}

	/**
	 * What is known of the plugin now. May be called from any thread.
	 */
	PluginStatus status() {
		State state = this.state;
		PluginRun run = this.current;
		if (run == null) {
			run = this.candidate;
		}
		PluginRun spoke = (run != null) ? run : this.last;
		return new PluginStatus(this.settings.name(), state.state(), state.reason(), state.since(),
				(run != null) ? run.pid() : null, this.runs.launches(), state.restarts(),
				(run != null) ? run.startedAt() : null, this.settings.protocol(),
				(run != null) ? run.protocolVersion() : null, run != null && run.tls(),
				run != null && run.checksumVerified(), state.lastExitCode(),
				(spoke != null) ? spoke.log().tail() : List.of(), (run != null) ? run.served() : List.of(),
				(run != null) ? run.dialed() : List.of(),
				run != null && run == this.current && run.unansweredSince() == null, this.settings.required());
	}

	CompletionStage<PluginStatus> start() {
		if (this.closed) {
			return CompletableFuture.failedFuture(failure("the application is stopping"));
		}
		this.wanted = true;
		this.endpoint.start();
		if (this.state.state() == PluginState.READY) {
			return CompletableFuture.completedFuture(status());
		}
		CompletableFuture<PluginStatus> ready = new CompletableFuture<>();
		this.awaitingReady.add(ready);
		if (this.candidate == null && this.current == null && this.nextStart == null) {
			this.crashes.clear();
			this.backoff.reset();
			if (this.ending.isEmpty()) {
				launch();
			}
		}
		return ready;
	}

	CompletionStage<PluginStatus> restart() {
		if (this.current == null) {
			cancel(this.nextStart);
			this.nextStart = null;
			return start();
		}
		CompletableFuture<PluginStatus> ready = new CompletableFuture<>();
		this.awaitingReady.add(ready);
		if (this.candidate == null) {
			launch();
		}
		return ready;
	}

	CompletionStage<PluginStatus> stop() {
		this.wanted = false;
		cancel(this.nextStart);
		this.nextStart = null;
		CompletableFuture<PluginStatus> ended = new CompletableFuture<>();
		this.awaitingEnd.add(ended);
		this.endpoint.stop("plugin '" + this.settings.name() + "' is stopped");
		abandonCandidate();
		PluginRun run = this.current;
		this.current = null;
		stopPinging();
		if (run != null) {
			retire(run);
		}
		failWaiting("it was stopped");
		change(PluginState.STOPPING, null);
		ended();
		return ended;
	}

	/**
	 * Stop for ever, without waiting for calls: they have had their time.
	 */
	CompletionStage<PluginStatus> close() {
		this.closed = true;
		CompletionStage<PluginStatus> ended = stop();
		List.copyOf(this.ending).forEach(this::end);
		return ended;
	}

	private void launch() {
		PluginRun run = this.runs.launch(new RunListener());
		this.candidate = run;
		if (this.current == null) {
			change(PluginState.STARTING, null);
		}
		this.startDeadline = schedule(() -> {
			this.startDeadline = null;
			// Before that, the launcher tells.
			if (run.launched()) {
				notReadyInTime(run);
			}
		}, this.settings.startTimeout());
	}

	private void notReadyInTime(PluginRun run) {
		EndpointStatus status = this.endpoint.status();
		String found = (status.state() != EndpointState.READY) ? status.reason() : null;
		failed(run,
				"it was not ready within " + LogText.duration(this.settings.startTimeout())
						+ "; 'start-timeout' gives it longer"
						+ ((found != null) ? "; its endpoint is " + status.state() + ": " + found : ""));
	}

	/**
	 * The process is there and has said where it can be reached.
	 */
	private void launched(PluginRun run) {
		if (this.candidate != run) {
			return;
		}
		this.endpoint.update(run.target());
		endpointChanged();
		if (this.candidate == run && this.startDeadline == null) {
			// It was late.
			notReadyInTime(run);
		}
	}

	/**
	 * The endpoint has changed.
	 */
	void endpointChanged() {
		PluginRun run = this.candidate;
		if (run == null || !run.launched() || !this.endpoint.isSettledOn(run.target())) {
			return;
		}
		if (this.current != null && !this.endpoint.isReadyOn(run.target())) {
			String error = this.endpoint.status().lastError();
			failed(run, "its components cannot be used" + ((error != null) ? ": " + error : ""));
			return;
		}
		ready(run);
	}

	private void ready(PluginRun run) {
		PluginRun previous = this.current;
		cancel(this.startDeadline);
		this.candidate = null;
		this.current = run;
		run.markReady(this.clock.instant());
		change(PluginState.READY, null);
		logger.info("Plugin '{}' is ready: {}", this.settings.name(), run);
		if (previous != null) {
			retire(previous);
		}
		schedulePing(pingInterval());
		PluginStatus status = status();
		List.copyOf(this.awaitingReady).forEach((waiting) -> waiting.complete(status));
		this.awaitingReady.clear();
	}

	/**
	 * A process did not become ready.
	 */
	private void failed(PluginRun run, String reason) {
		if (this.candidate != run) {
			return;
		}
		abandonCandidate();
		PluginRun kept = this.current;
		if (kept != null) {
			this.endpoint.revert(kept.target());
			String message = "the new process was not used: " + reason;
			logger.warn("Plugin '{}' goes on with the process of before, {}", this.settings.name(), message);
			change(PluginState.READY, message);
			failWaiting(message);
			return;
		}
		crashed(run, reason, true);
	}

	private void abandonCandidate() {
		PluginRun run = this.candidate;
		if (run != null) {
			cancel(this.startDeadline);
			this.candidate = null;
			this.last = run;
			this.ending.add(run);
			run.kill();
			if (this.current == null && this.wanted) {
				this.endpoint.disconnect("plugin '" + this.settings.name() + "' has not started");
			}
		}
	}

	/**
	 * A process has ended, whoever wanted it.
	 */
	private void exited(PluginRun run, @Nullable Integer code, @Nullable String reason) {
		if (code != null) {
			State state = this.state;
			this.state = new State(state.state(), state.reason(), state.since(), state.restarts(), code);
		}
		this.last = run;
		boolean wasEnding = this.ending.remove(run);
		if (this.candidate == run) {
			failed(run, (reason != null) ? reason : "it ended " + describe(code) + " before it was ready");
			this.ending.remove(run);
		}
		else if (this.current == run) {
			this.current = null;
			stopPinging();
			String why = (reason != null) ? reason : "it ended " + describe(code);
			PluginRun replacement = this.candidate;
			if (replacement == null || !replacement.launched()) {
				this.endpoint.absent(EndpointState.WAITING, named(why));
			}
			if (replacement == null) {
				crashed(run, why, reason != null || code == null || code != 0);
			}
			else {
				logger.warn("{}, while its replacement is being started", named(why));
				change(PluginState.STARTING, why);
			}
		}
		if (wasEnding) {
			ended();
		}
	}

	private void crashed(PluginRun run, String reason, boolean failure) {
		Instant now = this.clock.instant();
		if (run.ranFor(now).compareTo(this.settings.restart().resetAfter()) >= 0) {
			this.crashes.clear();
			this.backoff.reset();
		}
		this.crashes.addLast(now);
		while (this.crashes.peekFirst() != null
				&& this.crashes.getFirst().isBefore(now.minus(this.settings.restart().crashLoopWindow()))) {
			this.crashes.removeFirst();
		}
		RestartSettings restart = this.settings.restart();
		if (!this.wanted) {
			return;
		}
		if (restart.policy() == RestartSettings.Policy.NEVER
				|| (restart.policy() == RestartSettings.Policy.ON_FAILURE && !failure)) {
			giveUp(reason + ", and its restart policy is not to start it again", run);
			return;
		}
		if (restart.crashLoopCount() > 0 && this.crashes.size() >= restart.crashLoopCount()) {
			giveUp("crash loop: " + this.crashes.size() + " crashes within "
					+ LogText.duration(restart.crashLoopWindow()) + ", the last: " + reason, run);
			return;
		}
		long delay = jittered(this.backoff.nextMillis(), restart.jitter());
		logger.warn("{}. It is started again in {} ms", named(withOutput(reason, run)), delay);
		change(PluginState.RESTARTING, reason);
		this.endpoint.absent(EndpointState.WAITING, named(reason));
		this.nextStart = schedule(this::launchAgain, Duration.ofMillis(delay));
	}

	private void launchAgain() {
		this.nextStart = null;
		if (this.wanted && this.candidate == null && this.current == null) {
			this.restarts++;
			launch();
		}
	}

	private void giveUp(String reason, PluginRun run) {
		this.wanted = false;
		logger.error("{}. It is not started again by itself", named(withOutput(reason, run)));
		change(PluginState.FAILED, reason);
		this.endpoint.absent(EndpointState.FAILED, named(reason));
		failWaiting(withOutput(reason, run));
	}

	private static String withOutput(String reason, PluginRun run) {
		List<String> tail = run.log().tail();
		return tail.isEmpty() ? reason : reason + "; it said last: " + tail.get(tail.size() - 1);
	}

	static long jittered(long millis, double jitter) {
		return Math.max(0, Math.round(millis * (1 + jitter * (2 * ThreadLocalRandom.current().nextDouble() - 1))));
	}

	/**
	 * End a process as soon as the calls that it still works on have ended.
	 */
	private void retire(PluginRun run) {
		this.ending.add(run);
		long deadline = System.nanoTime() + this.context.settings().drainTimeout().toNanos();
		whenDrained(run, deadline);
	}

	private void whenDrained(PluginRun run, long deadline) {
		if (!this.ending.contains(run)) {
			return;
		}
		boolean busy = this.endpoint.isConnectedTo(run.target()) || !run.dialed().isEmpty();
		if (busy && System.nanoTime() < deadline && !this.closed) {
			schedule(() -> whenDrained(run, deadline), DRAIN_LOOK);
		}
		else {
			end(run);
		}
	}

	private void end(PluginRun run) {
		run.end(this.settings.stopTimeout());
	}

	private void ended() {
		if (!this.ending.isEmpty()) {
			return;
		}
		if (this.state.state() == PluginState.STOPPING) {
			change(PluginState.STOPPED, null);
		}
		PluginStatus status = status();
		List.copyOf(this.awaitingEnd).forEach((waiting) -> waiting.complete(status));
		this.awaitingEnd.clear();
		if (this.wanted && !this.closed && this.current == null && this.candidate == null && this.nextStart == null) {
			launch();
		}
	}

	private Duration pingInterval() {
		Duration interval = this.context.settings().probeInterval();
		Duration hang = this.settings.restart().hangTimeout();
		if (hang.isZero()) {
			return interval;
		}
		Duration often = hang.dividedBy(PINGS_PER_HANG);
		return (often.compareTo(interval) < 0) ? often : interval;
	}

	private void schedulePing(Duration delay) {
		stopPinging();
		this.nextPing = schedule(this::ping, delay);
	}

	private void stopPinging() {
		cancel(this.nextPing);
		this.nextPing = null;
	}

	private void ping() {
		PluginRun run = this.current;
		if (run == null) {
			return;
		}
		Instant asked = this.clock.instant();
		run.ping(this.context.settings().probeTimeout()).thenAccept((answered) -> execute(() -> {
			if (this.current == run) {
				pinged(run, answered, asked);
			}
		}));
	}

	private void pinged(PluginRun run, boolean answered, Instant asked) {
		Duration hang = this.settings.restart().hangTimeout();
		if (answered) {
			if (run.unansweredSince() != null) {
				logger.info("Plugin '{}' answers again", this.settings.name());
				change(PluginState.READY, null);
			}
			run.answered();
			schedulePing(pingInterval());
			return;
		}
		Instant since = run.unanswered(asked);
		Duration silent = Duration.between(since, this.clock.instant());
		if (!hang.isZero() && silent.compareTo(hang) >= 0 && run.unansweredPings() > 1) {
			crash(run, "it hung: no answer to health checks for " + LogText.duration(hang));
			return;
		}
		if (this.state.reason() == null) {
			logger.warn("Plugin '{}' does not answer health checks", this.settings.name());
			change(PluginState.READY, "no answer to health checks since " + since);
		}
		Duration again = pingInterval();
		schedulePing((again.compareTo(PING_AGAIN) < 0) ? again : PING_AGAIN);
	}

	/**
	 * A process that is there but of no use.
	 */
	private void crash(PluginRun run, String reason) {
		if (run.hasExited()) {
			// That is what is worth telling.
			return;
		}
		logger.warn("Plugin '{}' is killed: {}", this.settings.name(), reason);
		run.killBecause(reason);
	}

	/**
	 * The control connection to a process has ended.
	 */
	private void disconnected(PluginRun run) {
		schedule(() -> {
			if (this.current == run || this.candidate == run) {
				crash(run, "it has closed its connection, although its process lives");
			}
		}, EXIT_GRACE);
	}

	private void failWaiting(String reason) {
		PluginException failure = failure(reason);
		List.copyOf(this.awaitingReady).forEach((waiting) -> waiting.completeExceptionally(failure));
		this.awaitingReady.clear();
	}

	private PluginException failure(String reason) {
		return new PluginException(named(reason));
	}

	/**
	 * A reason with the name of the plugin, which those of a launch have already.
	 */
	private String named(String reason) {
		String name = "Plugin '" + this.settings.name() + "'";
		return reason.startsWith(name) ? reason : name + ": " + reason;
	}

	private void change(PluginState to, @Nullable String reason) {
		State before = this.state;
		Instant since = (before.state() == to) ? before.since() : this.clock.instant();
		this.state = new State(to, reason, since, this.restarts, before.lastExitCode());
	}

	private static String describe(@Nullable Integer code) {
		if (code == null) {
			return "with an exit code that is not known";
		}
		return (code > 128) ? "by signal " + (code - 128) : "with exit code " + code;
	}

	private @Nullable ScheduledFuture<?> schedule(Runnable task, Duration delay) {
		try {
			return this.context.executor().schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			return null;
		}
	}

	private void execute(Runnable task) {
		try {
			this.context.executor().execute(guarded(task));
		}
		catch (RejectedExecutionException ex) {
			// The host has closed, and has ended all processes.
		}
	}

	private Runnable guarded(Runnable task) {
		return () -> {
			try {
				task.run();
			}
			catch (RuntimeException | Error ex) {
				logger.error("Looking after plugin '{}' failed", this.settings.name(), ex);
			}
		};
	}

	private static void cancel(@Nullable ScheduledFuture<?> task) {
		if (task != null) {
			task.cancel(false);
		}
	}

	@Override
	public String toString() {
		return this.settings.name();
	}

	/**
	 * What is told of a plugin besides what its process tells.
	 */
	private record State(PluginState state, @Nullable String reason, Instant since, int restarts,
			@Nullable Integer lastExitCode) {
	}

	/**
	 * Brings what happens to a process to the host's thread.
	 */
	private final class RunListener implements PluginRun.Listener {

		@Override
		public void launched(PluginRun run) {
			execute(() -> Plugin.this.launched(run));
		}

		@Override
		public void failed(PluginRun run, String reason) {
			execute(() -> Plugin.this.failed(run, reason));
		}

		@Override
		public void disconnected(PluginRun run) {
			execute(() -> Plugin.this.disconnected(run));
		}

		@Override
		public void exited(PluginRun run, @Nullable Integer code, @Nullable String reason) {
			execute(() -> Plugin.this.exited(run, code, reason));
		}

	}

}
