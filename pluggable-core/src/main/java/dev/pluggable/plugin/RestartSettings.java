package dev.pluggable.plugin;

import java.time.Duration;

/**
 * Restart policy of a plugin whose process exits or hangs. Immutable.
 *
 * @param policy condition of a restart
 * @param initialDelay delay before the first restart; each further delay is twice as long
 * @param maxDelay the longest delay
 * @param jitter largest random deviation of a delay, as a fraction of the delay from 0 to
 * 1
 * @param crashLoopCount number of crashes within the window after which the plugin fails;
 * 0 for no limit
 * @param crashLoopWindow length of the window
 * @param resetAfter time that a process must be ready for its next crash to count as the
 * first
 * @param hangTimeout time without an answer to health checks after which the process is
 * killed; zero for no limit
 * @since 0.1.0
 */
public record RestartSettings(Policy policy, Duration initialDelay, Duration maxDelay, double jitter,
		int crashLoopCount, Duration crashLoopWindow, Duration resetAfter, Duration hangTimeout) {

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
	 * Default settings: policy {@link Policy#ALWAYS}, delays from 100 ms to 30 s with a
	 * jitter of 0.2, a crash loop at 5 crashes within a minute, a reset after 30 s, and a
	 * hang timeout of 10 s.
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

}
