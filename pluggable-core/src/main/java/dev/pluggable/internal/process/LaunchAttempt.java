package dev.pluggable.internal.process;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import org.jspecify.annotations.Nullable;

/**
 * One launch, from the settings to the address of the process. Blocks a thread until
 * then.
 */
final class LaunchAttempt implements Runnable {

	private final LaunchContext context;

	private final PluginSettings settings;

	private final OutputReaders readers;

	private final @Nullable String clientCertificate;

	/**
	 * The result of this attempt, or the failure of a caller that gave up.
	 */
	private final CompletableFuture<PluginLaunch> result = new CompletableFuture<>();

	/**
	 * The result for the caller. A failure arrives after the process is gone.
	 */
	private final CompletableFuture<PluginLaunch> outcome = new CompletableFuture<>() {

		@Override
		public boolean cancel(boolean mayInterrupt) {
			return LaunchAttempt.this.result.cancel(mayInterrupt);
		}

	};

	private final CompletableFuture<Void> over = new CompletableFuture<>();

	private @Nullable PluginProcess process;

	private boolean unwanted;

	LaunchAttempt(LaunchContext context, PluginSettings settings, OutputReaders readers,
			@Nullable String clientCertificate) {
		this.context = context;
		this.settings = settings;
		this.readers = readers;
		this.clientCertificate = clientCertificate;
		this.result.whenComplete(this::settle);
	}

	/**
	 * The result for the caller of the launcher.
	 */
	CompletableFuture<PluginLaunch> outcome() {
		return this.outcome;
	}

	/**
	 * Completes when the attempt does nothing more.
	 */
	CompletableFuture<Void> over() {
		return this.over;
	}

	/**
	 * Fail because the launcher closes.
	 */
	void giveUp() {
		this.result.completeExceptionally(LaunchFailures.closing(this.settings));
	}

	/**
	 * Fail because no thread runs this attempt.
	 */
	void neverBegan(PluginException failure) {
		this.result.completeExceptionally(failure);
		this.over.complete(null);
	}

	@Override
	public void run() {
		try {
			PluginLaunch launch = (this.settings.reattach() != null)
					? new Reattachment(this.context, this.settings, this.settings.reattach()).attach() : launch();
			if (this.result.complete(launch)) {
				this.over.complete(null);
			}
			else {
				fail(launch.process(), LaunchFailures.closing(this.settings));
			}
		}
		catch (PluginException ex) {
			fail(process(), ex);
		}
		catch (InterruptedException ex) {
			fail(process(), LaunchFailures.closing(this.settings));
		}
		catch (IOException | RuntimeException | Error ex) {
			fail(process(), LaunchFailures.cannotStart(this.settings, ex));
		}
	}

	private PluginLaunch launch() throws IOException, InterruptedException {
		boolean socket = this.settings.protocol() == PluginProtocol.SOCKET;
		Path directory = this.context.directories().create(this.settings.name());
		String checksum = this.settings.checksum();
		boolean started = false;
		PluginProcess process;
		Path program;
		try {
			Map<String, String> variables = PluginEnvironment.of(this.settings, this.context.environment(), directory,
					this.clientCertificate);
			program = PluginProgram.find(this.settings, variables);
			if (checksum != null) {
				new ExecutableChecksum(this.settings, checksum).verify(program);
			}
			if (socket) {
				Files.createDirectory(PluginEnvironment.socketFolder(directory),
						PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
			}
			process = this.context.starter().start(this.settings, program, directory, variables, this.readers);
			started = true;
		}
		finally {
			if (!started) {
				this.context.directories().delete(directory);
			}
		}
		keep(process);
		AddressWait wait = new AddressWait(this.context, this.settings, program, process, this.readers.secrets(),
				this.result);
		if (socket) {
			Path path = wait.awaitSocket(PluginEnvironment.socketFolder(directory));
			return new PluginLaunch(process, directory, UnixDomainSocketAddress.of(path), null, null, checksum != null);
		}
		PluginHandshake handshake = wait.awaitHandshake();
		return new PluginLaunch(process, directory, handshake.address(), handshake.protocolVersion(),
				handshake.certificate(), checksum != null);
	}

	private synchronized @Nullable PluginProcess process() {
		return this.process;
	}

	/**
	 * Keep the process, or kill the process if the caller gave up.
	 */
	private void keep(PluginProcess process) {
		synchronized (this) {
			this.process = process;
			if (!this.unwanted) {
				return;
			}
		}
		process.kill();
		throw LaunchFailures.closing(this.settings);
	}

	private void settle(@Nullable PluginLaunch launch, @Nullable Throwable failure) {
		if (failure == null) {
			this.outcome.complete(launch);
			return;
		}
		PluginProcess process;
		synchronized (this) {
			this.unwanted = true;
			process = this.process;
		}
		if (process != null) {
			process.kill();
		}
		this.over.thenRun(() -> this.outcome.completeExceptionally(failure));
	}

	/**
	 * Fail after the process is gone, so that the next process does not meet it.
	 */
	private void fail(@Nullable PluginProcess process, PluginException failure) {
		if (process == null) {
			neverBegan(failure);
			return;
		}
		process.kill()
			.toCompletableFuture()
			.orTimeout(PluginLauncher.CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
			.whenComplete((end, ex) -> {
				this.result.completeExceptionally(failure);
				this.over.complete(null);
			});
	}

}
