package dev.pluggable.internal.process;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A plugin under a {@link ProcessGuard}. The id and the signals are those of the plugin,
 * and the exit is that of the guards, which end with the exit code of the plugin when the
 * plugin and all its descendants have ended.
 */
final class GuardedProcess extends Process {

	/**
	 * The longest wait for the second guard. It may stay a zombie, which no process waits
	 * for.
	 */
	private static final long SECOND_GUARD_SECONDS = 2;

	private final Process guard;

	private final ProcessHandle second;

	private final ProcessHandle plugin;

	/**
	 * Create a process.
	 * @param guard the guard that the application has started
	 * @param second the guard that has started the plugin; may be the same
	 * @param plugin the plugin
	 */
	GuardedProcess(Process guard, ProcessHandle second, ProcessHandle plugin) {
		this.guard = guard;
		this.second = second;
		this.plugin = plugin;
	}

	@Override
	public OutputStream getOutputStream() {
		return this.guard.getOutputStream();
	}

	@Override
	public InputStream getInputStream() {
		return this.guard.getInputStream();
	}

	@Override
	public InputStream getErrorStream() {
		return this.guard.getErrorStream();
	}

	@Override
	public int waitFor() throws InterruptedException {
		return this.guard.waitFor();
	}

	@Override
	public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
		return this.guard.waitFor(timeout, unit);
	}

	@Override
	public int exitValue() {
		return this.guard.exitValue();
	}

	@Override
	public boolean isAlive() {
		return this.guard.isAlive();
	}

	@Override
	public CompletableFuture<Process> onExit() {
		// If somebody has killed the first guard, the second one still ends the plugin.
		return this.guard.onExit()
			.thenCompose((ended) -> this.second.isAlive()
					? this.second.onExit().completeOnTimeout(this.second, SECOND_GUARD_SECONDS, TimeUnit.SECONDS)
					: CompletableFuture.completedFuture(this.second))
			.thenApply((ended) -> this);
	}

	@Override
	public void destroy() {
		OwnedProcess.started(this).terminate();
	}

	@Override
	public Process destroyForcibly() {
		OwnedProcess.started(this).kill();
		return this;
	}

	/**
	 * Kill a guard that somebody has stopped by {@code SIGSTOP}: a stopped guard does not
	 * tell the end of the plugin. If the second guard is stopped, the first one ends the
	 * descendants. If only the first guard is stopped, the second one has ended them.
	 */
	void killStoppedGuard() {
		if (ProcessGuard.isStopped(this.second.pid())) {
			OwnedProcess.guard(this.second).kill();
		}
		else if (!this.second.isAlive() || ProcessGuard.isZombie(this.second.pid())) {
			if (ProcessGuard.isStopped(this.guard.pid())) {
				OwnedProcess.guard(this.guard.toHandle()).kill();
			}
		}
	}

	@Override
	public boolean supportsNormalTermination() {
		return true;
	}

	@Override
	public long pid() {
		return this.plugin.pid();
	}

	@Override
	public ProcessHandle toHandle() {
		return this.plugin;
	}

	@Override
	public ProcessHandle.Info info() {
		return this.plugin.info();
	}

}
