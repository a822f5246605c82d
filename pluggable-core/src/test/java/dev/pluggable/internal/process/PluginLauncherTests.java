package dev.pluggable.internal.process;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.pluggable.fixtures.ExternalPlugin;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.fixtures.PluginHostMain;
import dev.pluggable.fixtures.StateComponentMain;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.EnvironmentSettings;
import dev.pluggable.plugin.HandshakeSettings;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.ReattachSettings;
import dev.pluggable.transport.TransportType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
		this.launcher = new PluginLauncher(this.directories, this.transport, this.hostEnvironment,
				Duration.ofMillis(50), Duration.ofSeconds(1));
	}

	@AfterEach
	void nothingIsLeft() throws IOException {
		this.launcher.close();
		this.directories.close();
		this.transport.close();
		assertThat(LeftProcesses.of(this.folder)).isEmpty();
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
		if (ProcessWrapper.beginsSession()) {
			String[] status = Files.readString(Path.of("/proc/" + handle.pid() + "/stat")).split(" ");
			assertThat(status[5]).as("session").isEqualTo(Long.toString(handle.pid()));
		}
		launch.process().kill().toCompletableFuture().get(30, TimeUnit.SECONDS);
		assertThat(launch.process().exited().toCompletableFuture()).isCompletedWithValue(137);
		assertThat(handle.isAlive()).isFalse();
		assertThat(directory).doesNotExist();
	}

	@Test
	void whenInheritanceIsLimitedThenEnvironmentIsAllowListEntriesAndProtocol() throws Exception {
		EnvironmentSettings environment = new EnvironmentSettings(Set.of("PATH", "HOME", "ABSENT"),
				Map.of("DB_PASSWORD", "tiger"));
		HandshakeSettings handshake = new HandshakeSettings("COOKIE", "crumb", Set.of(3, 1, 0));
		Map<String, String> variables = environmentOf(
				settings("").withEnvironment(environment).withHandshake(handshake), null);
		String directory = variables.get("TMPDIR");
		assertThat(directory).startsWith(this.folder.toRealPath().toString());
		assertThat(variables)
			.containsOnlyKeys("PATH", "HOME", "DB_PASSWORD", "TMPDIR", "COOKIE", "PLUGIN_MIN_PORT", "PLUGIN_MAX_PORT",
					"PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_UNIX_SOCKET_DIR", MarkedProcesses.MARKER)
			.containsEntry("HOME", "/nowhere")
			.containsEntry("DB_PASSWORD", "tiger")
			.containsEntry("COOKIE", "crumb")
			.containsEntry("PLUGIN_MIN_PORT", "10000")
			.containsEntry("PLUGIN_MAX_PORT", "25000")
			.containsEntry("PLUGIN_PROTOCOL_VERSIONS", "0,1,3")
			.containsEntry("PLUGIN_UNIX_SOCKET_DIR", directory)
			.containsEntry(MarkedProcesses.MARKER, directory);
	}

	@Test
	void whenAllIsInheritedThenSoIsTheHostsButForItsProtocol() throws Exception {
		String certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
		Map<String, String> variables = environmentOf(
				settings("").withEnvironment(new EnvironmentSettings(Set.of("*"), Map.of())).withAutoMtls(true),
				certificate);
		assertThat(variables).containsEntry("SECRET_OF_HOST", "hush")
			.containsEntry("PLUGIN_CLIENT_CERT", certificate)
			.doesNotContainKeys("PLUGIN_MULTIPLEX_GRPC", "PLUGIN_UNIX_SOCKET_GROUP");
	}

	@Test
	void whenProtocolIsSocketThenEnvironmentNamesTheSocketOnly() {
		Path directory = Path.of("/run/x");
		Map<String, String> variables = PluginEnvironment.of(settings("").withProtocol(PluginProtocol.SOCKET),
				this.hostEnvironment, directory, null);
		assertThat(variables)
			.containsOnlyKeys("PATH", "HOME", "TMPDIR", "PLUGGABLE_SOCKET_PATH", "DAPR_COMPONENTS_SOCKETS_FOLDER",
					"DAPR_COMPONENT_SOCKETS_FOLDER", "DAPR_COMPONENT_SOCKET_FOLDER",
					"LAYOTTO_COMPONENTS_SOCKETS_FOLDER", MarkedProcesses.MARKER)
			.containsEntry("PLUGGABLE_SOCKET_PATH", "/run/x/s/plugin.sock")
			.containsEntry("DAPR_COMPONENTS_SOCKETS_FOLDER", "/run/x/s");
	}

	private Map<String, String> environmentOf(PluginSettings settings, @Nullable String certificate) throws Exception {
		Path file = this.folder.resolve("environment");
		String line = "1|1|unix|/p|grpc|" + ((certificate != null) ? "A".repeat(60) : "");
		String script = "cat /proc/self/environ > " + file + "; readlink /proc/self/fd/0 > " + this.folder
				+ "/stdin; echo '" + line + "'; " + STAY;
		PluginSettings changed = new PluginSettings(settings.name(), List.of("sh", "-c", script),
				settings.environment(), this.folder, settings.protocol(), settings.handshake(), settings.autoMtls(),
				null, settings.startTimeout(), settings.stopTimeout(), settings.restart(), settings.logLevel(), null,
				false, null, PluginSettings.DEFAULT_MAX_INBOUND_MESSAGE_SIZE);
		get(this.launcher.launch(changed, OutputReaders.both(this.output), certificate));
		assertThat(Files.readString(this.folder.resolve("stdin"))).isEqualTo("/dev/null\n");
		Map<String, String> variables = new HashMap<>();
		for (String entry : Files.readString(file).split("\0")) {
			String[] parts = entry.split("=", 2);
			variables.put(parts[0], parts[1]);
		}
		// The shell adds these variables.
		variables.keySet().removeAll(Set.of("PWD", "OLDPWD", "SHLVL", "_"));
		return variables;
	}

	@Test
	void whenVariableCannotBeSetThenSaid() throws Exception {
		assertThat(
				failure(this.launcher.launch(settings(STAY).withHandshake(new HandshakeSettings("A=B", "c", Set.of(1))),
						OutputReaders.both(this.output), null)))
			.contains("a name must not contain '='");
	}

	@Test
	void whenCookieIsWrongThenExitCodeAndAdvice() throws Exception {
		PluginSettings settings = GoPluginMain.settings("orders")
			.withHandshake(new HandshakeSettings("WRONG_KEY", "x", Set.of(1)));
		assertThat(failure(this.launcher.launch(settings, OutputReaders.both(this.output), null)))
			.contains("ended with exit code 1 before", "'handshake.cookie-key' (WRONG_KEY)");
		assertThat(this.output.text()).contains("This binary is a plugin");
		assertThat(failure(
				this.launcher.launch(GoPluginMain.settings("orders").withHandshake(HandshakeSettings.defaults()),
						OutputReaders.both(this.output), null)))
			.contains("ended with exit code 1 before", "are not set");
	}

	@Test
	void whenVersionsAreNegotiatedThenTheHighestCommonVersionListensOrTheLowestIsRefused() throws Exception {
		PluginSettings settings = GoPluginMain.settings("orders", "versions=1,2,4");
		HandshakeSettings offered = new HandshakeSettings(GoPluginMain.COOKIE_KEY, GoPluginMain.COOKIE_VALUE,
				Set.of(1, 2, 3));
		PluginLaunch launch = get(
				this.launcher.launch(settings.withHandshake(offered), OutputReaders.both(this.output), null));
		assertThat(launch.protocolVersion()).isEqualTo(2);
		assertThat(this.transport.isListening(((UnixDomainSocketAddress) launch.address()).getPath())).isTrue();
		HandshakeSettings other = new HandshakeSettings(GoPluginMain.COOKIE_KEY, GoPluginMain.COOKIE_VALUE, Set.of(7));
		assertThat(failure(this.launcher.launch(settings.withHandshake(other), OutputReaders.both(this.output), null)))
			.contains("speaks version 1 of the application's protocol, and the application speaks [7]");
	}

	@Test
	void whenFirstLineIsNoHandshakeThenSaidAndKilled() throws Exception {
		assertThat(failure(shell("echo $$ > " + this.folder + "/pid; echo listening soon; " + LINE + STAY)))
			.contains("but with 'listening soon'");
		awaitGone(pid("pid"));
	}

	@Test
	void whenFirstLineIsEndlessThenSaidAndKilled() throws Exception {
		assertThat(failure(shell("exec tr '\\0' x < /dev/zero"))).contains("longer than 65536 bytes");
	}

	@Test
	void whenLineHasNoEndButTheOutputHasThenItCounts() throws Exception {
		PluginLaunch launch = get(shell("printf '1|1|unix|/p|grpc|'; exec >&-; " + STAY));
		assertThat(launch.address()).isEqualTo(UnixDomainSocketAddress.of("/p"));
	}

	@Test
	void whenLineIsTheLastThingThenItCountsAndTheEndIsSeen() throws Exception {
		for (int i = 0; i < 20; i++) {
			PluginLaunch launch = get(shell("echo '1|1|unix|/p|grpc|'; exit 9"));
			assertThat(launch.process().exited().toCompletableFuture().get(30, TimeUnit.SECONDS)).isEqualTo(9);
		}
	}

	@ParameterizedTest
	@CsvSource({ "exit 0,exit code 0 before,whether it is a go-plugin", "exit 1,exit code 1 before,cookie",
			"exit 3,exit code 3 before,see its log", "exit 126,exit code 126 before,the application runs as",
			"exit 127,exit code 127 before,interpreter", "kill -9 $$,exit code 137 before,killed by signal 9",
			"kill -11 $$,exit code 139 before,killed by signal 11",
			"sleep 1000 & exit 5,exit code 5 before,see its log" })
	void whenEndsBeforeLineThenExitCodeAndAdviceWhoeverIsFirst(String script, String code, String advice)
			throws Exception {
		Set<String> messages = new HashSet<>();
		for (int i = 0; i < 10; i++) {
			messages.add(failure(shell(script)));
			messages.add(failure(shell("exec >&-; " + script)));
		}
		assertThat(messages).singleElement().asString().contains(code, advice);
	}

	@Test
	void whenEndsBeforeLineThenExitCodeCanBeRead() {
		assertThat(shell("exit 3")).failsWithin(Duration.ofSeconds(60))
			.withThrowableOfType(ExecutionException.class)
			.havingCause()
			.isInstanceOfSatisfying(PluginExitedException.class, (ex) -> assertThat(ex.exitCode()).isEqualTo(3));
	}

	@Test
	void whenOutputIsClosedThenSaidAndKilled() throws Exception {
		assertThat(failure(shell("exec >&-; " + STAY))).contains("closed its standard output");
	}

	@Test
	void whenSilentThenStartTimeoutAndKilled() throws Exception {
		PluginSettings settings = settings("echo $$ > " + this.folder + "/pid; " + STAY)
			.withTimeouts(Duration.ofMillis(1500), Duration.ZERO);
		assertThat(failure(this.launcher.launch(settings, OutputReaders.both(this.output), null)))
			.contains("within 1500ms", "'start-timeout'");
		Path file = this.folder.resolve("pid");
		if (Files.exists(file)) {
			awaitGone(pid("pid"));
		}
	}

	@Test
	void whenMuchIsWrittenThenNobodyWaits() throws Exception {
		String flood = "head -c 3000000 /dev/zero";
		Output printed = new Output();
		PluginLaunch launch = get(this.launcher.launch(settings(LINE + flood + "; " + flood + " >&2; exit 4"),
				new OutputReaders(this.output, printed, SecretMask.NONE), null));
		assertThat(launch.process().exited().toCompletableFuture().get(60, TimeUnit.SECONDS)).isEqualTo(4);
		launch.process().ended().toCompletableFuture().get(30, TimeUnit.SECONDS);
		assertThat(this.output.text().length()).isEqualTo(3000000);
		assertThat(printed.text().length()).isEqualTo(3000000);
	}

	@Test
	void whenReaderOfOutputFailsOrStopsThenOutputIsDiscarded() throws Exception {
		String script = LINE + "head -c 3000000 /dev/zero >&2; exit 4";
		List<Consumer<InputStream>> readers = List.of((in) -> {
			throw new IllegalStateException("as asked");
		}, (in) -> {
		});
		for (Consumer<InputStream> reader : readers) {
			PluginLaunch launch = get(this.launcher.launch(settings(script), OutputReaders.both(reader), null));
			assertThat(launch.process().exited().toCompletableFuture().get(60, TimeUnit.SECONDS)).isEqualTo(4);
		}
	}

	@Test
	void whenKilledThenSoAreWrapperAndGrandchildren() throws Exception {
		PluginLaunch launch = get(shell("sleep 1000 & echo $! > " + this.folder + "/child; (sleep 1000 & echo $! > "
				+ this.folder + "/orphan); " + LINE + "sleep 1000; echo not reached"));
		await().until(() -> Files.size(this.folder.resolve("orphan")) > 0);
		end(launch);
		awaitGone(pid("child"));
		awaitGone(pid("orphan"));
	}

	@Test
	void whenEndsByItselfThenWhatItHasStartedIsKilled() throws Exception {
		assumeTrue(Files.isDirectory(Path.of("/proc/self")));
		PluginLaunch launch = get(shell("sleep 1000 & echo $! > " + this.folder + "/child; " + LINE + "exit 2"));
		launch.process().ended().toCompletableFuture().get(30, TimeUnit.SECONDS);
		assertThat(launch.process().exited().toCompletableFuture()).isCompletedWithValue(2);
		awaitGone(pid("child"));
	}

	@Test
	void whenOrphanHasAnEnvironmentOfItsOwnThenItsSessionGivesItAway() throws Exception {
		assumeTrue(ProcessWrapper.beginsSession());
		PluginLaunch launch = get(shell("env -i sleep 1000 & echo $! > " + this.folder + "/child; " + LINE + "exit 2"));
		launch.process().ended().toCompletableFuture().get(30, TimeUnit.SECONDS);
		awaitGone(pid("child"));
	}

	@Test
	void whenOrphanHidesAndKeepsTheOutputThenTheEndComesNevertheless() throws Exception {
		assumeTrue(ProcessWrapper.beginsSession());
		PluginLaunch launch = get(
				shell("env -i setsid sh -c 'echo $$ > " + this.folder + "/hidden; exec sleep 1000' & while ! test -s "
						+ this.folder + "/hidden; do :; done; " + LINE + "exit 2"));
		try {
			launch.process().ended().toCompletableFuture().get(30, TimeUnit.SECONDS);
			assertThat(launch.process().exited().toCompletableFuture()).isCompletedWithValue(2);
			assertThat(directory(launch)).doesNotExist();
		}
		finally {
			// A guard has ended the orphan, where the system has one.
			ProcessHandle.of(pid("hidden")).ifPresent(ProcessHandle::destroyForcibly);
		}
	}

	@Test
	void whenEndedThenLeftoversOfAllSortsAreDeleted() throws Exception {
		Path kept = Files.writeString(this.folder.resolve("kept"), "kept");
		PluginLaunch launch = get(shell("cd $TMPDIR; mkdir -p a/b c; touch a/b/f plugin1; ln -s " + this.folder
				+ " link; ln -s " + kept + " a/link; mkfifo fifo; chmod 500 a/b; chmod 0 c; " + LINE + STAY));
		Path directory = directory(launch);
		assertThat(directory.resolve("fifo")).exists();
		end(launch);
		assertThat(directory).doesNotExist();
		assertThat(kept).hasContent("kept");
	}

	@Test
	void whenCancelledWhileItStartsThenKilled() throws Exception {
		CompletableFuture<PluginLaunch> launch = shell("echo $$ > " + this.folder + "/pid; " + STAY);
		await().until(() -> Files.exists(this.folder.resolve("pid")) && Files.size(this.folder.resolve("pid")) > 0);
		long pid = pid("pid");
		launch.cancel(false);
		awaitGone(pid);
		await().untilAsserted(() -> assertThat(runDirectories()).isEmpty());
	}

	@Test
	void whenCancelledAtAnyMomentThenNothingIsLeft() {
		for (int i = 0; i < 30; i++) {
			CompletableFuture<PluginLaunch> launch = shell(LINE + STAY);
			long until = System.nanoTime() + i * 500_000L;
			while (System.nanoTime() < until) {
				Thread.onSpinWait();
			}
			launch.cancel(false);
			launch.whenComplete((launched, ex) -> {
				if (launched != null) {
					launched.process().kill();
				}
			});
		}
		await().untilAsserted(() -> assertThat(runDirectories()).isEmpty());
		assertThat(LeftProcesses.of(this.folder)).isEmpty();
	}

	@Test
	void whenClosedWhileItStartsThenFailsAndNothingIsLaunchedAnyMore() throws Exception {
		CompletableFuture<PluginLaunch> launch = shell("echo $$ > " + this.folder + "/pid; " + STAY);
		await().until(() -> Files.exists(this.folder.resolve("pid")) && Files.size(this.folder.resolve("pid")) > 0);
		this.launcher.close();
		awaitGone(pid("pid"));
		assertThat(failure(launch)).contains("the application is stopping");
		assertThat(failure(shell(STAY))).contains("the application is stopping");
	}

	@Test
	void whenKilledByManyAtOnceThenAllSeeTheEnd() throws Exception {
		PluginProcess process = get(shell("sleep 1000 & " + LINE + STAY)).process();
		CompletableFuture<?>[] kills = Stream
			.generate(() -> CompletableFuture.supplyAsync(process::kill).thenCompose((ended) -> ended))
			.limit(16)
			.toArray(CompletableFuture[]::new);
		CompletableFuture.allOf(kills).get(60, TimeUnit.SECONDS);
		assertThat(process.exited().toCompletableFuture()).isCompletedWithValue(137);
		process.kill().toCompletableFuture().get(30, TimeUnit.SECONDS);
		process.end(Duration.ofHours(1)).toCompletableFuture().get(30, TimeUnit.SECONDS);
	}

	@Test
	void whenEndsWithinGraceThenNotKilledElseKilled() throws Exception {
		PluginProcess willing = get(shell("trap 'exit 0' TERM; " + LINE + "while :; do sleep 0.05; done")).process();
		CompletableFuture<Void> ended = willing.end(Duration.ofMinutes(5)).toCompletableFuture();
		ProcessHandle.of(willing.pid()).orElseThrow().destroy();
		ended.get(60, TimeUnit.SECONDS);
		assertThat(willing.exited().toCompletableFuture()).isCompletedWithValue(0);
		PluginProcess unwilling = get(shell("trap '' TERM INT; " + LINE + STAY)).process();
		unwilling.end(Duration.ofMillis(50)).toCompletableFuture().get(60, TimeUnit.SECONDS);
		assertThat(unwilling.exited().toCompletableFuture()).isCompletedWithValue(137);
	}

	@Test
	void whenStoppedBySignalThenKilledAllTheSame() throws Exception {
		PluginLaunch launch = get(shell(LINE + STAY));
		GoPluginMain.suspend(launch.process().pid());
		end(launch);
	}

	@Test
	void whenFiftyAreLaunchedThenNothingIsLeftOfThem() throws Exception {
		end(get(shell("sleep 1000 & " + LINE + STAY)));
		await().until(() -> runDirectories().isEmpty());
		long descriptors = descriptors();
		for (int i = 0; i < 10; i++) {
			List<CompletableFuture<PluginLaunch>> launches = Stream.generate(() -> shell("sleep 1000 & " + LINE + STAY))
				.limit(5)
				.toList();
			List<PluginLaunch> launched = new ArrayList<>();
			for (CompletableFuture<PluginLaunch> launch : launches) {
				launched.add(get(launch));
			}
			launched.forEach((launch) -> launch.process().kill());
			for (PluginLaunch launch : launched) {
				end(launch);
			}
			failure(shell("exit 3"));
		}
		assertThat(runDirectories()).isEmpty();
		assertThat(LeftProcesses.of(this.folder)).isEmpty();
		await().untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(descriptors + 2));
		await().untilAsserted(() -> assertThat(threads()).hasSizeLessThanOrEqualTo(1));
	}

	@Test
	void whenOneIsSlowThenOthersDoNotWait() throws Exception {
		CompletableFuture<PluginLaunch> slow = shell(
				"while ! test -e " + this.folder + "/go; do sleep 0.05; done; " + LINE + STAY);
		get(shell(LINE + STAY));
		assertThat(slow).isNotDone();
		Files.createFile(this.folder.resolve("go"));
		get(slow);
	}

	@Test
	void whenProgramIsMissingOrNoneThenSaid() throws Exception {
		assertThat(failure(command("no-such-program-here"))).contains("no such program in the plugin's PATH");
		assertThat(failure(command("/no/such/program"))).contains("there is no file '/no/such/program'");
		assertThat(failure(command("./no-such-program"))).contains("there is no file '/");
		assertThat(failure(command("/usr"))).contains("is not a file");
		assertThat(failure(command(""))).contains("does not begin with a program");
		Path file = Files.writeString(this.folder.resolve("data"), "data");
		assertThat(failure(command(file.toString()))).contains("no permission to run", "rw-", "chmod +x");
		assertThat(runDirectories()).isEmpty();
	}

	@Test
	void whenInterpreterIsMissingOrProcessorIsAnotherThenSaid() throws Exception {
		Path script = script("#!/no/such/interpreter\n");
		assertThat(failure(command(script.toString()))).containsAnyOf("exit code 127", "error=2");
		byte[] header = new byte[64];
		System.arraycopy(new byte[] { 0x7f, 'E', 'L', 'F', 2, 1, 1 }, 0, header, 0, 7);
		header[18] = (byte) 0xf3;
		Path binary = Files.write(script("x"), header);
		assertThat(failure(command(binary.toString()))).containsAnyOf("exit code 126", "exit code 127", "error=8")
			.contains("built for RISC-V, this machine is");
	}

	@Test
	void whenProgramIsRelativeThenItBeginsAtTheWorkingDirectory() throws Exception {
		script("#!/bin/sh\npwd > where\n" + LINE + STAY + "\n");
		PluginSettings settings = in(this.folder, "./script");
		get(this.launcher.launch(settings, OutputReaders.both(this.output), null));
		assertThat(Files.readString(this.folder.resolve("where")).strip())
			.isEqualTo(this.folder.toRealPath().toString());
		assertThat(failure(
				this.launcher.launch(in(this.folder.resolve("absent"), "sh"), OutputReaders.both(this.output), null)))
			.contains("'working-directory'", "is not a folder");
	}

	@Test
	void whenPathOfPluginIsSetThenProgramIsFoundThere() throws Exception {
		script("#!/bin/sh\n" + LINE + "exec /bin/sleep 1000\n");
		PluginSettings settings = PluginSettings.of("orders", List.of("script"))
			.withEnvironment(new EnvironmentSettings(Set.of(), Map.of("PATH", "/no:" + this.folder)));
		get(this.launcher.launch(settings, OutputReaders.both(this.output), null));
	}

	@Test
	void whenChecksumIsRightThenLaunchedElseNot() throws Exception {
		Path script = script("#!/bin/sh\n" + LINE + STAY + "\n");
		PluginSettings settings = PluginSettings.of("orders", List.of(script.toString()));
		for (String algorithm : List.of("SHA-256", "SHA-512")) {
			String checksum = algorithm.replace("SHA-", "sha") + ":"
					+ HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(script)));
			assertThat(get(this.launcher.launch(settings.withChecksum(checksum), OutputReaders.both(this.output), null))
				.checksumVerified()).isTrue();
			String changed = checksum.substring(0, checksum.length() - 1) + (checksum.endsWith("0") ? "1" : "0");
			assertThat(failure(
					this.launcher.launch(settings.withChecksum(changed), OutputReaders.both(this.output), null)))
				.contains("does not have the configured checksum");
			Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxrwxrwx"));
			assertThat(failure(
					this.launcher.launch(settings.withChecksum(checksum), OutputReaders.both(this.output), null)))
				.contains("somebody else can replace", "users other than uid");
			Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
			Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxrwxrwx"));
			assertThat(failure(
					this.launcher.launch(settings.withChecksum(checksum), OutputReaders.both(this.output), null)))
				.contains("somebody else can replace", "chmod go-w");
			Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwx------"));
		}
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "", "abc", "md5:00", "sha256:", "sha256:abc", "sha256:zz", "sha256:00ff", ":", "sha512:00" })
	void whenChecksumIsMalformedThenSaid(String checksum) throws Exception {
		assertThat(failure(this.launcher.launch(settings(LINE + STAY).withChecksum(checksum),
				OutputReaders.both(this.output), null)))
			.contains("invalid 'checksum'", "sha256sum");
		assertThat(runDirectories()).isEmpty();
	}

	@Test
	void whenSocketIsOpenedThenItIsTheAddress() throws Exception {
		List<String> java = JavaCommand.of(StateComponentMain.class);
		List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" \"$PLUGGABLE_SOCKET_PATH\"", "sh"));
		command.addAll(java);
		PluginLaunch launch = get(
				this.launcher.launch(PluginSettings.of("orders", command).withProtocol(PluginProtocol.SOCKET),
						OutputReaders.both(this.output), null));
		Path socket = ((UnixDomainSocketAddress) launch.address()).getPath();
		assertThat(socket).hasFileName("plugin.sock");
		assertThat(this.transport.isListening(socket)).isTrue();
		assertThat(launch.protocolVersion()).isNull();
		await().until(() -> this.output.text().contains("listening on " + socket));
		end(launch);
		assertThat(socket).doesNotExist();
	}

	@Test
	void whenSocketsOfAnyNameAreOpenedThenTheOneToldIsPreferred() throws Exception {
		Path told = this.folder.resolve("told");
		PluginSettings settings = settings(
				"echo $DAPR_COMPONENTS_SOCKETS_FOLDER > " + told + ".new; mv " + told + ".new " + told + "; " + STAY)
			.withProtocol(PluginProtocol.SOCKET);
		for (String name : List.of("any.sock", "plugin.sock")) {
			CompletableFuture<PluginLaunch> launch = this.launcher.launch(settings, OutputReaders.both(this.output),
					null);
			await().until(() -> Files.exists(told));
			Path folder = Path.of(Files.readString(told).strip());
			Files.delete(told);
			Files.createFile(folder.resolve("file"));
			ServerSocketChannel.open(StandardProtocolFamily.UNIX)
				.bind(UnixDomainSocketAddress.of(folder.resolve("dead")))
				.close();
			assertThat(launch).isNotDone();
			try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
				server.bind(UnixDomainSocketAddress.of(folder.resolve(name)));
				assertThat(get(launch).address()).isEqualTo(UnixDomainSocketAddress.of(folder.resolve(name)));
			}
		}
	}

	@Test
	void whenTwoSocketsAreThereAtOnceThenSaidAndTheOneToldIsTaken() throws Exception {
		Path told = this.folder.resolve("told");
		PluginSettings settings = settings(
				"echo $PLUGGABLE_SOCKET_PATH > " + told + ".new; mv " + told + ".new " + told + "; " + STAY)
			.withProtocol(PluginProtocol.SOCKET);
		try (LogCapture logs = new LogCapture()) {
			CompletableFuture<PluginLaunch> launch = this.launcher.launch(settings, OutputReaders.both(this.output),
					null);
			await().until(() -> Files.exists(told));
			Path socket = Path.of(Files.readString(told).strip());
			Path prepared = Files.createDirectory(socket.getParent().resolveSibling("t"));
			try (ServerSocketChannel one = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
					ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
				one.bind(UnixDomainSocketAddress.of(prepared.resolve("a.sock")));
				other.bind(UnixDomainSocketAddress.of(prepared.resolve("plugin.sock")));
				Files.delete(socket.getParent());
				Files.move(prepared, socket.getParent());
				assertThat(get(launch).address()).isEqualTo(UnixDomainSocketAddress.of(socket));
			}
			assertThat(logs.text()).contains("opened 2 sockets. The application uses only plugin.sock");
		}
	}

	@Test
	void whenThreadsOfTheLaunchHaveEndedThenTheProcessLives() throws Exception {
		PluginLaunch launch = get(shell(LINE + STAY));
		// One thread starts processes, and one thread reads each stream.
		await().untilAsserted(() -> assertThat(threads()).hasSize(3));
		assertThat(ProcessHandle.of(launch.process().pid()).orElseThrow().isAlive()).isTrue();
		assertThat(launch.process().exited().toCompletableFuture()).isNotDone();
	}

	@Test
	void whenNoSocketIsOpenedThenExitOrTimeoutIsSaid() throws Exception {
		assertThat(failure(this.launcher.launch(settings("exit 1").withProtocol(PluginProtocol.SOCKET),
				OutputReaders.both(this.output), null)))
			.contains("exit code 1 before it opened a socket")
			.doesNotContain("cookie");
		assertThat(failure(this.launcher.launch(
				settings(STAY).withProtocol(PluginProtocol.SOCKET).withTimeouts(Duration.ofMillis(300), Duration.ZERO),
				OutputReaders.both(this.output), null)))
			.contains("it opened no socket within 300ms", "PLUGGABLE_SOCKET_PATH");
	}

	@Test
	void whenAttachedThenReachableAndKilledOnlyIfNoTest() throws Exception {
		try (ExternalPlugin external = new ExternalPlugin()) {
			Process process = external.process();
			PluginLaunch test = get(attach(external.settings(true)));
			assertThat(test.address()).isEqualTo(UnixDomainSocketAddress.of(external.settings(true).address()));
			assertThat(test.protocolVersion()).isEqualTo(1);
			test.process().kill().toCompletableFuture().get(30, TimeUnit.SECONDS);
			test.process().end(Duration.ZERO).toCompletableFuture().get(30, TimeUnit.SECONDS);
			assertThat(process.isAlive()).isTrue();
			assertThat(test.process().exited().toCompletableFuture()).isNotDone();
			PluginLaunch real = get(attach(external.settings(false)));
			real.process().kill().toCompletableFuture().get(30, TimeUnit.SECONDS);
			assertThat(process.isAlive()).isFalse();
			test.process().exited().toCompletableFuture().get(30, TimeUnit.SECONDS);
			assertThat(real.process().exited().toCompletableFuture())
				.isCompletedWithValue(PluginProcess.UNKNOWN_EXIT_CODE);
			assertThat(failure(attach(external.settings(true)))).contains("no process");
		}
	}

	@Test
	void whenNobodyListensThenNotAttached() throws Exception {
		long self = ProcessHandle.current().pid();
		assertThat(failure(attach("unix", this.folder.resolve("absent").toString(), self, true)))
			.contains("nobody listens");
		assertThat(failure(attach("pipe", "x", self, true))).contains("the network 'pipe' is neither");
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			PluginLaunch launch = get(attach("tcp", "127.0.0.1:" + server.getLocalPort(), self, true));
			assertThat(launch.address()).isEqualTo(server.getLocalSocketAddress());
			launch.process().kill().toCompletableFuture().get(30, TimeUnit.SECONDS);
			assertThat(failure(attach("tcp", "127.0.0.1:" + server.getLocalPort(), self, false)))
				.contains("is the application itself");
		}
	}

	@ParameterizedTest
	@EnumSource(value = TransportType.class, names = { "AUTO", "NIO" })
	void whenAnotherProcessListensOnTheAddressThenItIsRefusedAndNobodyIsHarmed(TransportType type) throws Exception {
		Process stranger = new ProcessBuilder("sleep", "1000").start();
		Path socket = this.folder.resolve("r.sock");
		try (Transport transport = Transport.create(type);
				PluginLauncher launcher = new PluginLauncher(this.directories, transport);
				ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
				ServerSocket tcp = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
			unix.bind(UnixDomainSocketAddress.of(socket));
			for (boolean test : new boolean[] { false, true }) {
				for (ReattachSettings reattach : List.of(
						new ReattachSettings("unix", socket.toString(), stranger.pid(), 5, test),
						new ReattachSettings("tcp", "127.0.0.1:" + tcp.getLocalPort(), stranger.pid(), 5, test))) {
					assertThat(failure(launcher.launch(attached(reattach), OutputReaders.both(this.output), null)))
						.contains("process " + ProcessHandle.current().pid() + " listens on",
								"'reattach.pid' is " + stranger.pid());
				}
			}
		}
		finally {
			assertThat(stranger.isAlive()).isTrue();
			stranger.destroyForcibly();
		}
	}

	@Test
	void whenAChildHasInheritedTheSocketThenTheChildIsThePluginAndItsParentIsNotHarmed() throws Exception {
		Path perl = Path.of("/usr/bin/perl");
		assumeTrue(Files.isExecutable(perl) && Files.isReadable(Path.of("/proc/self/net/unix")));
		Path socket = this.folder.resolve("inherited.sock");
		Process parent = new ProcessBuilder(perl.toString(), "-e", """
				use Socket;
				$| = 1;
				$SIG{CHLD} = 'IGNORE';
				socket(S, PF_UNIX, SOCK_STREAM, 0) or die;
				bind(S, sockaddr_un($ARGV[0])) or die;
				listen(S, 10) or die;
				my $child = fork();
				if ($child == 0) { sleep 1000; exit }
				close(S);
				print "$child\\n";
				sleep 1000;
				""", socket.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		try (BufferedReader output = parent.inputReader()) {
			ProcessHandle child = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
			// The kernel names the parent as the peer.
			assertThat(failure(attach("unix", socket.toString(), parent.pid(), false)))
				.contains("process " + child.pid() + " listens on", "'reattach.pid' is " + parent.pid());
			PluginLaunch launch = get(attach("unix", socket.toString(), child.pid(), false));
			assertThat(launch.process().mayKill()).isTrue();
			launch.process().kill().toCompletableFuture().get(30, TimeUnit.SECONDS);
			awaitGone(child.pid());
			assertThat(parent.isAlive()).isTrue();
		}
		finally {
			parent.descendants().forEach(ProcessHandle::destroyForcibly);
			parent.destroyForcibly();
		}
	}

	private static PluginSettings attached(ReattachSettings reattach) {
		PluginSettings template = settings("");
		return new PluginSettings("orders", List.of(), template.environment(), null, template.protocol(),
				template.handshake(), false, null, template.startTimeout(), template.stopTimeout(), template.restart(),
				template.logLevel(), reattach, false, null, PluginSettings.DEFAULT_MAX_INBOUND_MESSAGE_SIZE);
	}

	@Test
	void whenAProcessIsAskedForItsListeningSocketsThenOnlyTheHolderHasThem() throws Exception {
		Process stranger = new ProcessBuilder("sleep", "1000").start();
		Path path = this.folder.resolve("with a space.sock");
		try (ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
				ServerSocket all = new ServerSocket(0);
				ServerSocket local = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
			unix.bind(UnixDomainSocketAddress.of(path));
			for (SocketAddress address : List.of(UnixDomainSocketAddress.of(path),
					new InetSocketAddress("127.0.0.1", all.getLocalPort()),
					new InetSocketAddress("::1", all.getLocalPort()),
					new InetSocketAddress("::1", local.getLocalPort()))) {
				ListeningSockets sockets = ListeningSockets.at(address);
				assertThat(sockets.isKnown()).as("%s", address).isTrue();
				assertThat(sockets.allHeldBy(ProcessHandle.current().pid())).isTrue();
				assertThat(sockets.anyHeldBy(stranger.pid())).isFalse();
				assertThat(sockets.holder()).hasValue(ProcessHandle.current().pid());
			}
			ListeningSockets none = ListeningSockets.at(new InetSocketAddress("127.0.0.1", local.getLocalPort()));
			assertThat(none.isKnown()).isFalse();
			assertThat(none.allHeldBy(ProcessHandle.current().pid())).isFalse();
		}
		finally {
			stranger.destroyForcibly();
		}
	}

	@Test
	void whenAGoPluginPrintsAfterItsHandshakeThenItsOutputIsRead() throws Exception {
		Output error = new Output();
		Output printed = new Output();
		get(this.launcher.launch(settings("echo 'to standard error' >&2; " + LINE + "echo one; echo two; " + STAY),
				new OutputReaders(error, printed, SecretMask.NONE), null));
		await().until(() -> printed.text().equals("one\ntwo\n"));
		await().until(() -> error.text().equals("to standard error\n"));
	}

	@Test
	void whenAHandshakeHasNoLineEndThenTheMessageQuotesIt() throws Exception {
		assertThat(failure(this.launcher.launch(settings("printf 'waiting for the database'; " + STAY)
			.withTimeouts(Duration.ofMillis(300), Duration.ZERO), OutputReaders.both(this.output), null)))
			.contains("it printed no handshake line within 300ms but only 'waiting for the database'");
	}

	@Test
	void whenTheSettingsHaveDefaultVariablesThenTheSettingsWin() throws Exception {
		PluginSettings settings = settings(LINE + "env >&2; " + STAY).withEnvironment(new EnvironmentSettings(
				Set.of("PATH", "PLUGIN_MAX_PORT"), Map.of("TMPDIR", "/var/tmp", "PLUGIN_MIN_PORT", "40000")));
		get(this.launcher.launch(settings, OutputReaders.both(this.output), null));
		await().until(() -> this.output.text().contains("TMPDIR=/var/tmp\n")
				&& this.output.text().contains("PLUGIN_MIN_PORT=40000\n")
				&& this.output.text().contains("PLUGIN_UNIX_SOCKET_DIR=" + this.folder));
	}

	private CompletableFuture<PluginLaunch> attach(String network, String address, long pid, boolean test) {
		return attach(new ReattachSettings(network, address, pid, 5, test));
	}

	private CompletableFuture<PluginLaunch> attach(ReattachSettings reattach) {
		return this.launcher.launch(attached(reattach), OutputReaders.both(this.output), null);
	}

	@Test
	void whenHostIsKilledThenPluginsDieAndTheRestIsSwept() throws Exception {
		Process host = PluginHostMain.start(this.folder);
		try {
			long pid = PluginHostMain.pluginPid(host);
			await().until(() -> Files.exists(this.folder.resolve("child")));
			ProcessHandle child = ProcessHandle.of(pid("child")).orElseThrow();
			this.directories.sweep();
			assertThat(ProcessHandle.of(pid)).isPresent();
			assertThat(child.isAlive()).isTrue();
			host.destroyForcibly();
			host.waitFor();
			if (ProcessWrapper.diesWithParent()) {
				awaitGone(pid);
			}
			this.directories.sweep();
			awaitGone(pid);
			awaitGone(child.pid());
			try (Stream<Path> entries = Files.list(this.folder)) {
				assertThat(entries.filter((entry) -> entry.getFileName().toString().startsWith("pluggable-")))
					.hasSize(1);
			}
		}
		finally {
			host.destroyForcibly();
		}
	}

	private PluginSettings in(Path directory, String program) {
		PluginSettings template = settings("");
		return new PluginSettings("orders", List.of(program), template.environment(), directory, template.protocol(),
				template.handshake(), false, null, template.startTimeout(), template.stopTimeout(), template.restart(),
				template.logLevel(), null, false, null, PluginSettings.DEFAULT_MAX_INBOUND_MESSAGE_SIZE);
	}

	private Path script(String text) throws IOException {
		Path script = Files.writeString(this.folder.resolve("script"), text);
		return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
	}

	private CompletableFuture<PluginLaunch> command(String program) {
		return this.launcher.launch(PluginSettings.of("orders", List.of(program)), OutputReaders.both(this.output),
				null);
	}

	private static void end(PluginLaunch launch) throws Exception {
		launch.process().kill().toCompletableFuture().get(30, TimeUnit.SECONDS);
		awaitGone(launch.process().pid());
	}

	/**
	 * Wait for the end of a process. A zombie has ended, too: nobody reads the exit code
	 * of an orphan at once.
	 */
	private static void awaitGone(long pid) {
		await().until(() -> {
			if (ProcessHandle.of(pid).isEmpty()) {
				return true;
			}
			Path status = Path.of("/proc/" + pid + "/stat");
			try {
				return Files.exists(status) && Files.readString(status).contains(") Z ");
			}
			catch (IOException ex) {
				return true;
			}
		});
	}

	private long pid(String file) throws IOException {
		return Long.parseLong(Files.readString(this.folder.resolve(file)).strip());
	}

	/**
	 * List the run directories.
	 */
	private List<Path> runDirectories() throws IOException {
		List<Path> found = new ArrayList<>();
		try (Stream<Path> hosts = Files.list(this.folder)) {
			for (Path host : hosts.filter((entry) -> entry.getFileName().toString().startsWith("pluggable-"))
				.toList()) {
				try (Stream<Path> entries = Files.list(host)) {
					entries.filter(Files::isDirectory).forEach(found::add);
				}
			}
		}
		return found;
	}

	private static long descriptors() {
		return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
	}

	private CompletableFuture<PluginLaunch> shell(String script) {
		return this.launcher.launch(settings(script), OutputReaders.both(this.output), null);
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
			assertThat(ex.getCause()).isInstanceOf(PluginException.class)
				.hasMessageStartingWith("Plugin 'orders' ")
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
	 * Keeps the standard error of a process.
	 */
	private static final class Output implements Consumer<InputStream> {

		private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

		@Override
		public void accept(InputStream in) {
			try {
				in.transferTo(this.bytes);
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

		String text() {
			return this.bytes.toString(StandardCharsets.UTF_8);
		}

	}

}
