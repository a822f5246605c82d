package dev.pluggable.internal.support;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Logs warnings of one kind. The first ones within some seconds are logged one by one.
 * All further ones have debug level, and one warning at the end of that time tells their
 * number, also if no further warning follows. A flood that goes on has three lines in
 * each such time. Safe for use by many threads.
 */
public final class LimitedLog {

	/**
	 * Most single lines within a window.
	 */
	public static final int LINES = 20;

	/**
	 * Most single lines within a window that follows a window with too many lines.
	 */
	static final int LINES_IN_FLOOD = 2;

	static final Duration WINDOW = Duration.ofSeconds(10);

	private final String what;

	private final int limit;

	private final Duration window;

	private final BiConsumer<Duration, Runnable> later;

	private final LongSupplier nanoTime;

	private boolean open;

	private boolean flooding;

	private long start;

	private int logged;

	private long leftOut;

	private @Nullable Logger logger;

	/**
	 * Create a log of 20 lines within 10 seconds.
	 * @param what the subject of the lines, in the plural
	 */
	public LimitedLog(String what) {
		this(what, LINES, WINDOW);
	}

	/**
	 * Create a log.
	 * @param what the subject of the lines, in the plural
	 * @param limit most single lines within a window
	 * @param window the window
	 */
	public LimitedLog(String what, int limit, Duration window) {
		this(what, limit, window,
				(delay, task) -> CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(task),
				System::nanoTime);
	}

	/**
	 * Create a log with a clock of its own.
	 * @param what the subject of the lines, in the plural
	 * @param limit most single lines within a window
	 * @param window the window
	 * @param later runs a task after a delay
	 * @param nanoTime the clock
	 */
	public LimitedLog(String what, int limit, Duration window, BiConsumer<Duration, Runnable> later,
			LongSupplier nanoTime) {
		this.what = what;
		this.limit = limit;
		this.window = window;
		this.later = later;
		this.nanoTime = nanoTime;
	}

	/**
	 * Create a log whose counts are logged on the host's thread.
	 * @param what the subject of the lines, in the plural
	 * @param limit most single lines within 10 seconds
	 * @param thread the host's thread
	 * @return the log
	 */
	public static LimitedLog on(HostThread thread, String what, int limit) {
		return new LimitedLog(what, limit, WINDOW, (delay, task) -> thread.schedule("counting " + what, delay, task),
				thread::nanos);
	}

	/**
	 * Log a warning, or log it with debug level and count it.
	 * @param logger the logger
	 * @param line the warning
	 */
	public void log(Logger logger, String line) {
		long end = 0;
		Runnable count;
		boolean single;
		synchronized (this) {
			long now = this.nanoTime.getAsLong();
			count = endWindow(now);
			if (!this.open) {
				this.flooding = this.flooding && now - this.start < 2 * this.window.toNanos();
				this.open = true;
				this.start = now;
				this.logged = 0;
			}
			single = this.logged < (this.flooding ? Math.min(this.limit, LINES_IN_FLOOD) : this.limit);
			if (single) {
				this.logged++;
			}
			else if (this.leftOut++ == 0) {
				end = this.start + this.window.toNanos() - now;
			}
			this.logger = logger;
		}
		if (count != null) {
			count.run();
		}
		logger.atLevel(single ? Level.WARN : Level.DEBUG).log(line);
		if (end > 0) {
			this.later.accept(Duration.ofNanos(end), this::count);
		}
	}

	private void count() {
		Runnable count;
		synchronized (this) {
			count = endWindow(this.nanoTime.getAsLong());
		}
		if (count != null) {
			count.run();
		}
	}

	/**
	 * End the window if its time is over.
	 * @return logs the number of lines that were left out, {@code null} if there is none
	 */
	private @Nullable Runnable endWindow(long now) {
		if (!this.open || now - this.start < this.window.toNanos()) {
			return null;
		}
		this.open = false;
		long leftOut = this.leftOut;
		this.leftOut = 0;
		this.flooding = leftOut > 0;
		Logger logger = this.logger;
		return (leftOut == 0 || logger == null) ? null
				: () -> logger.warn("Left out {} further {} within {}. Each has a line of level DEBUG", leftOut,
						this.what, LogText.duration(this.window));
	}

}
