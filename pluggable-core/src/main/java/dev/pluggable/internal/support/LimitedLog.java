package dev.pluggable.internal.support;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.slf4j.Logger;

/**
 * Logs warnings of one kind, and at most a bounded number of them within a minute. The
 * next warning after that minute tells how many were left out. A flood that goes on has
 * at most 20 lines in each further minute. Safe for use by many threads.
 */
public final class LimitedLog {

	/**
	 * Most lines within a minute.
	 */
	static final int LINES_PER_MINUTE = 20;

	private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

	private final String what;

	private final int limit;

	private final LongSupplier nanoTime;

	/** The limit of this minute. */
	private int current;

	private long start;

	private int logged;

	private long leftOut;

	/**
	 * Create a log of 20 lines within a minute.
	 * @param what the subject of the lines, in the plural
	 */
	public LimitedLog(String what) {
		this(what, LINES_PER_MINUTE, System::nanoTime);
	}

	/**
	 * Create a log.
	 * @param what the subject of the lines, in the plural
	 * @param limit most lines within a minute
	 * @param nanoTime the clock
	 */
	public LimitedLog(String what, int limit, LongSupplier nanoTime) {
		this.what = what;
		this.limit = limit;
		this.current = limit;
		this.nanoTime = nanoTime;
		this.start = nanoTime.getAsLong();
	}

	/**
	 * Log a warning, or count it.
	 * @param logger the logger
	 * @param line the warning
	 */
	public void log(Logger logger, String line) {
		long left = 0;
		boolean last;
		synchronized (this) {
			long nanos = this.nanoTime.getAsLong();
			if (nanos - this.start >= MINUTE) {
				left = this.leftOut;
				this.current = (left > 0) ? Math.min(this.limit, LINES_PER_MINUTE) : this.limit;
				this.start = nanos;
				this.logged = 0;
				this.leftOut = 0;
			}
			if (this.logged == this.current) {
				this.leftOut++;
				return;
			}
			this.logged++;
			last = this.logged == this.current;
		}
		String before = (left > 0) ? " (" + left + " further " + this.what + " were left out before)" : "";
		String after = last ? ". Further " + this.what + " are left out for up to a minute" : "";
		logger.warn("{}{}{}", line, before, after);
	}

}
