package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

import dev.pluggable.internal.broker.GrpcBroker;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.endpoint.EndpointTarget;
import dev.pluggable.internal.process.PluginExitedException;
import dev.pluggable.internal.process.PluginLaunch;
import dev.pluggable.internal.process.PluginLauncher;
import dev.pluggable.internal.process.PluginProcess;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import io.grpc.Attributes;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * One process of a plugin, from its launch to its end, with all that belongs to it and
 * ends with it. Fields that are not volatile belong to the host's thread.
 */
final class PluginRun {

	private final PluginSettings settings;

	private final int number;

	private final EndpointContext context;

	private final HostServices hostServices;

	private final Listener listener;

	private final PluginLog log;

	private volatile @Nullable PluginLaunch launch;

	private volatile @Nullable PluginSession session;

	private volatile @Nullable EndpointTarget target;

	private volatile @Nullable String killedBecause;

	private volatile @Nullable CompletableFuture<PluginLaunch> launching;

	private volatile boolean killed;

	private boolean ended;

	private @Nullable Instant readySince;

	private volatile @Nullable Instant unansweredSince;

	private int unansweredPings;

	PluginRun(PluginSettings settings, int number, EndpointContext context, HostServices hostServices,
			SecretMask secrets, Listener listener) {
		this.settings = settings;
		this.number = number;
		this.context = context;
		this.hostServices = hostServices;
		this.listener = listener;
		this.log = new PluginLog(settings.name(), settings.logLevel(), secrets);
	}

	/**
	 * Start the process. The listener hears of it.
	 */
	void launch(PluginLauncher launcher) {
		try {
			this.context.handlers().execute(() -> {
				try {
					begin(launcher, this.settings.autoMtls() ? PluginCertificate.create() : null);
				}
				catch (RuntimeException | Error ex) {
					notLaunched(ex);
				}
			});
		}
		catch (RejectedExecutionException | Error ex) {
			// The host has closed, or there is no thread to be had.
			notLaunched(ex);
		}
	}

	private void begin(PluginLauncher launcher, @Nullable PluginCertificate certificate) {
		if (this.killed) {
			notLaunched(null);
			return;
		}
		CompletableFuture<PluginLaunch> launching = launcher.launch(this.settings, this.log::read,
				(certificate != null) ? certificate.pem() : null);
		this.launching = launching;
		if (this.killed) {
			launching.cancel(false);
		}
		launching.whenComplete((launch, failure) -> {
			if (launch == null) {
				notLaunched(failure);
			}
			else {
				launched(launch, certificate);
			}
		});
	}

	private void notLaunched(@Nullable Throwable failure) {
		this.listener.failed(this, message(failure));
		this.listener.exited(this, (failure instanceof PluginExitedException exited) ? exited.exitCode() : null, null);
	}

	private void launched(PluginLaunch launch, @Nullable PluginCertificate certificate) {
		this.launch = launch;
		PluginProcess process = launch.process();
		if (this.killed) {
			process.kill();
		}
		else {
			try {
				connect(launch, certificate);
				this.listener.launched(this);
			}
			catch (RuntimeException | Error ex) {
				this.listener.failed(this, message(ex));
			}
		}
		// It may have ended already: what was opened above is closed in any case.
		process.exited().whenComplete((code, failure) -> closeSession());
		process.gone().whenComplete((code, failure) -> exited(code));
	}

	private void connect(PluginLaunch launch, @Nullable PluginCertificate certificate) {
		SslContext client = null;
		SslContext server = null;
		byte[] pluginCertificate = launch.certificate();
		if (certificate != null && pluginCertificate != null) {
			client = certificate.client(pluginCertificate);
			server = certificate.server(pluginCertificate);
		}
		PluginSession session = PluginSession.open(this.settings, launch, client, server, this.context, this.log,
				() -> this.listener.disconnected(this));
		this.session = session;
		Attributes.Builder attributes = Attributes.newBuilder().set(HostServices.KEY, this.hostServices);
		if (session.broker() != null) {
			attributes.set(PluginBroker.KEY, session.broker());
		}
		if (launch.protocolVersion() != null) {
			attributes.set(PluginBroker.PROTOCOL_VERSION, launch.protocolVersion());
		}
		this.target = new EndpointTarget(launch.address(), this.settings.name() + "#" + this.number, client,
				attributes.build());
	}

	private void closeSession() {
		PluginSession session = this.session;
		if (session != null) {
			session.close();
		}
	}

	private void exited(@Nullable Integer code) {
		closeSession();
		boolean known = code != null && code != PluginProcess.UNKNOWN_EXIT_CODE;
		this.listener.exited(this, known ? code : null, this.killedBecause);
	}

