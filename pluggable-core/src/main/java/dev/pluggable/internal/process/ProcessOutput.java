package dev.pluggable.internal.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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

	private final CompletableFuture<Void> ended;

	/**
	 * Begin to read.
	 * @param plugin name of the plugin
	 * @param firstLine whether to keep the first line of standard output and to discard
	 * the rest; otherwise {@code reader} reads standard output
	 * @param reader reads a stream, and returns at its end
	 * @param executor threads that may be blocked: two until the output ends
	 */
	ProcessOutput(String plugin, Process process, boolean firstLine, Consumer<InputStream> reader, Executor executor) {
		this.plugin = plugin;
		this.process = process;
		CompletableFuture<Void> out = CompletableFuture.runAsync(() -> {
			if (firstLine) {
				readFirstLine(process.getInputStream());
			}
			else {
				read(process.getInputStream(), reader);
			}
		}, executor);
		CompletableFuture<Void> error = CompletableFuture.runAsync(() -> read(process.getErrorStream(), reader),
				executor);
		this.ended = CompletableFuture.allOf(out, error).exceptionally((ex) -> null);
	}

	CompletableFuture<@Nullable String> firstLine() {
		return this.firstLine;
	}

	private void readFirstLine(InputStream in) {
		try (in) {
			ByteArrayOutputStream line = new ByteArrayOutputStream();
			byte[] buffer = new byte[BUFFER];
			for (int count = in.read(buffer); count != -1 && !this.firstLine.isDone(); count = in.read(buffer)) {
				int end = indexOfLineEnd(buffer, count);
				line.write(buffer, 0, (end != -1) ? end : count);
				if (end != -1) {
					this.firstLine.complete(line.toString(StandardCharsets.UTF_8));
				}
				else if (line.size() > MAX_FIRST_LINE) {
					this.firstLine.completeExceptionally(
							new IOException("the first line is longer than " + MAX_FIRST_LINE + " bytes"));
				}
			}
			this.firstLine.complete((line.size() > 0) ? line.toString(StandardCharsets.UTF_8) : null);
			in.transferTo(OutputStream.nullOutputStream());
		}
		catch (IOException ex) {
			logger.trace("Standard output of plugin '{}' was closed", this.plugin, ex);
		}
		finally {
			this.firstLine.complete(null);
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
