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

	private final boolean detectsLoops;

	private final DoubleSupplier random;

	private final Backoff backoff;

	private final Deque<Long> crashes = new ArrayDeque<>();

	/** The crash loop, until the history is cleared. */
	private @Nullable String loop;

	/**
	 * Create an empty history.
	 * @param settings the restart policy
	 * @param detectsLoops whether many crashes are a crash loop
	 * @param random random numbers from 0 to 1
	 */
	CrashHistory(RestartSettings settings, boolean detectsLoops, DoubleSupplier random) {
		this.settings = settings;
		this.detectsLoops = detectsLoops;
		this.random = random;
		this.backoff = new Backoff(settings.initialDelay(), settings.maxDelay());
	}

	/**
	 * Forget all crashes.
	 */
	void clear() {
		this.crashes.clear();
		this.backoff.reset();
		this.loop = null;
	}

	/**
	 * The crash loop that the plugin is in.
	 * @return the crash loop, {@code null} if there is none
	 */
	@Nullable String loop() {
		return this.loop;
	}

	/**
	 * Record the end of a process that the application did not want.
	 * @param now the current reading of the ticker
	 * @param readyFor how long the process was ready, {@code null} if never
	 * @param failure whether the process ended by an error
	 * @param lasting whether the failure lasts until somebody changes something
	 * @return the next step
	 */
	Decision crashed(long now, @Nullable Duration readyFor, boolean failure, boolean lasting) {
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
		if (lasting) {
			return new Restart(jittered(this.settings.maxDelay()), null);
		}
		int count = this.settings.crashLoopCount();
		if (this.loop == null && this.detectsLoops && count > 0 && this.crashes.size() >= count) {
			this.loop = "crash loop: " + this.crashes.size() + " crashes within "
					+ LogText.duration(this.settings.crashLoopWindow());
		}
		Duration delay = (this.loop != null) ? this.settings.maxDelay() : Duration.ofMillis(this.backoff.nextMillis());
		return new Restart(jittered(delay), this.loop);
	}

	/**
	 * Vary a delay, up to the longest delay.
	 */
	private Duration jittered(Duration delay) {
		double factor = 1 + this.settings.jitter() * (2 * this.random.getAsDouble() - 1);
		Duration jittered = Duration.ofNanos(Math.max(0, Math.round(delay.toNanos() * factor)));
		return (jittered.compareTo(this.settings.maxDelay()) < 0) ? jittered : this.settings.maxDelay();
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
	 * @param loop the crash loop, {@code null} if there is none
	 */
	record Restart(Duration delay, @Nullable String loop) implements Decision {
	}

	/**
	 * Start no other process.
	 *
	 * @param reason why not
	 */
	record GiveUp(String reason) implements Decision {
	}

}
