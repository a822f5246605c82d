package dev.pluggable.internal.process;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that belongs to the application, with the reason why. No other class sends
 * signals. A signal reaches only the process that was recognised, even if the system has
 * given its id to another process since. Safe for use by many threads.
 */
final class OwnedProcess {

	private static final Logger logger = LoggerFactory.getLogger(OwnedProcess.class);

	private final ProcessHandle handle;

	private final Optional<Instant> recordedStart;

	private final String reason;

	private OwnedProcess(ProcessHandle handle, String reason) {
		this.handle = handle;
		this.recordedStart = handle.info().startInstant();
		this.reason = reason;
	}

	/**
	 * Recognise a process that the application has started.
	 * @param process the process
	 */
	static OwnedProcess started(Process process) {
		return new OwnedProcess(process.toHandle(), "the application has started the process");
	}

	/**
	 * Recognise the guard of a process that the application has started.
	 * @param handle the guard, as it was when the process started
	 */
	static OwnedProcess guard(ProcessHandle handle) {
		return new OwnedProcess(handle, "the process is the guard of a process of the application");
	}

	/**
	 * Recognise the process that serves a connection of the application.
	 * @param handle a process, whose handle is older than the connection
	 * @param peer id of the process behind the connection, as the system tells
	 * @throws IllegalArgumentException if the ids differ
	 */
	static OwnedProcess peer(ProcessHandle handle, long peer) {
		if (handle.pid() != peer) {
			throw new IllegalArgumentException("process " + handle.pid() + " is not the peer, which is " + peer);
		}
		return new OwnedProcess(handle, "the process is the peer of a connection of the application");
	}

	/**
	 * Recognise a process by its environment, which names a run directory of the
	 * application.
	 * @param handle the process, whose handle is older than the look at the environment
	 */
	static OwnedProcess marked(ProcessHandle handle) {
		return new OwnedProcess(handle, "the environment of the process names a run directory of the application");
	}

	/**
	 * Recognise a member of the session that a process of the application began.
	 * @param handle the process, whose handle is older than the look at the session
	 */
	static OwnedProcess inSession(ProcessHandle handle) {
		return new OwnedProcess(handle, "the process is in the session of a process of the application");
	}

	/**
	 * The descendants of this process.
	 * @return the descendants, empty if this process has ended
	 */
	List<OwnedProcess> descendants() {
		if (!isSame()) {
			return List.of();
		}
		return this.handle.descendants()
			.map((descendant) -> new OwnedProcess(descendant,
					"the process descends from process " + pid() + " of the application"))
			.toList();
	}

	long pid() {
		return this.handle.pid();
	}

	ProcessHandle handle() {
		return this.handle;
	}

	/**
	 * Start of the process.
	 * @return the time that the system tells, empty if the system tells none
	 */
	Optional<Instant> startedAt() {
		return this.recordedStart;
	}

	/**
	 * Ask the process to end, by {@code SIGTERM}.
	 */
	void terminate() {
		signal(false);
	}

	/**
	 * Kill the process, by {@code SIGKILL}.
	 */
	void kill() {
		signal(true);
	}

	private void signal(boolean kill) {
		if (this.handle.pid() == ProcessHandle.current().pid() || !isSame()) {
			return;
		}
		logger.trace("Sends {} to process {}: {}", kill ? "SIGKILL" : "SIGTERM", pid(), this.reason);
		if (kill) {
			this.handle.destroyForcibly();
		}
		else {
			this.handle.destroy();
		}
	}

	/**
	 * Whether the id still belongs to this process: the system reuses ids.
	 */
	private boolean isSame() {
		return this.handle.isAlive() && this.handle.info().startInstant().equals(this.recordedStart);
	}

	@Override
	public String toString() {
		return Long.toString(pid());
	}

}
