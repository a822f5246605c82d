package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import javax.net.ssl.SSLContext;

import dev.pluggable.internal.broker.GrpcBroker;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.endpoint.EndpointTarget;
import dev.pluggable.internal.process.LaunchException;
import dev.pluggable.internal.process.OutputReaders;
import dev.pluggable.internal.process.PluginExitedException;
import dev.pluggable.internal.process.PluginLaunch;
import dev.pluggable.internal.process.PluginLauncher;
import dev.pluggable.internal.process.PluginProcess;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.TlsSettings;
import io.grpc.Attributes;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * A real process of a plugin, with its control connection, its log and its certificates.
 * Safe for use by many threads.
 */
final class ProcessRun implements PluginRun {

	private final PluginSettings settings;

	private final int number;

	private final EndpointContext context;

	private final HostServiceRegistry hostServices;

	private final AtomicInteger lastNumber;

	private final Listener listener;

	private final PluginLog log;

	private final SecretMask secrets;

	private volatile @Nullable PluginLaunch launch;

	private volatile @Nullable PluginSession session;

	private volatile @Nullable EndpointTarget target;

	private volatile @Nullable CompletableFuture<PluginLaunch> launching;

	private volatile boolean killed;

	private volatile boolean left;

	private final AtomicBoolean ended = new AtomicBoolean();

	ProcessRun(PluginSettings settings, int number, EndpointContext context, HostServiceRegistry hostServices,
			SecretMask secrets, AtomicInteger lastNumber, Listener listener) {
		this.settings = settings;
		this.number = number;
		this.context = context;
		this.hostServices = hostServices;
		this.lastNumber = lastNumber;
		this.listener = listener;
		this.secrets = secrets;
		this.log = new PluginLog(settings.name(), settings.logLevel(), secrets, this::later);
	}

