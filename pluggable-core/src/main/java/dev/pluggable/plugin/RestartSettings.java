package dev.pluggable.plugin;

import java.time.Duration;

/**
 * Restart policy of a plugin: the application restarts a process that exits or hangs, and
 * replaces a process on request. Immutable.
 *
 * @param policy condition of a restart
 * @param initialDelay delay before the first restart; each further delay is twice as long
 * @param maxDelay the longest delay; also the delay in a crash loop, and after a failure
 * that lasts until somebody changes something, such as a wrong checksum
 * @param jitter largest random deviation of a delay, as a fraction of the delay from 0 to
 * 1; no delay is longer than {@code maxDelay}
 * @param crashLoopCount number of crashes within the window that are a crash loop; 0 for
 * no limit
 * @param crashLoopWindow length of the window
 * @param resetAfter time that a process must be ready for its next crash to count as the
 * first
 * @param hangTimeout time without an answer to health checks after which the process is
 * killed; zero for no limit
 * @param mode order of the two processes when the application replaces a process
 * @since 0.1.0
 */
public record RestartSettings(Policy policy, Duration initialDelay, Duration maxDelay, double jitter,
		int crashLoopCount, Duration crashLoopWindow, Duration resetAfter, Duration hangTimeout, Mode mode) {

	/**
	 * Create settings.
	 * @throws IllegalArgumentException if a value is out of range
	 */
	public RestartSettings {
		if (initialDelay.isNegative() || maxDelay.compareTo(initialDelay) < 0) {
			throw new IllegalArgumentException(
					"'initialDelay' must not be negative, and 'maxDelay' must not be shorter than 'initialDelay'");
		}
		if (!(jitter >= 0 && jitter <= 1)) {
			throw new IllegalArgumentException("'jitter' must be between 0 and 1");
		}
		if (crashLoopCount < 0 || crashLoopWindow.isNegative() || resetAfter.isNegative() || hangTimeout.isNegative()) {
			throw new IllegalArgumentException(
					"'crashLoopCount', 'crashLoopWindow', 'resetAfter' and 'hangTimeout' must not be negative");
		}
	}

	/**
	 * Create settings with {@link Mode#REPLACE}.
	 * @param policy condition of a restart
	 * @param initialDelay delay before the first restart
	 * @param maxDelay the longest delay
	 * @param jitter largest random deviation of a delay
	 * @param crashLoopCount number of crashes that are a crash loop
	 * @param crashLoopWindow length of the window
	 * @param resetAfter time that a process must be ready
	 * @param hangTimeout time without an answer to health checks
	 * @throws IllegalArgumentException if a value is out of range
	 */
	public RestartSettings(Policy policy, Duration initialDelay, Duration maxDelay, double jitter, int crashLoopCount,
			Duration crashLoopWindow, Duration resetAfter, Duration hangTimeout) {
		this(policy, initialDelay, maxDelay, jitter, crashLoopCount, crashLoopWindow, resetAfter, hangTimeout,
				Mode.REPLACE);
	}

	/**
	 * These settings with another mode.
	 * @param mode order of the two processes
	 * @return new settings
	 */
	public RestartSettings withMode(Mode mode) {
		return new RestartSettings(this.policy, this.initialDelay, this.maxDelay, this.jitter, this.crashLoopCount,
				this.crashLoopWindow, this.resetAfter, this.hangTimeout, mode);
	}

	/**
	 * Default settings: policy {@link Policy#ALWAYS}, delays from 100 ms to 30 s with a
	 * jitter of 0.2, a crash loop at 5 crashes within a minute, a reset after 30 s, a
	 * hang timeout of 10 s, and {@link Mode#REPLACE}.
	 * @return the settings
	 */
	public static RestartSettings defaults() {
		return new RestartSettings(Policy.ALWAYS, Duration.ofMillis(100), Duration.ofSeconds(30), 0.2, 5,
				Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ofSeconds(10));
	}

	/**
	 * Condition of a restart.
	 */
	public enum Policy {

		/**
		 * Restart after each exit.
		 */
		ALWAYS,

		/**
		 * Restart after an exit code other than 0, after a signal and after a hang.
		 */
		ON_FAILURE,

		/**
		 * Never restart.
		 */
		NEVER

	}

	/**
	 * Order of the two processes when the application replaces a process.
	 */
	public enum Mode {

		/**
		 * The new process takes over before the old process ends. No call is lost, and
		 * the old process stays if the new process cannot be used. Both processes run for
		 * a while.
		 */
		REPLACE,

		/**
		 * The old process finishes its calls and ends before the new process starts, for
		 * a plugin that needs something that only one process can have, such as a fixed
		 * port or a locked file. Calls between the two processes wait or fail, as in an
		 * outage.
		 */
		STOP_FIRST

	}

}
