package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

import dev.pluggable.internal.endpoint.EndpointTarget;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.PluginGuard;
import org.jspecify.annotations.Nullable;

/**
 * One process of a plugin, from its launch to its end. No method waits. Safe for use by
 * many threads.
 */
interface PluginRun {

	/**
	 * Where the process listens.
	 * @return the target, {@code null} until the process has told its address
	 */
	@Nullable EndpointTarget target();

	/**
	 * Whether the process has ended. The listener may not know the end yet.
	 */
	boolean hasExited();

	/**
	 * Whether the process lives at this moment, as the system tells.
	 */
	boolean isAlive();

	/**
	 * Find out whether the process serves TLS.
	 * @return completes with {@code false} if the process does not, or cannot be asked;
	 * never fails
	 */
	CompletionStage<Boolean> servesTls();

	/**
	 * Ask the process for a sign of life.
	 * @param timeout the longest wait for an answer
	 * @return completes with whether the process answered in time; never fails
	 */
	CompletionStage<Boolean> ping(Duration timeout);

	/**
	 * Take the place of another process, which still runs. Numbers of connections that
	 * were served for the other process are valid for this one.
	 * @param previous the other process
	 */
	void replace(PluginRun previous);

	/**
	 * Ask the process to end, and kill the process after the grace period. Further calls
	 * do nothing.
	 * @param grace time that the process has to end
	 */
	void end(Duration grace);

	/**
	 * Kill the process and all processes that it has started.
	 */
	void kill();

	/**
	 * End the connections to the process, and let the process live. Only for a process
	 * that somebody else has started.
	 */
	void leave();

	/**
	 * Facts for the status of the plugin.
	 */
	Details details();

	/**
	 * The last lines that the process wrote to standard error, without secrets.
	 */
	List<String> lastOutput();

	/**
	 * The line of the output that tells best why the process ended, without secrets.
	 * @return the line, {@code null} if there was no output
	 */
	@Nullable String lastWords();

	/**
	 * Facts about a process.
	 *
	 * @param pid id of the process, {@code null} before the process has told its address
	 * @param startedAt start of the process, {@code null} before the process has told its
	 * address
	 * @param protocolVersion negotiated version of the application's protocol
	 * @param tls whether connections are encrypted
	 * @param checksumVerified whether the program's checksum was verified
	 * @param guard the means by which the process ends with the application, {@code null}
	 * without a process that the application has started
	 * @param served connections that the application serves
	 * @param dialed connections that the process serves
	 */
	record Details(@Nullable Long pid, @Nullable Instant startedAt, @Nullable Integer protocolVersion, boolean tls,
			boolean checksumVerified, @Nullable PluginGuard guard, List<BrokeredConnection> served,
			List<BrokeredConnection> dialed) {

		static final Details NONE = new Details(null, null, null, false, false, null, List.of(), List.of());

	}

	/**
	 * Launches the processes of one plugin.
	 */
	interface Launcher {

		/**
		 * Start a process. Returns at once and reports all results to the listener.
		 * @param number number of the process, counted from 1
		 * @param listener the listener
		 * @return the run
		 */
		PluginRun launch(int number, Listener listener);

	}

	/**
	 * Observes one process, on any thread. The last event of each run is {@link #gone}.
	 */
	interface Listener {

		/**
		 * The process listens at {@link PluginRun#target()}.
		 */
		void launched(PluginRun run);

		/**
		 * The process cannot be used.
		 * @param reason why not
		 * @param lasting whether the failure lasts until somebody changes something
		 */
		void failed(PluginRun run, String reason, boolean lasting);

		/**
		 * The control connection to the process has ended.
		 */
		void disconnected(PluginRun run);

		/**
		 * The process has ended. Its children and its output may still be there. A run
		 * whose process never told its address skips this event.
		 * @param code exit code, {@code null} if unknown
		 */
		void exited(PluginRun run, @Nullable Integer code);

		/**
		 * The process, its children and its output have ended.
		 * @param code exit code, {@code null} if unknown
		 */
		void gone(PluginRun run, @Nullable Integer code);

	}

}