	/**
	 * Log the beginning of a line whose rest does not come.
	 */
	private void later(Duration delay, Runnable task) {
		try {
			this.context.thread().scheduler().schedule(() -> handle(task), delay.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			// The host is closed. The end of the output logs the line.
		}
	}

	private void handle(Runnable task) {
		try {
			this.context.handlers().execute(task);
		}
		catch (RejectedExecutionException ex) {
			// The host is closing. The end of the output logs the line.
		}
	}

	/**
	 * Start the process and report all results to the listener.
	 * @param settings returns the settings with all variables of the environment, and may
	 * wait
	 */
	void launch(PluginLauncher launcher, Supplier<PluginSettings> settings) {
		try {
			this.context.handlers().execute(() -> {
				try {
					begin(launcher, settings.get(), this.settings.autoMtls() ? PluginCertificate.create() : null);
				}
				catch (RuntimeException | Error ex) {
					notLaunched(ex);
				}
			});
		}
		catch (RejectedExecutionException | Error ex) {
			// The host is closed, or the system has no thread left.
			notLaunched(ex);
		}
	}

	private void begin(PluginLauncher launcher, PluginSettings settings, @Nullable PluginCertificate certificate) {
		if (this.killed || this.left) {
			notLaunched(null);
			return;
		}
		boolean handshake = this.settings.protocol() == PluginProtocol.GO_PLUGIN;
		OutputReaders readers = handshake ? new OutputReaders(this.log::read, this.log::readOutput, this.secrets)
				: new OutputReaders(this.log::read, this.log::read, this.secrets);
		CompletableFuture<PluginLaunch> launching = launcher.launch(settings, readers,
				(certificate != null) ? certificate.pem() : null);
		this.launching = launching;
		if (this.killed || this.left) {
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
		this.listener.failed(this, message(failure), isLasting(failure));
		this.listener.gone(this, (failure instanceof PluginExitedException exited) ? exited.exitCode() : null);
	}

	private void launched(PluginLaunch launch, @Nullable PluginCertificate certificate) {
		this.launch = launch;
		PluginProcess process = launch.process();
		if (this.killed) {
			process.kill();
		}
		else if (this.left) {
			process.leave();
		}
		else {
			try {
				connect(launch, certificate);
				this.listener.launched(this);
			}
			catch (RuntimeException | Error ex) {
				this.listener.failed(this, message(ex), false);
			}
		}
		// These callbacks also close the session of a process that has already ended.
		process.exited().whenComplete((code, failure) -> {
			closeSession();
			this.listener.exited(this, known(code));
		});
		process.gone().whenComplete((code, failure) -> {
			closeSession();
			this.listener.gone(this, known(code));
		});
	}

	private void connect(PluginLaunch launch, @Nullable PluginCertificate certificate) {
		SslContext client = null;
		SslContext server = null;
		byte[] pluginCertificate = launch.certificate();
		TlsSettings tls = this.settings.tls();
		if (certificate != null && pluginCertificate != null) {
			client = certificate.client(pluginCertificate);
			server = certificate.server(pluginCertificate);
		}
		else if (tls != null) {
			SSLContext context = tls.context().get();
			client = ContextTls.client(context, tls.serverName());
			server = ContextTls.server(context);
		}
		PluginSession session = PluginSession.open(this.settings, launch, client, server, this.context,
				this.hostServices, this.log, this.secrets, this.lastNumber, () -> this.listener.disconnected(this));
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

	@Override
	public void replace(PluginRun previous) {
		GrpcBroker broker = broker();
		GrpcBroker before = (previous instanceof ProcessRun run) ? run.broker() : null;
		if (broker != null && before != null) {
			broker.replace(before);
		}
	}

	private @Nullable GrpcBroker broker() {
		PluginSession session = this.session;
		return (session != null) ? session.broker() : null;
	}

	private static @Nullable Integer known(@Nullable Integer code) {
		return (code != null && code != PluginProcess.UNKNOWN_EXIT_CODE) ? code : null;
	}

	private String message(@Nullable Throwable failure) {
		Throwable cause = cause(failure);
		if (cause instanceof LaunchException launch) {
			return this.secrets.mask(launch.reason());
		}
		return this.secrets.mask((cause.getMessage() != null) ? cause.getMessage() : cause.toString());
	}

	private static boolean isLasting(@Nullable Throwable failure) {
		return cause(failure) instanceof LaunchException launch && launch.lasting();
	}

	private static Throwable cause(@Nullable Throwable failure) {
		Throwable cause = (failure != null) ? failure : new CancellationException();
		while (!(cause instanceof PluginException) && cause.getCause() != null) {
			cause = cause.getCause();
		}
		return cause;
	}

	@Override
	public @Nullable EndpointTarget target() {
		return this.target;
	}

	@Override
	public boolean hasExited() {
		PluginLaunch launch = this.launch;
		return launch != null && launch.process().hasExited();
	}

	@Override
	public boolean isAlive() {
		PluginLaunch launch = this.launch;
		return launch != null && launch.process().isAlive();
	}

	@Override
	public CompletionStage<Boolean> servesTls() {
		PluginLaunch launch = this.launch;
		if (launch == null) {
			return CompletableFuture.completedFuture(false);
		}
		try {
			return CompletableFuture.supplyAsync(() -> TlsProbe.servesTls(launch.address()), this.context.handlers())
				.exceptionally((ex) -> false);
		}
		catch (RejectedExecutionException ex) {
			return CompletableFuture.completedFuture(false);
		}
	}

	@Override
	public Details details() {
		PluginLaunch launch = this.launch;
		if (launch == null) {
			return Details.NONE;
		}
		PluginProcess process = launch.process();
		GrpcBroker broker = broker();
		return new Details(process.pid(), process.startedAt(), launch.protocolVersion(), tls(),
				launch.checksumVerified(), process.guard(), (broker != null) ? broker.served() : List.of(),
				(broker != null) ? broker.dialed() : List.of());
	}

	private boolean tls() {
		EndpointTarget target = this.target;
		return target != null && target.tls() != null;
	}

	@Override
	public List<String> lastOutput() {
		return this.log.tail();
	}

	@Override
	public @Nullable String lastWords() {
		return this.log.lastWords();
	}

	@Override
	public CompletionStage<Boolean> ping(Duration timeout) {
		PluginSession session = this.session;
		return (session != null) ? session.ping(timeout) : CompletableFuture.completedFuture(false);
	}

	@Override
	public void end(Duration grace) {
		PluginLaunch launch = this.launch;
		PluginSession session = this.session;
		if (launch == null || session == null || !launch.process().mayKill()) {
			kill();
		}
		else if (this.ended.compareAndSet(false, true)) {
			session.shutdown(grace);
			launch.process().end(grace);
		}
	}

	@Override
	public void kill() {
		this.killed = true;
		cancelLaunch();
		PluginLaunch launch = this.launch;
		if (launch != null) {
			launch.process().kill();
		}
	}

	@Override
	public void leave() {
		this.left = true;
		cancelLaunch();
		PluginLaunch launch = this.launch;
		if (launch != null) {
			launch.process().leave();
		}
	}

	private void cancelLaunch() {
		CompletableFuture<PluginLaunch> launching = this.launching;
		if (launching != null) {
			launching.cancel(false);
		}
	}

	@Override
	public String toString() {
		PluginLaunch launch = this.launch;
		if (launch == null) {
			return "process " + this.number;
		}
		Integer version = launch.protocolVersion();
		return "process " + launch.process().pid() + ((version != null) ? ", protocol version " + version : "")
				+ (tls() ? ", TLS" : "");
	}

}
