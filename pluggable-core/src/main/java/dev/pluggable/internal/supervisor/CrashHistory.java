package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.DoubleSupplier;

import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.plugin.RestartSettings;
import org.jspecify.annotations.Nullable;

/**
 * The recent crashes of one plugin. Decides after each crash whether and when the next
 * process starts. All times are readings of a monotonic ticker. Not safe for use by many
 * threads.
 */
final class CrashHistory {

	private final RestartSettings settings;

	private final DoubleSupplier random;

	private final Backoff backoff;

	private final Deque<Long> crashes = new ArrayDeque<>();

	/**
	 * Create an empty history.
	 * @param settings the restart policy
	 * @param random random numbers from 0 to 1
	 */
	CrashHistory(RestartSettings settings, DoubleSupplier random) {
		this.settings = settings;
		this.random = random;
		this.backoff = new Backoff(settings.initialDelay(), settings.maxDelay());
	}

	/**
	 * Forget all crashes.
	 */
	void clear() {
		this.crashes.clear();
		this.backoff.reset();
	}

	/**
	 * Record the end of a process that the application did not want.
	 * @param now the current reading of the ticker
	 * @param readyFor how long the process was ready, {@code null} if never
	 * @param failure whether the process ended by an error
	 * @return the next step
	 */
	Decision crashed(long now, @Nullable Duration readyFor, boolean failure) {
		if (readyFor != null && readyFor.compareTo(this.settings.resetAfter()) >= 0) {
			clear();
		}
		this.crashes.addLast(now);
		while (now - this.crashes.getFirst() > this.settings.crashLoopWindow().toNanos()) {
			this.crashes.removeFirst();
		}
		RestartSettings.Policy policy = this.settings.policy();
		if (policy == RestartSettings.Policy.NEVER || (policy == RestartSettings.Policy.ON_FAILURE && !failure)) {
			return new GiveUp("the restart policy " + policy + " forbids a restart");
		}
		int count = this.settings.crashLoopCount();
		if (count > 0 && this.crashes.size() >= count) {
			return new GiveUp("crash loop: " + this.crashes.size() + " crashes within "
					+ LogText.duration(this.settings.crashLoopWindow()));
		}
		return new Restart(jittered(Duration.ofMillis(this.backoff.nextMillis())));
	}

	private Duration jittered(Duration delay) {
		double factor = 1 + this.settings.jitter() * (2 * this.random.getAsDouble() - 1);
		return Duration.ofNanos(Math.max(0, Math.round(delay.toNanos() * factor)));
	}

	/**
	 * The next step after a crash.
	 */
	sealed interface Decision {

	}

	/**
	 * Start another process.
	 *
	 * @param delay delay before the start
	 */
	record Restart(Duration delay) implements Decision {
	}

	/**
	 * Start no other process.
	 *
	 * @param reason why not
	 */
	record GiveUp(String reason) implements Decision {
	}

}
