package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.internal.endpoint.EndpointTarget;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The state machine of one plugin. {@link PluginTransitions} lists the legal transitions.
 * <p>
 * A process takes one role after another: it is the candidate while it starts, then the
 * current process, then it drains its calls after a replacement took over, and finally it
 * ends. At most one process is the candidate, at most one is current, at most one drains.
 * A launch waits until all ending processes are gone.
 * <p>
 * All methods except {@link #status()} and the settings belong to the host's thread.
 * Nothing waits.
 */
final class Plugin {

	private static final Logger logger = LoggerFactory.getLogger(Plugin.class);

	/**
	 * Time for a process to exit after its control connection has ended.
	 */
	private static final Duration EXIT_GRACE = Duration.ofMillis(500);

	private static final Duration DRAIN_CHECK = Duration.ofMillis(50);

	/**
	 * The time of calls in flight when the plugin is stopped or stops first. Somebody
	 * waits for the end.
	 */
	private static final Duration STOP_DRAIN = Duration.ofSeconds(10);

	private static final String SERVES_TLS = "it serves TLS, and the application speaks plain text. Set 'tls.bundle' "
			+ "to an SSL bundle that trusts its certificate, or set 'auto-mtls' and serve it without a TLSProvider";

	private static final String HOLDS_SOMETHING = ". The process before still runs. If the new process needs something "
			+ "that only one process can have, such as a port or a locked file, set 'restart.mode' to 'stop-first'";

	private final PluginSettings settings;

	private final PluginEndpoint endpoint;

	private final PluginRun.Launcher launcher;

	private final HostThread thread;

	private final Duration drainTimeout;

	private final CrashHistory crashes;

	private final PluginPings pings;

	private final PluginRun.Listener runListener = new RunListener();

	private final List<CompletableFuture<PluginStatus>> awaitingReady = new ArrayList<>();

	private final List<CompletableFuture<PluginStatus>> awaitingEnd = new ArrayList<>();

	private final Set<PluginRun> ending = new LinkedHashSet<>();

	private @Nullable PluginRun current;

	private @Nullable PluginRun candidate;

	private @Nullable PluginRun draining;

	/** The process that ended last. */
	private @Nullable PluginRun last;

	/** The process that crashed last, until nothing is left of it. */
	private @Nullable PluginRun crashed;

	/** Whether a launch only waits for ending processes. */
	private boolean launchDue;

	/** Whether the candidate works and needs a declaration of its components. */
	private boolean undeclared;

	/** Whether the candidate was asked whether it serves TLS. */
	private boolean examined;

	/** The reason of the last attempt that failed, until a process is ready. */
	private @Nullable String lastFailure;

	/** The failure that was logged last, until a process is ready. */
	private @Nullable String loggedFailure;

	private boolean closed;

	private long readySince;

	private HostThread.@Nullable Timer backoff;

	private HostThread.@Nullable Timer startDeadline;

	private HostThread.@Nullable Timer drainCheck;

	private PluginState state = PluginTransitions.TABLE.initial();

	private @Nullable String reason = "was not started yet";

	private Instant since;

	private int launches;

	private int restarts;

	private boolean answering;

	private @Nullable Integer lastExitCode;

	private volatile Published published;

	/**
	 * Create a plugin without a process.
	 * @param endpoints settings of all endpoints
	 * @param random random numbers from 0 to 1, for the jitter of the back-off
	 */
	Plugin(PluginSettings settings, PluginEndpoint endpoint, PluginRun.Launcher launcher, HostThread thread,
			EndpointSettings endpoints, DoubleSupplier random) {
		this.settings = settings;
		this.endpoint = endpoint;
		this.launcher = launcher;
		this.thread = thread;
		this.drainTimeout = endpoints.drainTimeout();
		this.crashes = new CrashHistory(settings.restart(), settings.reattach() == null, random);
		this.pings = new PluginPings(settings.name(), thread, endpoints, settings.restart().hangTimeout(),
				new PingListener());
		this.since = thread.now();
		this.published = snapshot();
	}

	PluginSettings settings() {
		return this.settings;
	}

	/**
	 * The published status. May be called from any thread.
	 */
	PluginStatus status() {
		Published published = this.published;
		PluginRun run = published.run();
		PluginState state = published.state();
		String reason = published.reason();
		boolean answering = published.answering();
		PluginRun spoke = (run != null) ? run : published.last();
		PluginRun.Details details = (run != null) ? run.details() : PluginRun.Details.NONE;
		if (state == PluginState.READY && run != null && !run.isAlive()) {
			// The host's thread has not heard of the end yet.
			state = (this.settings.restart().policy() == RestartSettings.Policy.NEVER) ? PluginState.FAILED
					: PluginState.RESTARTING;
			reason = "its process has just ended";
			answering = false;
			details = PluginRun.Details.NONE;
		}
		return new PluginStatus(this.settings.name(), state, reason, published.since(), details.pid(),
				published.launches(), published.restarts(), details.startedAt(), this.settings.protocol(),
				details.protocolVersion(), details.tls(), details.checksumVerified(), details.guard(),
				published.lastExitCode(), (spoke != null) ? spoke.lastOutput() : List.of(), details.served(),
				details.dialed(), answering, this.settings.required());
	}

	/**
	 * Whether the plugin has come as far as it comes soon: its process is ready, or an
	 * attempt to start it has failed. May be called from any thread.
	 */
	boolean isSettled() {
		Published published = this.published;
		return published.state() != PluginState.STARTING || published.undeclared() || published.failed();
	}

	/**
	 * Start a process unless the plugin has one or waits for one.
	 * @return completes when a process is ready
	 */
	CompletionStage<PluginStatus> start() {
		this.thread.assertCurrent();
		if (this.closed) {
			return CompletableFuture.failedFuture(failure("the application is stopping"));
		}
		this.endpoint.start();
		return switch (this.state) {
			case READY -> CompletableFuture.completedFuture(status());
			case STARTING, RESTARTING ->
				this.undeclared ? CompletableFuture.failedFuture(failure(String.valueOf(this.reason))) : untilReady();
			case STOPPED, STOPPING, FAILED -> {
				CompletionStage<PluginStatus> ready = untilReady();
				forgetFailures();
				requestLaunch();
				yield ready;
			}
		};
	}

	private void forgetFailures() {
		this.crashes.clear();
		this.lastFailure = null;
		this.loggedFailure = null;
	}

	/**
	 * Wait for a process that is starting or restarting.
	 * @return completes when a process is ready, or fails if none is expected
	 */
	CompletionStage<PluginStatus> awaitReady() {
		this.thread.assertCurrent();
		return (this.state == PluginState.STOPPED || this.state == PluginState.STOPPING
				|| this.state == PluginState.FAILED)
						? CompletableFuture.failedFuture(failure(String.valueOf(this.reason))) : start();
	}

	/**
	 * Replace the current process, or start a process at once if there is none.
	 * @return completes when the new process is ready
	 */
	CompletionStage<PluginStatus> restart() {
		this.thread.assertCurrent();
		if (!this.undeclared && this.state != PluginState.READY && this.state != PluginState.RESTARTING) {
			return start();
		}
		if (this.closed) {
			return CompletableFuture.failedFuture(failure("the application is stopping"));
		}
		CompletionStage<PluginStatus> ready = untilReady();
		if (this.state == PluginState.RESTARTING) {
			forgetFailures();
		}
		if (this.undeclared && this.candidate != null) {
			discard(drop(this.candidate));
		}
		PluginRun run = this.current;
		if (run != null && stopsFirst()) {
			this.launchDue = true;
			goTo(PluginState.RESTARTING, "its process ends before the next one starts, as 'restart.mode' says");
			loseCurrent(run);
			this.endpoint.abandon(named("it is being restarted"));
			drain(run, stopDrain());
			publish();
		}
		requestLaunch();
		return ready;
	}

	/**
	 * Whether the process ends before the next one starts. A process that somebody else
	 * has started stays, because nobody would start it again.
	 */
	private boolean stopsFirst() {
		return this.settings.restart().mode() == RestartSettings.Mode.STOP_FIRST && !isForeign();
	}

	/**
	 * Whether somebody else has started the process. Only the end of the plugin ends such
	 * a process.
	 */
	private boolean isForeign() {
		return this.settings.reattach() != null;
	}

	/**
	 * End all processes and start no other one.
	 * @return completes when all processes are gone
	 */
	CompletionStage<PluginStatus> stop() {
		this.thread.assertCurrent();
		CompletableFuture<PluginStatus> ended = new CompletableFuture<>();
		this.awaitingEnd.add(ended);
		this.launchDue = false;
		this.backoff = cancel(this.backoff);
		this.endpoint.stop("plugin '" + this.settings.name() + "' is stopped");
		failWaiting("it was stopped");
		if (this.state != PluginState.STOPPED && this.state != PluginState.STOPPING) {
			goTo(PluginState.STOPPING, null);
		}
		if (this.candidate != null) {
			drop(this.candidate).kill();
		}
		if (this.current != null) {
			PluginRun run = this.current;
			loseCurrent(run);
			drain(run, stopDrain());
		}
		publish();
		processGone();
		return ended;
	}

	/**
	 * Stop for good, and do not wait for calls in flight.
	 * @return completes when all processes are gone
	 */
	CompletionStage<PluginStatus> close() {
		this.thread.assertCurrent();
		this.closed = true;
		CompletionStage<PluginStatus> ended = stop();
		endDraining();
		return ended;
	}

	private void requestLaunch() {
		if (this.candidate == null) {
			this.launchDue = true;
			launchIfClear();
		}
	}

	private void launchIfClear() {
		boolean blocked = !this.ending.isEmpty() || (this.draining != null && stopsFirst());
		if (!this.launchDue || blocked || this.state == PluginState.STOPPING) {
			return;
		}
		this.launchDue = false;
		this.backoff = cancel(this.backoff);
		this.undeclared = false;
		this.examined = false;
		PluginRun run = this.launcher.launch(++this.launches, this.runListener);
		this.candidate = run;
		if (this.current == null) {
			goTo(PluginState.STARTING, progress(run));
			this.endpoint.waitFor(named("it is starting: " + this.reason));
		}
		else {
			publish();
		}
		this.startDeadline = schedule("checking the start", this.settings.startTimeout(), () -> {
			// Before the handshake, the launcher reports the timeout.
			if (run.target() != null) {
				startTimedOut(run);
			}
		});
	}

	/**
	 * What the plugin waits for while a process starts.
	 */
	private String progress(PluginRun run) {
		String missing;
		if (run.target() != null) {
			String problem = this.endpoint.problem();
			missing = this.undeclared ? declarationAdvice() : (problem != null)
					? "the application cannot connect to it: " + problem : "its components are not initialised yet";
		}
		else if (this.settings.reattach() != null) {
			missing = "the application attaches to its process";
		}
		else {
			missing = (this.settings.protocol() == PluginProtocol.GO_PLUGIN) ? "it has printed no handshake line yet"
					: "it has opened no socket yet";
		}
		String loop = this.crashes.loop();
		return missing + ((loop != null) ? "; " + loop : "")
				+ ((this.lastFailure != null) ? "; the last attempt failed: " + this.lastFailure : "");
	}

	private String declarationAdvice() {
		return "it offers no gRPC reflection, so its services are unknown. Declare its component: "
				+ "'pluggable.components.<name>.type' with the value '<kind>." + this.settings.name()
				+ "', such as 'state." + this.settings.name() + "'";
	}

	private void startTimedOut(PluginRun run) {
		if (this.undeclared) {
			return;
		}
		String problem = this.endpoint.problem();
		startFailed(run,
				"it was not ready within " + LogText.duration(this.settings.startTimeout()) + ": "
						+ ((problem != null) ? "the application cannot connect to it: " + problem
								: "its components were not initialised. A higher 'start-timeout' gives it more time"),
				false);
	}

	private void launched(PluginRun run) {
		EndpointTarget target = run.target();
		if (this.candidate != run || target == null) {
			return;
		}
		if (this.current != null) {
			this.endpoint.prepare(target);
		}
		else {
			this.endpoint.connect(target);
		}
		endpointChanged();
		boolean late = this.startDeadline == null || !this.startDeadline.pending();
		if (this.candidate == run && late) {
			startTimedOut(run);
		}
	}

	/**
	 * Handle a change of the endpoint.
	 */
	void endpointChanged() {
		this.thread.assertCurrent();
		PluginRun run = this.candidate;
		EndpointTarget target = (run != null) ? run.target() : null;
		if (run == null || target == null) {
			return;
		}
		if (!this.endpoint.isSettledOn(target)) {
			candidateProgressed(run);
		}
		else if (this.current != null && !this.endpoint.isReadyOn(target)) {
			String error = this.endpoint.status().lastError();
			startFailed(run, "its components cannot be used" + ((error != null) ? ": " + error : ""), false);
		}
		else if (!run.hasExited()) {
			ready(run);
		}
	}

	private void candidateProgressed(PluginRun run) {
		if (this.endpoint.problem() != null && !this.examined && !run.details().tls()) {
			examine(run, () -> {
			});
		}
		if (this.current != null) {
			return;
		}
		if (this.endpoint.needsDeclaration() && !this.undeclared) {
			this.undeclared = true;
			goTo(PluginState.STARTING, progress(run));
			logger.warn("Plugin '{}' cannot be used: {}", this.settings.name(), this.reason);
			failWaiting(String.valueOf(this.reason));
		}
		else {
			goTo(PluginState.STARTING, progress(run));
		}
	}

	/**
	 * Find out whether the candidate serves TLS while the application speaks plain text.
	 * @param otherwise run if not
	 */
	private void examine(PluginRun run, Runnable otherwise) {
		this.examined = true;
		run.servesTls().thenAccept((tls) -> this.thread.execute(describe("examining the start"), () -> {
			if (tls) {
				startFailed(run, SERVES_TLS, true);
			}
			else {
				otherwise.run();
			}
		}));
	}

	private void ready(PluginRun run) {
		PluginRun previous = this.current;
		this.startDeadline = cancel(this.startDeadline);
		this.candidate = null;
		this.current = run;
		this.readySince = this.thread.nanos();
		this.answering = true;
		this.undeclared = false;
		this.lastFailure = null;
		this.loggedFailure = null;
		if (previous != null) {
			run.replace(previous);
		}
		this.endpoint.handOver();
		goTo(PluginState.READY, null);
		this.pings.start(run);
		if (previous != null) {
			drain(previous, this.drainTimeout);
		}
		PluginStatus status = status();
		complete(this.awaitingReady, (waiting) -> waiting.complete(status));
	}

	/**
	 * The candidate cannot be used.
	 * @param lasting whether the failure lasts until somebody changes something
	 */
	private void startFailed(PluginRun run, String failure, boolean lasting) {
		if (this.candidate != run) {
			return;
		}
		String reason = withLastWords(run, failure);
		discard(drop(run));
		PluginRun kept = this.current;
		EndpointTarget target = (kept != null) ? kept.target() : null;
		if (target != null) {
			this.endpoint.revert(target);
			String message = "the new process was not used: " + reason
					+ ((lasting || isForeign()) ? "" : HOLDS_SOMETHING);
			goTo(PluginState.READY, message);
			failWaiting(message);
		}
		else {
			this.endpoint.abandon("plugin '" + this.settings.name() + "' has not started");
			crashed(run, reason, null, true, lasting);
		}
	}

	/**
	 * Add what a process said last to the reason of its end.
	 */
	private static String withLastWords(PluginRun run, String reason) {
		String words = run.lastWords();
		return (words != null && !reason.contains(words)) ? reason + "; it said last: " + words : reason;
	}

	private PluginRun drop(PluginRun run) {
		this.startDeadline = cancel(this.startDeadline);
		this.candidate = null;
		this.undeclared = false;
		this.last = run;
		this.ending.add(run);
		publish();
		return run;
	}

	/**
	 * End a process that is of no use.
	 */
	private void discard(PluginRun run) {
		if (isForeign()) {
			run.leave();
		}
		else {
			run.kill();
		}
	}

	private void loseCurrent(PluginRun run) {
		this.current = null;
		this.last = run;
		this.answering = false;
		this.pings.stop();
	}

	/**
	 * A process has exited. Its output may not be read yet.
	 */
	private void exited(PluginRun run, @Nullable Integer code) {
		this.lastExitCode = (code != null) ? code : this.lastExitCode;
		if (this.current == run) {
			currentFailed(run, "it ended " + describe(code), code == null || code != 0);
		}
		publish();
	}

	/**
	 * The current process has exited or is killed.
	 */
	private void currentFailed(PluginRun run, String reason, boolean failure) {
		loseCurrent(run);
		this.ending.add(run);
		PluginRun replacement = this.candidate;
		if (replacement == null || replacement.target() == null) {
			this.endpoint.awaitProcess(named(reason));
		}
		if (replacement != null) {
			logger.warn("Plugin '{}' has lost its process while another one starts: {}", this.settings.name(), reason);
			this.lastFailure = reason;
			goTo(PluginState.STARTING, progress(replacement));
		}
		else if (this.launchDue) {
			goTo(PluginState.RESTARTING, reason);
		}
		else {
			crashed(run, reason, Duration.ofNanos(this.thread.nanos() - this.readySince), failure, false);
		}
	}

	/**
	 * Nothing is left of a process.
	 */
	private void gone(PluginRun run, @Nullable Integer code) {
		// The end of a process that is left alone is not observed.
		exited(run, code);
		if (this.candidate == run) {
			startFailed(run, "it ended " + describe(code) + " before it was ready", false);
		}
		this.ending.remove(run);
		if (this.draining == run) {
			this.draining = null;
			this.drainCheck = cancel(this.drainCheck);
		}
		if (this.crashed == run) {
			this.crashed = null;
			addLastWords(run);
		}
		processGone();
	}

	/**
	 * Add what a process said last, which was not read when the process ended.
	 */
	private void addLastWords(PluginRun run) {
		String reason = this.reason;
		boolean down = this.state == PluginState.RESTARTING || this.state == PluginState.FAILED;
		if (down && reason != null && this.lastFailure != null) {
			String failure = withLastWords(run, this.lastFailure);
			if (!failure.equals(this.lastFailure)) {
				this.reason = reason.replace(this.lastFailure, failure);
				this.lastFailure = failure;
				publish();
				logger.warn("The last output of plugin '{}' was: {}", this.settings.name(), run.lastWords());
			}
		}
	}

	private void processGone() {
		if (this.ending.isEmpty() && this.draining == null && this.current == null && this.candidate == null) {
			if (this.state == PluginState.STOPPING) {
				goTo(PluginState.STOPPED, null);
			}
			PluginStatus status = status();
			complete(this.awaitingEnd, (waiting) -> waiting.complete(status));
		}
		launchIfClear();
	}

	private void crashed(PluginRun run, String reason, @Nullable Duration readyFor, boolean failure, boolean lasting) {
		this.crashed = run;
		this.lastFailure = reason;
		CrashHistory.Decision decision = this.crashes.crashed(this.thread.nanos(), readyFor, failure, lasting);
		if (decision instanceof CrashHistory.Restart restart) {
			String next = "the next attempt follows in " + LogText.duration(this.settings.restart().maxDelay());
			if (lasting) {
				goTo(PluginState.FAILED, reason + "; " + next);
				this.endpoint.fail(named(reason));
				failWaiting(reason);
			}
			else {
				String loop = restart.loop();
				String why = (loop != null) ? loop + ", " + next + "; the last failure: " + reason : reason;
				goTo(PluginState.RESTARTING, why);
				this.endpoint.awaitProcess(named(why));
			}
			logger.debug("Plugin '{}' starts again in {} ms", this.settings.name(), restart.delay().toMillis());
			this.backoff = schedule("starting it again", restart.delay(), () -> {
				this.restarts++;
				requestLaunch();
			});
		}
		else if (decision instanceof CrashHistory.GiveUp giveUp) {
			String why = giveUp.reason() + "; the last failure: " + reason;
			goTo(PluginState.FAILED, why);
			this.endpoint.fail(named(why));
			failWaiting(why);
		}
	}

	/**
	 * Let a process finish its calls in flight, and end the process then. An earlier
	 * process that still drains ends at once.
	 */
	private void drain(PluginRun run, Duration limit) {
		endDraining();
		this.draining = run;
		checkDrained(this.thread.nanos() + limit.toNanos());
	}

	private Duration stopDrain() {
		return (STOP_DRAIN.compareTo(this.drainTimeout) < 0) ? STOP_DRAIN : this.drainTimeout;
	}

	private void checkDrained(long deadline) {
		PluginRun run = this.draining;
		if (run != null && isBusy(run) && this.thread.nanos() - deadline < 0) {
			this.drainCheck = schedule("draining the process before", DRAIN_CHECK, () -> checkDrained(deadline));
		}
		else {
			endDraining();
		}
	}

	private boolean isBusy(PluginRun run) {
		EndpointTarget target = run.target();
		return target != null && (this.endpoint.isConnectedTo(target) || !run.details().dialed().isEmpty());
	}

	private void endDraining() {
		PluginRun run = this.draining;
		this.drainCheck = cancel(this.drainCheck);
		this.draining = null;
		if (run != null) {
			this.ending.add(run);
			if (isForeign() && this.state != PluginState.STOPPING) {
				// The plugin is connected to the same process anew.
				run.leave();
			}
			else {
				run.end(this.settings.stopTimeout());
			}
		}
	}

	/**
	 * Kill a process that lives and cannot be used. A process that has exited already
	 * tells a better reason.
	 */
	private void kill(PluginRun run, String reason) {
		if (run.hasExited()) {
			return;
		}
		if (this.candidate == run) {
			startFailed(run, reason, false);
		}
		else if (this.current == run) {
			discard(run);
			currentFailed(run, reason, true);
		}
	}

	private void disconnected(PluginRun run) {
		schedule("waiting for an exit", EXIT_GRACE, () -> {
			String reason = "it closed its connection, although its process lives";
			if (this.candidate != run || run.hasExited()) {
				kill(run, reason);
			}
			else if (run.details().tls()) {
				String problem = this.endpoint.problem();
				startFailed(run, (problem != null) ? "the application cannot connect to it: " + problem : reason, true);
			}
			else {
				examine(run, () -> kill(run, reason));
			}
		});
	}

	private CompletionStage<PluginStatus> untilReady() {
		CompletableFuture<PluginStatus> ready = new CompletableFuture<>();
		this.awaitingReady.add(ready);
		return ready;
	}

	private void failWaiting(String reason) {
		PluginException failure = failure(reason);
		complete(this.awaitingReady, (waiting) -> waiting.completeExceptionally(failure));
	}

	/**
	 * Complete futures after the current task: their listeners must not run inside a
	 * transition.
	 */
	private void complete(List<CompletableFuture<PluginStatus>> futures,
			Consumer<CompletableFuture<PluginStatus>> action) {
		List<CompletableFuture<PluginStatus>> completed = List.copyOf(futures);
		futures.clear();
		completed
			.forEach((future) -> this.thread.notify(describe("completing a request"), () -> action.accept(future)));
	}

	private PluginException failure(String reason) {
		return new PluginException(named(reason));
	}

	/**
	 * Prepend the name of the plugin, unless the reason begins with the name.
	 */
	private String named(String reason) {
		String name = "Plugin '" + this.settings.name() + "'";
		return reason.startsWith(name) ? reason : name + ": " + reason;
	}

	private static String describe(@Nullable Integer code) {
		if (code == null) {
			return "with an unknown exit code";
		}
		return (code > 128) ? "by signal " + (code - 128) : "with exit code " + code;
	}

	/**
	 * Enter a state, publish the state and log it. An illegal transition is an error of
	 * this class: it is logged, and the state stays.
	 */
	void goTo(PluginState state, @Nullable String reason) {
		this.thread.assertCurrent();
		if (!PluginTransitions.TABLE.allows(this.state, state)) {
			logger.error("Plugin '{}' cannot go from {} to {} ({})", this.settings.name(), this.state, state, reason,
					new IllegalStateException("Illegal transition"));
			return;
		}
		if (this.state != state) {
			this.since = this.thread.now();
		}
		this.state = state;
		this.reason = reason;
		publish();
		log();
	}

	private void log() {
		String name = this.settings.name();
		switch (this.state) {
			case READY -> {
				if (this.reason == null) {
					logger.info("Plugin '{}' is ready: {}", name, this.current);
				}
				else {
					logger.warn("Plugin '{}' is ready, but {}", name, this.reason);
				}
			}
			case RESTARTING, FAILED -> {
				// Attempts that fail in the same way are logged once.
				boolean news = !String.valueOf(this.reason).equals(this.loggedFailure);
				this.loggedFailure = this.reason;
				Level level = !news ? Level.DEBUG : (this.state == PluginState.FAILED) ? Level.ERROR : Level.WARN;
				logger.atLevel(level).log("Plugin '{}' is {}: {}", name, this.state, this.reason);
			}
			case STARTING, STOPPING, STOPPED -> logger.debug("Plugin '{}' is {}: {}", name, this.state, this.reason);
		}
	}

	private void publish() {
		this.published = snapshot();
	}

	private Published snapshot() {
		return new Published(this.state, this.reason, this.since, this.launches, this.restarts, this.lastExitCode,
				this.answering, this.undeclared, this.lastFailure != null,
				(this.current != null) ? this.current : this.candidate, this.last);
	}

	private String describe(String task) {
		return task + " of plugin '" + this.settings.name() + "'";
	}

	private HostThread.Timer schedule(String what, Duration delay, Runnable task) {
		return this.thread.schedule(describe(what), delay, task);
	}

	private static HostThread.@Nullable Timer cancel(HostThread.@Nullable Timer timer) {
		if (timer != null) {
			timer.cancel();
		}
		return null;
	}

	@Override
	public String toString() {
		return this.settings.name();
	}

	/**
	 * A consistent snapshot for other threads.
	 *
	 * @param failed whether an attempt has failed since a process was ready
	 * @param run the current process, else the candidate
	 * @param last the process that ended last
	 */
	private record Published(PluginState state, @Nullable String reason, Instant since, int launches, int restarts,
			@Nullable Integer lastExitCode, boolean answering, boolean undeclared, boolean failed,
			@Nullable PluginRun run, @Nullable PluginRun last) {
	}

	private final class PingListener implements PluginPings.Listener {

		@Override
		public void silent(Instant since) {
			Plugin.this.answering = false;
			goTo(PluginState.READY, "no answer to health checks since " + since);
		}

		@Override
		public void answersAgain() {
			Plugin.this.answering = true;
			goTo(PluginState.READY, null);
		}

		@Override
		public void hung(Duration timeout) {
			PluginRun run = Plugin.this.current;
			if (run != null) {
				kill(run, "it hung: no answer to health checks for " + LogText.duration(timeout));
			}
		}

	}

	/**
	 * Brings the events of processes to the host's thread.
	 */
	private final class RunListener implements PluginRun.Listener {

		@Override
		public void launched(PluginRun run) {
			execute("handling a launch", () -> Plugin.this.launched(run));
		}

		@Override
		public void failed(PluginRun run, String reason, boolean lasting) {
			execute("handling a failed launch", () -> startFailed(run, reason, lasting));
		}

		@Override
		public void disconnected(PluginRun run) {
			execute("handling a lost connection", () -> Plugin.this.disconnected(run));
		}

		@Override
		public void exited(PluginRun run, @Nullable Integer code) {
			execute("handling an exit", () -> Plugin.this.exited(run, code));
		}

		@Override
		public void gone(PluginRun run, @Nullable Integer code) {
			execute("handling an exit", () -> Plugin.this.gone(run, code));
		}

		private void execute(String what, Runnable task) {
			Plugin.this.thread.execute(describe(what), task);
		}

	}

}
