package dev.pluggable.internal.supervisor;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

import dev.pluggable.internal.support.SecretMask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs the output of one process of a plugin to the logger
 * {@code pluggable.plugin.<name>}. A line without a level has debug level, or error level
 * after the start of a crash report of Go or Python. Safe for use by many threads.
 */
final class PluginLog {

	/**
	 * Number of lines in the tail.
	 */
	static final int TAIL_LINES = 20;

	static final int TAIL_LINE_LENGTH = 400;

	/**
	 * Most log lines within a second. A plugin in trouble writes a few hundred; ten times
	 * this limit would fill a disk of 10 GB within hours.
	 */
	static final int LINES_PER_SECOND = 1000;

	/**
	 * Number of first lines of a crash report that stay in the tail, because they tell
	 * the cause. These lines have their own limit per second.
	 */
	static final int CRASH_LINES = 8;

	private static final int CRASH_LINES_PER_SECOND = 10 * CRASH_LINES;

	private static final String CUT = "... (cut: the line is longer than " + LineSplitter.MAX_BYTES / 1024 + " KiB)";

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private static final int BUFFER_SIZE = 8192;

	private static final int WORDS_LENGTH = 200;

	private static final String TRACEBACK = "Traceback (most recent call last):";

	private static final List<String> CRASH = List.of("panic: ", "fatal error: ", TRACEBACK);

	/**
	 * The first line of an uncaught exception of Java, Rust or .NET.
	 */
	private static final Pattern EXCEPTION = Pattern
		.compile("Exception in thread \".*|thread '.*' panicked at .*|Unhandled exception\\. .*");

	/**
	 * A frame in a stack trace of Java or Node.js, which follows the exception.
	 */
	private static final Pattern STACK_FRAME = Pattern.compile("\\s+at \\S.*");

	private static final Pattern IN_STACK_TRACE = Pattern.compile("\\s*(at |\\.\\.\\. |Caused by: |Suppressed: ).*");

	private static final long CRASH_PAUSE = TimeUnit.SECONDS.toNanos(2);

	private final String plugin;

	private final Logger logger;

	private final Level threshold;

	private final SecretMask secrets;

	private final LongSupplier nanoTime;

	private final BiConsumer<Duration, Runnable> later;

	private final Object monitor = new Object();

	private final Deque<Line> last = new ArrayDeque<>();

	private final List<Line> crash = new ArrayList<>();

	private long lines;

	private boolean crashed;

	/** Whether the lines are those of a Python traceback before its exception. */
	private boolean inTraceback;

	/** The line that tells the cause of the last crash. */
	private @Nullable String cause;

	private @Nullable String previous;

	private long lastLineAt;

	private long windowStart;

	private int logged;

	private int crashLogged;

	private long dropped;

	private boolean flooding;

	/**
	 * Create the log of a new process.
	 * @param plugin name of the plugin
	 * @param threshold lowest level of lines that are logged
	 * @param secrets hides the secrets in each line
	 * @param later runs a task after a delay, on a thread that may block
	 */
	PluginLog(String plugin, Level threshold, SecretMask secrets, BiConsumer<Duration, Runnable> later) {
		this(plugin, threshold, secrets, later, System::nanoTime);
	}

	PluginLog(String plugin, Level threshold, SecretMask secrets, BiConsumer<Duration, Runnable> later,
			LongSupplier nanoTime) {
		this.later = later;
		this.plugin = plugin;
		this.logger = LoggerFactory.getLogger("pluggable.plugin." + plugin);
		this.threshold = threshold;
		this.secrets = secrets;
		this.nanoTime = nanoTime;
		this.windowStart = nanoTime.getAsLong();
		this.lastLineAt = this.windowStart;
	}

	String plugin() {
		return this.plugin;
	}

	/**
	 * Create a splitter for a stream of the process.
	 * @param sink receives the lines
	 */
	LineSplitter splitter(LineSplitter.Sink sink) {
		return new LineSplitter(sink, this.later);
	}

