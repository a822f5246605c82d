package dev.pluggable.internal.supervisor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Turns bytes into lines of bounded length. Bytes that are not UTF-8 are replaced. Not
 * safe for use by many threads.
 */
final class LineSplitter {

	/**
	 * Longest line, in bytes. go-plugin has the same limit.
	 */
	static final int MAX_BYTES = 64 * 1024;

	private final Sink sink;

	private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);

	private boolean discarding;

	LineSplitter(Sink sink) {
		this.sink = sink;
	}

	/**
	 * Add bytes, which may begin and end inside a line or a character.
	 */
	void append(byte[] bytes, int length) {
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
	}

	/**
	 * End the input: the rest is a line.
	 */
	void end() {
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
