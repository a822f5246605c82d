package dev.pluggable.internal.process;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads standard output and standard error of a process until both end, even if nobody
 * needs them: a process must never block on a full pipe.
 */
final class ProcessOutput {

	private static final Logger logger = LoggerFactory.getLogger(ProcessOutput.class);

	private static final int MAX_FIRST_LINE = 64 * 1024;

	private static final int BUFFER = 8 * 1024;

	/**
	 * Time to read the rest of a pipe after the process has exited. Only a descendant
	 * that nobody finds keeps the pipe open for longer.
	 */
	private static final Duration READ_REST = Duration.ofSeconds(2);

	private final String plugin;

	private final Process process;

	private final CompletableFuture<@Nullable String> firstLine = new CompletableFuture<>();

	private final ByteArrayOutputStream beginning = new ByteArrayOutputStream();

	private final CompletableFuture<Void> ended;

	/**
	 * Begin to read.
	 * @param plugin name of the plugin
	 * @param handshake whether the first line of standard output is a handshake, which
	 * the reader does not get
	 * @param readers read the streams, and return at their ends
	 * @param executor threads that may be blocked: two until the output ends
	 */
	ProcessOutput(String plugin, Process process, boolean handshake, OutputReaders readers, Executor executor) {
		this.plugin = plugin;
		this.process = process;
		CompletableFuture<Void> out = CompletableFuture.runAsync(() -> {
			InputStream stream = process.getInputStream();
			read(handshake ? afterFirstLine(stream) : stream, readers.output());
		}, executor);
		CompletableFuture<Void> error = CompletableFuture
			.runAsync(() -> read(process.getErrorStream(), readers.error()), executor);
		this.ended = CompletableFuture.allOf(out, error).exceptionally((ex) -> null);
	}

	/**
	 * The first line of standard output.
	 * @return completes with the line, or with {@code null} if the output ends without
	 * one; fails with an {@link IOException} if the line is too long
	 */
	CompletableFuture<@Nullable String> firstLine() {
		return this.firstLine.copy();
	}

	/**
	 * The first line of standard output as far as the process has written it.
	 * @return the text, empty if there is none
	 */
	String beginning() {
		synchronized (this.beginning) {
			return this.beginning.toString(StandardCharsets.UTF_8);
		}
	}

	/**
	 * Read the first line.
	 * @return the rest of the stream
	 */
	private InputStream afterFirstLine(InputStream in) {
		try {
			byte[] buffer = new byte[BUFFER];
			for (int count = in.read(buffer); count != -1; count = in.read(buffer)) {
				int end = indexOfLineEnd(buffer, count);
				int size = keep(buffer, (end != -1) ? end : count);
				if (end != -1) {
					this.firstLine.complete(beginning());
					return new SequenceInputStream(new ByteArrayInputStream(buffer, end + 1, count - end - 1), in);
				}
				if (size > MAX_FIRST_LINE) {
					this.firstLine.completeExceptionally(
							new IOException("the first line is longer than " + MAX_FIRST_LINE + " bytes"));
					return in;
				}
			}
			this.firstLine.complete(beginning().isEmpty() ? null : beginning());
		}
		catch (IOException ex) {
			logger.trace("Standard output of plugin '{}' was closed", this.plugin, ex);
		}
		finally {
			this.firstLine.complete(null);
		}
		return in;
	}

	private int keep(byte[] buffer, int length) {
		synchronized (this.beginning) {
			this.beginning.write(buffer, 0, length);
			return this.beginning.size();
		}
	}

	private static int indexOfLineEnd(byte[] buffer, int count) {
		for (int i = 0; i < count; i++) {
			if (buffer[i] == '\n') {
				return i;
			}
		}
		return -1;
	}

	private void read(InputStream in, Consumer<InputStream> reader) {
		try (in) {
			try {
				reader.accept(in);
			}
			catch (RuntimeException ex) {
				logger.warn("The output of plugin '{}' is no longer logged", this.plugin, ex);
			}
			in.transferTo(OutputStream.nullOutputStream());
		}
		catch (IOException ex) {
			logger.trace("Output of plugin '{}' was closed", this.plugin, ex);
		}
	}

	/**
	 * Wait for the end of the output after the process has exited. Closes the pipes if
	 * the end does not come.
	 */
	void awaitEnd() {
		try {
			this.ended.get(READ_REST.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException ex) {
			logger.warn("A hidden descendant of plugin '{}' keeps the plugin's output open", this.plugin);
			close(this.process.getInputStream());
			close(this.process.getErrorStream());
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static void close(InputStream in) {
		try {
			in.close();
		}
		catch (IOException ex) {
			logger.trace("Cannot close a pipe", ex);
		}
	}

}