	private static String message(@Nullable Throwable failure) {
		Throwable cause = (failure != null) ? failure : new CancellationException();
		while (!(cause instanceof PluginException) && cause.getCause() != null) {
			cause = cause.getCause();
		}
		return (cause.getMessage() != null) ? cause.getMessage() : cause.toString();
	}

	/**
	 * Whether the process is there and has said where it can be reached.
	 */
	boolean launched() {
		return this.target != null;
	}

	/**
	 * Where it can be reached.
	 */
	EndpointTarget target() {
		return Objects.requireNonNull(this.target, "The process has not said yet where it can be reached");
	}

	@Nullable Long pid() {
		PluginLaunch launch = this.launch;
		return (launch != null) ? launch.process().pid() : null;
	}

	@Nullable Instant startedAt() {
		PluginLaunch launch = this.launch;
		return (launch != null) ? launch.process().startedAt() : null;
	}

	@Nullable Integer protocolVersion() {
		PluginLaunch launch = this.launch;
		return (launch != null) ? launch.protocolVersion() : null;
	}

	boolean tls() {
		EndpointTarget target = this.target;
		return target != null && target.tls() != null;
	}

	boolean checksumVerified() {
		PluginLaunch launch = this.launch;
		return launch != null && launch.checksumVerified();
	}

	PluginLog log() {
		return this.log;
	}

	List<BrokeredConnection> served() {
		GrpcBroker broker = broker();
		return (broker != null) ? broker.served() : List.of();
	}

	List<BrokeredConnection> dialed() {
		GrpcBroker broker = broker();
		return (broker != null) ? broker.dialed() : List.of();
	}

	private @Nullable GrpcBroker broker() {
		PluginSession session = this.session;
		return (session != null) ? session.broker() : null;
	}

	void markReady(Instant since) {
		this.readySince = since;
	}

	/**
	 * How long it has been ready.
	 */
	Duration ranFor(Instant now) {
		return (this.readySince != null) ? Duration.between(this.readySince, now) : Duration.ZERO;
	}

	/**
	 * Ask whether it is alive.
	 * @return completes with whether it answered in time, whatever it said; never fails
	 */
	CompletionStage<Boolean> ping(Duration timeout) {
		PluginSession session = this.session;
		return (session != null) ? session.ping(timeout) : CompletableFuture.completedFuture(false);
	}

	@Nullable Instant unansweredSince() {
		return this.unansweredSince;
	}

	void answered() {
		this.unansweredSince = null;
		this.unansweredPings = 0;
	}

	/**
	 * It did not answer.
	 * @return since when it has not
	 */
	Instant unanswered(Instant asked) {
		if (this.unansweredSince == null) {
			this.unansweredSince = asked;
		}
		this.unansweredPings++;
		return this.unansweredSince;
	}

	/**
	 * How many pings it has left unanswered since its last answer: one is no proof, since
	 * it may be us who were stopped meanwhile.
	 */
	int unansweredPings() {
		return this.unansweredPings;
	}

	/**
	 * Ask it to end, and kill it if it does not in time. One that is left alone is not
	 * asked.
	 */
	void end(Duration grace) {
		PluginLaunch launch = this.launch;
		PluginSession session = this.session;
		if (launch == null || session == null || !launch.process().mayKill()) {
			kill();
		}
		else if (!this.ended) {
			this.ended = true;
			session.shutdown(grace);
			launch.process().end(grace);
		}
	}

	/**
	 * End it at once, with all processes that it has started.
	 */
	void kill() {
		this.killed = true;
		CompletableFuture<PluginLaunch> launching = this.launching;
		if (launching != null) {
			launching.cancel(false);
		}
		PluginLaunch launch = this.launch;
		if (launch != null) {
			launch.process().kill();
		}
	}

	/**
	 * Whether the process has ended, which may not have been told yet.
	 */
	boolean hasExited() {
		PluginLaunch launch = this.launch;
		return launch != null && launch.process().hasExited();
	}

	/**
	 * End it at once because of something that is worth telling.
	 */
	void killBecause(String reason) {
		this.killedBecause = reason;
		kill();
	}

	@Override
	public String toString() {
		Integer version = protocolVersion();
		return "process " + pid() + ((version != null) ? ", protocol version " + version : "") + (tls() ? ", TLS" : "");
	}

	/**
	 * Told what happens to the process, on any thread. Each process ends with
	 * {@link #exited}, once.
	 */
	interface Listener {

		/**
		 * It has said where it can be reached.
		 */
		void launched(PluginRun run);

		/**
		 * It cannot be used.
		 */
		void failed(PluginRun run, String reason);

		/**
		 * Its control connection has ended.
		 */
		void disconnected(PluginRun run);

		/**
		 * Nothing is left of it.
		 * @param code exit code, {@code null} if it is not known
		 * @param reason why it was killed, {@code null} if it was not or for no reason
		 * worth telling
		 */
		void exited(PluginRun run, @Nullable Integer code, @Nullable String reason);

	}

}
