package dev.pluggable.internal.process;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.internal.transport.FileType;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until a started process tells its address, up to the start timeout. The wait ends
 * earlier if the process exits or the caller gives up.
 */
final class AddressWait {

	private static final Logger logger = LoggerFactory.getLogger(AddressWait.class);

	private static final Duration SOCKET_CHECK = Duration.ofMillis(20);

	private final LaunchContext context;

	private final PluginSettings settings;

	private final Path program;

	private final PluginProcess process;

	private final SecretMask secrets;

	private final CompletableFuture<Integer> exit;

	private final CompletableFuture<?> givenUp;

	private final long deadline;

	/**
	 * Begin to wait.
	 * @param program program of the process, for messages
	 * @param secrets hides the secrets in what the process writes
	 * @param givenUp completes when the caller gives up
	 */
	AddressWait(LaunchContext context, PluginSettings settings, Path program, PluginProcess process, SecretMask secrets,
			CompletableFuture<?> givenUp) {
		this.context = context;
		this.settings = settings;
		this.program = program;
		this.process = process;
		this.secrets = secrets;
		this.exit = process.exited().toCompletableFuture();
		this.givenUp = givenUp;
		this.deadline = System.nanoTime() + settings.startTimeout().toNanos();
	}

	/**
	 * Wait for the handshake line of a go-plugin. The line, the end of standard output
	 * and the exit arrive in any order. The line takes precedence, so the outcome does
	 * not depend on the order.
	 * @throws PluginException if the process does not print a valid line in time
	 */
	PluginHandshake awaitHandshake() throws InterruptedException {
		ProcessOutput output = Objects.requireNonNull(this.process.output());
		CompletableFuture<@Nullable String> line = output.firstLine();
		if (!settles(CompletableFuture.anyOf(line, this.exit, this.givenUp), this.deadline - System.nanoTime())) {
			throw LaunchFailures.of(this.settings,
					"was killed: it printed no handshake line within " + LogText.duration(this.settings.startTimeout())
							+ printed(output)
							+ ". Raise 'start-timeout', or set 'protocol' to 'socket' if it is no go-plugin");
		}
		checkWanted();
		settles(line, this.context.exitGrace().toNanos());
		String text = textOf(line);
		if (text != null) {
			return PluginHandshake.parse(this.settings, this.secrets, text);
		}
		settles(CompletableFuture.anyOf(this.exit, this.givenUp), this.context.exitGrace().toNanos());
		checkWanted();
		if (this.exit.isDone()) {
			int code = this.exit.join();
			throw LaunchFailures.exited(this.settings, code, "printed its handshake",
					LaunchFailures.exitAdvice(this.settings, this.program, code));
		}
		throw LaunchFailures.of(this.settings,
				"was killed: it closed its standard output without a handshake. Is it a go-plugin?");
	}

	private String printed(ProcessOutput output) {
		String text = output.beginning();
		return text.isEmpty() ? " on its standard output"
				: " but only '" + PluginHandshake.shown(this.secrets, text) + "' without the end of the line";
	}

	private @Nullable String textOf(CompletableFuture<@Nullable String> line) {
		try {
			return line.getNow(null);
		}
		catch (CompletionException ex) {
			Throwable cause = ex.getCause();
			throw LaunchFailures.of(this.settings, "does not begin with go-plugin's handshake: "
					+ ((cause != null) ? cause.getMessage() : ex.getMessage()));
		}
	}

	/**
	 * Wait for a listening socket in a folder.
	 * @param folder the folder
	 * @return path of the socket
	 * @throws PluginException if no socket listens in time
	 */
	Path awaitSocket(Path folder) throws InterruptedException {
		CompletableFuture<Object> disturbed = CompletableFuture.anyOf(this.exit, this.givenUp);
		while (true) {
			List<Path> listening = listening(folder);
			if (!listening.isEmpty()) {
				return choose(listening);
			}
			if (settles(disturbed, SOCKET_CHECK.toNanos())) {
				checkWanted();
				int code = this.exit.join();
				throw LaunchFailures.exited(this.settings, code, "opened a socket", (code == 1) ? LaunchFailures.SEE_LOG
						: LaunchFailures.exitAdvice(this.settings, this.program, code));
			}
			if (System.nanoTime() - this.deadline > 0) {
				throw LaunchFailures.of(this.settings,
						"was killed: it opened no socket within " + LogText.duration(this.settings.startTimeout())
								+ ". It must listen at the path in the variable " + PluginEnvironment.SOCKET_PATH
								+ " or in the folder in DAPR_COMPONENTS_SOCKETS_FOLDER. Raise "
								+ "'start-timeout', or set 'protocol' to 'go-plugin' if it is a go-plugin");
			}
		}
	}

	private Path choose(List<Path> listening) {
		Path chosen = listening.stream()
			.filter((path) -> path.endsWith(PluginEnvironment.SOCKET_NAME))
			.findFirst()
			.orElse(listening.get(0));
		if (listening.size() > 1) {
			logger.warn("{} opened {} sockets. The application uses only {}", LaunchFailures.subject(this.settings),
					listening.size(), PluginHandshake.shown(this.secrets, chosen.getFileName().toString()));
		}
		return chosen;
	}

	private List<Path> listening(Path folder) {
		List<Path> listening = new ArrayList<>();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
			for (Path entry : entries) {
				if (isSocket(entry) && isVisible(entry) && this.context.transport().isListening(entry)) {
					listening.add(entry);
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			logger.debug("Cannot read {}", folder, ex);
		}
		listening.sort(null);
		return listening;
	}

	/**
	 * Whether a name has no control characters: it appears in logs and pages.
	 */
	private static boolean isVisible(Path path) {
		String name = path.toString();
		return LogText.visible(name, Integer.MAX_VALUE).equals(name);
	}

	static boolean isSocket(Path path) {
		try {
			return FileType.of(path) == FileType.SOCKET;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private void checkWanted() {
		if (this.givenUp.isDone()) {
			throw LaunchFailures.closing(this.settings);
		}
	}

	private static boolean settles(CompletableFuture<?> future, long nanos) throws InterruptedException {
		try {
			future.get(nanos, TimeUnit.NANOSECONDS);
			return true;
		}
		catch (ExecutionException | CancellationException ex) {
			return true;
		}
		catch (TimeoutException ex) {
			return false;
		}
	}

}
