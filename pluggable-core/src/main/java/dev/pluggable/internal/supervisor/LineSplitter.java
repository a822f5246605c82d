package dev.pluggable.internal.supervisor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * Turns bytes into lines of bounded length. Bytes that are not UTF-8 are replaced. The
 * beginning of a line, such as a prompt, becomes a line if its rest does not come within
 * a moment. Safe for use by many threads.
 */
final class LineSplitter {

	/**
	 * Longest line, in bytes. go-plugin has the same limit.
	 */
	static final int MAX_BYTES = 64 * 1024;

	/**
	 * The longest wait for the rest of a line.
	 */
	static final Duration MOMENT = Duration.ofMillis(500);

	private final Sink sink;

	private final BiConsumer<Duration, Runnable> later;

	private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);

	private boolean discarding;

	/** Number of pieces of the input so far. */
	private long pieces;

	/** Whether a task waits for the rest of a line. */
	private boolean waiting;

	/**
	 * Create a splitter.
	 * @param sink receives the lines
	 * @param later runs a task after a delay, on a thread that may block
	 */
	LineSplitter(Sink sink, BiConsumer<Duration, Runnable> later) {
		this.sink = sink;
		this.later = later;
	}

	/**
	 * Add bytes, which may begin and end inside a line or a character.
	 */
	synchronized void append(byte[] bytes, int length) {
		this.pieces++;
		int from = 0;
		for (int i = 0; i < length; i++) {
			if (bytes[i] == '\n') {
				add(bytes, from, i);
				if (!this.discarding) {
					emit(false);
				}
				this.discarding = false;
				from = i + 1;
			}
		}
		add(bytes, from, length);
		awaitRest();
	}

	private void awaitRest() {
		if (this.line.size() > 0 && !this.waiting) {
			this.waiting = true;
			long pieces = this.pieces;
			this.later.accept(MOMENT, () -> restIsLate(pieces));
		}
	}

	private synchronized void restIsLate(long pieces) {
		this.waiting = false;
		if (this.pieces != pieces) {
			awaitRest();
		}
		else if (this.line.size() > 0) {
			emit(false);
		}
	}

	/**
	 * End the input: the rest is a line.
	 */
	synchronized void end() {
		if (this.line.size() > 0) {
			emit(false);
		}
		this.discarding = false;
	}

	private void add(byte[] bytes, int from, int to) {
		if (this.discarding) {
			return;
		}
		int length = Math.min(to - from, MAX_BYTES - this.line.size());
		this.line.write(bytes, from, length);
		if (length < to - from) {
			// The end of the line may never come.
			emit(true);
			this.discarding = true;
		}
	}

	private void emit(boolean cut) {
		String text = this.line.toString(StandardCharsets.UTF_8);
		this.line.reset();
		this.sink.line(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, cut);
	}

	/**
	 * Receives the lines.
	 */
	interface Sink {

		/**
		 * Receive a line.
		 * @param text the line without its end
		 * @param cut whether the line was longer
		 */
		void line(String text, boolean cut);

	}

}
