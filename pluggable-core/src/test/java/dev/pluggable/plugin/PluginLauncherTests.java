package dev.pluggable.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.pluggable.transport.Transport;
import dev.pluggable.transport.TransportType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PluginLauncher} and {@link PluginProcess}, with real processes.
 */
@Timeout(120)
class PluginLauncherTests {

	private static final String LINE = "echo \"1|1|unix|$PLUGIN_UNIX_SOCKET_DIR/p|grpc|\"; ";

	private static final String STAY = "exec sleep 1000";

	private final Transport transport = Transport.create(TransportType.NIO);

	private final Map<String, String> hostEnvironment = Map.of("PATH", System.getenv("PATH"), "HOME", "/nowhere",
			"SECRET_OF_HOST", "hush", "PLUGIN_MULTIPLEX_GRPC", "true");

	private final Output output = new Output();

	private final RunDirectories directories;

	private final PluginLauncher launcher;

	private final Path folder;

	PluginLauncherTests(@TempDir Path folder) {
		this.folder = folder;
		this.directories = new RunDirectories(folder);
		this.launcher = new PluginLauncher(this.directories, this.transport, this.hostEnvironment);
	}

	@BeforeEach
	void nothingYet() {
		assertThat(this.launcher).isNotNull();
	}

	@AfterEach
	void nothingIsLeft() throws IOException {
		this.launcher.close();
		this.directories.close();
		this.transport.close();
		assertThat(MarkedProcesses.find((marker) -> marker.startsWith(this.folder.toString()))).isEmpty();
		try (var entries = Files.list(this.folder)) {
			assertThat(entries.filter((entry) -> entry.getFileName().toString().startsWith("pluggable-"))).isEmpty();
		}
		await().untilAsserted(() -> assertThat(threads()).isEmpty());
	}

	@Test
	void whenHandshakeThenAddressVersionAndProcess() throws Exception {
		PluginLaunch launch = get(shell(LINE + STAY));
		Path directory = directory(launch);
		assertThat(launch.address()).isEqualTo(UnixDomainSocketAddress.of(directory.resolve("p")));
		assertThat(launch.protocolVersion()).isEqualTo(1);
		assertThat(launch.certificate()).isNull();
		assertThat(launch.checksumVerified()).isFalse();
		ProcessHandle handle = ProcessHandle.of(launch.process().pid()).orElseThrow();
		await().until(() -> handle.info().command().orElse("").endsWith("sleep"));
		assertThat(handle.info().startInstant()).hasValue(launch.process().startedAt());
		assertThat(Files.getPosixFilePermissions(directory)).hasSize(3);
		launch.process().kill().toCompletableFuture().get(30, TimeUnit.SECONDS);
		assertThat(launch.process().exited().toCompletableFuture()).isCompletedWithValue(137);
		assertThat(handle.isAlive()).isFalse();
		assertThat(directory).doesNotExist();
	}

	@Test
	void whenGoPluginIsLaunchedThenItListens() throws Exception {
		PluginLaunch launch = get(this.launcher.launch(GoPluginMain.settings("java"), this.output, null));
		UnixDomainSocketAddress address = (UnixDomainSocketAddress) launch.address();
		assertThat(this.transport.isListening(address.getPath())).isTrue();
		assertThat(launch.protocolVersion()).isEqualTo(1);
	}

	private CompletableFuture<PluginLaunch> shell(String script) {
		return this.launcher.launch(settings(script), this.output, null);
	}

	private static PluginSettings settings(String script) {
		return PluginSettings.of("orders", List.of("sh", "-c", script, "--password=hush"))
			.withTimeouts(Duration.ofSeconds(60), Duration.ofSeconds(2));
	}

	private static Path directory(PluginLaunch launch) {
		return ((UnixDomainSocketAddress) launch.address()).getPath().getParent();
	}

	private static PluginLaunch get(CompletableFuture<PluginLaunch> launch) throws Exception {
		return launch.get(60, TimeUnit.SECONDS);
	}

	private static String failure(CompletableFuture<PluginLaunch> launch) throws Exception {
		try {
			PluginLaunch succeeded = get(launch);
			return fail("launched: " + succeeded);
		}
		catch (ExecutionException ex) {
			assertThat(ex.getCause()).isExactlyInstanceOf(PluginException.class)
				.hasMessageStartingWith("Plugin 'orders' ('")
				.hasMessageNotContainingAny("hush", "--password");
			return ex.getCause().getMessage();
		}
	}

	private static List<String> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((name) -> name.startsWith("pluggable-plugin"))
			.toList();
	}

	/**
	 * Everything that was written to standard error.
	 */
	private static final class Output implements Consumer<InputStream> {

		private final List<String> texts = new ArrayList<>();

		@Override
		public void accept(InputStream in) {
			try {
				String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
				synchronized (this) {
					this.texts.add(text);
				}
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

		synchronized String text() {
			return String.join("", this.texts);
		}

	}

}