	/**
	 * Read the standard error of the process until its end. Blocks.
	 * @param stderr the stream; the caller closes the stream
	 */
	void read(InputStream stderr) {
		read(stderr, this::error);
	}

	/**
	 * Read the standard output of the process until its end. Blocks.
	 * @param stdout the stream; the caller closes the stream
	 */
	void readOutput(InputStream stdout) {
		read(stdout, this::output);
	}

	private void read(InputStream stream, LineSplitter.Sink sink) {
		LineSplitter splitter = splitter(sink);
		byte[] buffer = new byte[BUFFER_SIZE];
		try {
			for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
				splitter.append(buffer, count);
			}
		}
		catch (IOException ex) {
			// The stream was closed because the process ends.
		}
		splitter.end();
		end();
	}

	/**
	 * Log a line of standard error.
	 * @param text the line
	 * @param cut whether the line was longer
	 */
	void error(String text, boolean cut) {
		if (text.isBlank()) {
			return;
		}
		Admission admission = admit(text);
		if (!admission.open()) {
			return;
		}
		PluginLine line = PluginLine.parse(cut ? this.secrets.maskCut(text) : text, this.secrets);
		Level level = line.level();
		log((level != null) ? level : admission.crashed() ? Level.ERROR : Level.DEBUG, line, cut, null,
				admission.crashReport());
	}

	/**
	 * Log a line of standard output. The line has no level and is no part of the tail.
	 * @param text the line
	 * @param cut whether the line was longer
	 */
	void output(String text, boolean cut) {
		if (!text.isBlank() && admit(null).open()) {
			log(Level.DEBUG, PluginLine.text(cut ? this.secrets.maskCut(text) : text, this.secrets), cut, "stdout",
					false);
		}
	}

	/**
	 * Report the lines that were dropped so far, at the end of the output.
	 */
	void end() {
		long lost;
		synchronized (this.monitor) {
			lost = this.dropped;
			this.dropped = 0;
		}
		reportDropped(lost);
	}

	/**
	 * The last lines of standard error, oldest first. They include the first lines of the
	 * last crash report, however long the report is.
	 * @return at most {@value #TAIL_LINES} lines of at most {@value #TAIL_LINE_LENGTH}
	 * characters and an ellipsis, without secrets
	 */
	List<String> tail() {
		Map<Long, Line> chosen = new TreeMap<>();
		synchronized (this.monitor) {
			this.crash.forEach((line) -> chosen.put(line.number(), line));
			for (Line line : (Iterable<Line>) this.last::descendingIterator) {
				if (chosen.size() == TAIL_LINES) {
					break;
				}
				chosen.put(line.number(), line);
			}
		}
		return chosen.values()
			.stream()
			.map((line) -> PluginLine.cut(PluginLine.parse(line.text(), this.secrets).describe(), TAIL_LINE_LENGTH))
			.toList();
	}

	/**
	 * The line of standard error that tells best why the process ended: the cause of the
	 * last crash, such as Go's {@code panic:} or the exception of a Python traceback,
	 * else the last line.
	 * @return the line without secrets, {@code null} if there was no line
	 */
	@Nullable String lastWords() {
		String words;
		synchronized (this.monitor) {
			words = (this.cause == null && !this.last.isEmpty()) ? this.last.getLast().text() : this.cause;
		}
		return (words != null) ? PluginLine.cut(PluginLine.parse(words.strip(), this.secrets).describe(), WORDS_LENGTH)
				: null;
	}

	private Admission admit(@Nullable String error) {
		long lost;
		long countAfter = 0;
		boolean floodBegins = false;
		Admission admission;
		synchronized (this.monitor) {
			boolean crashReport = error != null && remember(error);
			long now = this.nanoTime.getAsLong();
			lost = nextWindow(now);
			boolean open = this.logged < LINES_PER_SECOND || (crashReport && this.crashLogged < CRASH_LINES_PER_SECOND);
			if (!open) {
				if (this.dropped++ == 0) {
					countAfter = this.windowStart + SECOND - now;
				}
				floodBegins = !this.flooding;
				this.flooding = true;
			}
			admission = new Admission(open, this.crashed, crashReport);
		}
		reportDropped(lost);
		if (floodBegins) {
			report("Plugin '" + this.plugin + "' writes more than " + LINES_PER_SECOND
					+ " lines within a second. The log drops further lines");
		}
		if (countAfter > 0) {
			// The plugin may write no further line.
			this.later.accept(Duration.ofNanos(countAfter), this::windowEnded);
		}
		return admission;
	}

	private void windowEnded() {
		long lost;
		synchronized (this.monitor) {
			lost = nextWindow(this.nanoTime.getAsLong());
		}
		reportDropped(lost);
	}

	/**
	 * Begin another window if the last one has ended.
	 * @return number of lines that were dropped in the last window
	 */
	private long nextWindow(long now) {
		if (now - this.windowStart < SECOND) {
			return 0;
		}
		long lost = this.dropped;
		this.flooding = lost > 0 && now - this.windowStart < 2 * SECOND;
		this.windowStart = now;
		this.logged = 0;
		this.crashLogged = 0;
		this.dropped = 0;
		return lost;
	}

	/**
	 * Keep a line for the tail.
	 * @return whether the line is one of the first lines of a crash report
	 */
	private boolean remember(String text) {
		Line line = new Line(this.lines++, text);
		if (this.last.size() == TAIL_LINES) {
			this.last.removeFirst();
		}
		this.last.addLast(line);
		rememberCause(text);
		if (CRASH.stream().anyMatch(text::startsWith)) {
			this.crashed = true;
			this.crash.clear();
		}
		if (!this.crashed || this.crash.size() == CRASH_LINES) {
			return false;
		}
		this.crash.add(line);
		return true;
	}

	/**
	 * Find the cause of a crash. A crash report has no pauses, so a line after a pause
	 * ends the report: the process has survived.
	 */
	private void rememberCause(String text) {
		long now = this.nanoTime.getAsLong();
		if (now - this.lastLineAt > CRASH_PAUSE) {
			this.cause = null;
			this.inTraceback = false;
			this.previous = null;
		}
		this.lastLineAt = now;
		boolean exception = this.inTraceback && !Character.isWhitespace(text.charAt(0));
		boolean frame = STACK_FRAME.matcher(text).matches();
		if (text.startsWith(TRACEBACK)) {
			this.inTraceback = true;
		}
		else if (exception || CRASH.stream().anyMatch(text::startsWith) || EXCEPTION.matcher(text).matches()) {
			this.inTraceback = false;
			this.cause = text;
		}
		else if (frame && this.previous != null && !IN_STACK_TRACE.matcher(this.previous).matches()
				&& !EXCEPTION.matcher(this.previous).matches()) {
			this.cause = this.previous;
		}
		this.previous = text;
	}

	private void log(Level level, PluginLine line, boolean cut, @Nullable String stream, boolean crashReport) {
		if (level.toInt() < this.threshold.toInt() || !this.logger.isEnabledForLevel(level)) {
			return;
		}
		synchronized (this.monitor) {
			if (this.logged < LINES_PER_SECOND) {
				this.logged++;
			}
			else if (crashReport) {
				this.crashLogged++;
			}
		}
		LoggingEventBuilder event = this.logger.atLevel(level).setMessage(cut ? line.message() + CUT : line.message());
		if (stream != null) {
			event = event.addKeyValue("stream", stream);
		}
		for (KeyValuePair value : line.values()) {
			event = event.addKeyValue(value.key, value.value);
		}
		log(event);
	}

	private void reportDropped(long lost) {
		if (lost > 0) {
			report("Dropped " + lost + " lines of plugin '" + this.plugin + "', which writes more than "
					+ LINES_PER_SECOND + " within a second");
		}
	}

	private void report(String message) {
		log(this.logger.atWarn().setMessage(message));
	}

	private static void log(LoggingEventBuilder event) {
		try {
			event.log();
		}
		catch (RuntimeException ex) {
			// A broken appender must not make the plugin wait for its reader.
		}
	}

	private record Line(long number, String text) {
	}

	private record Admission(boolean open, boolean crashed, boolean crashReport) {
	}

}
