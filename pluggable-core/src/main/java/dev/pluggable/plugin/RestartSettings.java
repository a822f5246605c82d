package dev.pluggable.plugin;

import java.time.Duration;

/**
 * What becomes of a plugin whose process has ended or does not answer.
 *
 * @param policy whether it is started again
 * @param initialDelay delay before the first restart; it doubles from one to the next
 * @param maxDelay the longest delay
 * @param jitter largest part of a delay, from 0 to 1, by which it is made longer or
 * shorter at random
 * @param crashLoopCount how many crashes within the window make the plugin fail; 0 for no
 * limit
 * @param crashLoopWindow the window
 * @param resetAfter how long a process must run for the delay to begin anew
 * @param hangTimeout how long a process may leave health checks unanswered before it
 * counts as hung, is killed and so has crashed; zero for ever
 * @since 0.1.0
 */
public record RestartSettings(Policy policy, Duration initialDelay, Duration maxDelay, double jitter,
		int crashLoopCount, Duration crashLoopWindow, Duration resetAfter, Duration hangTimeout) {

	/**
	 * Create settings.
	 * @throws IllegalArgumentException if one makes no sense
	 */
	public RestartSettings {
		if (initialDelay.isNegative() || maxDelay.compareTo(initialDelay) < 0) {
			throw new IllegalArgumentException(
					"'initialDelay' must not be negative, and 'maxDelay' not shorter than it");
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
	 * Always, after 100 ms to 30 s with a jitter of 0.2; failed after 5 crashes within a
	 * minute; stable after 30 s; hung after 10 s.
	 * @return the settings
	 */
	public static RestartSettings defaults() {
		return new RestartSettings(Policy.ALWAYS, Duration.ofMillis(100), Duration.ofSeconds(30), 0.2, 5,
				Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ofSeconds(10));
	}

	/**
	 * When a process that has ended is started again.
	 */
	public enum Policy {

		/**
		 * Whatever its exit code is.
		 */
		ALWAYS,

		/**
		 * If its exit code is not 0, if it was killed, or if it hung.
		 */
		ON_FAILURE,

		/**
		 * Never.
		 */
		NEVER

	}

}
