package dev.pluggable.internal.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.PluginGuard;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.transport.TransportType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for {@link ProcessGuard} with real processes. Each process of a script writes its
 * id into a file of its own.
 */
@Timeout(120)
class ProcessGuardTests {

	private static final String LINE = "echo '1|1|unix|/p|grpc|'; ";

	/**
	 * Children at several depths; orphans, also with sessions of their own and without an
	 * environment.
	 */
	private static final String FAMILY = """
			cd %1$s
			sleep 1000 & echo $! > child
			sh -c 'sleep 1000 & echo $! > grandchild; sh -c "sleep 1000 & echo \\$! > deep; wait"; echo done' &
			(setsid sleep 1000 & echo $! > orphan)
			env -i %2$s sh -c 'echo $$ > hidden; exec sleep 1000' > /dev/null 2>&1 &
			(env -i %2$s sh -c '(setsid sleep 1000 & echo $! > lost); echo $$ > gone' > /dev/null 2>&1 &)
			cp "$(command -v sleep)" "a
			) Z b"
			cat > nested <<'EOF'
			trap '' HUP INT QUIT USR1 CONT TERM
			case $1 in
			4) echo $$ > stubborn; ./"a
			) Z b" 1000; ./"a
			) Z b" 1000 ;;
			*) (setsid sh nested $(($1 + 1)) > /dev/null 2>&1 &) ;;
			esac
			EOF
			(env -i %2$s sh nested 1 > /dev/null 2>&1 &)
			""";

	private static final List<String> MEMBERS = List.of("child", "grandchild", "deep", "orphan", "hidden", "lost",
			"stubborn");

	private final Path folder;

	ProcessGuardTests(@TempDir Path folder) throws IOException {
		this.folder = folder.toRealPath();
	}

	/**
	 * End what a failed test has left.
	 */
	@AfterEach
	void endLeftProcesses() {
		LeftProcesses.of(this.folder).forEach(ProcessHandle::destroyForcibly);
	}

	@ParameterizedTest
	@ValueSource(strings = { "exec sleep 1000", "sleep 1000; echo done", "sh -c 'sh -c \"sleep 1000; true\"; true'" })
	void whenTheApplicationIsKilledThenNothingOfItsPluginIsLeftAtAnyDepth(String end) throws Exception {
		assumeSubreaper();
		// Whoever starts the application may have told it to ignore signals, as nohup
		// does.
		List<String> command = new ArrayList<>(List.of("sh", "-c", "trap '' HUP TERM; exec \"$@\"", "sh"));
		command.addAll(JavaCommand.of(Application.class, this.folder.toString(), family() + LINE + end));
		Process application = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		try (BufferedReader output = application.inputReader()) {
			assertThat(output.readLine()).isEqualTo("launched");
			List<Long> family = awaitFamily();
			application.destroyForcibly().waitFor();
			awaitGone(family);
			awaitNoProcess();
		}
		finally {
			application.destroyForcibly();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "first", "second", "first and second" })
	void whenGuardsAreStoppedAndTheApplicationIsKilledThenNothingOfItsPluginIsLeft(String stopped) throws Exception {
		assumeSubreaper();
		Process application = new ProcessBuilder(JavaCommand.of(Application.class, this.folder.toString(),
				family() + "echo $$ > self; " + LINE + "sleep 1000; echo done"))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		try (BufferedReader output = application.inputReader()) {
			assertThat(output.readLine()).isEqualTo("launched");
			List<Long> family = awaitFamily();
			ProcessHandle plugin = ProcessHandle.of(pid("self")).orElseThrow();
			ProcessHandle second = plugin.parent().orElseThrow();
			ProcessHandle first = second.parent().orElseThrow();
			assertThat(first.parent().map(ProcessHandle::pid)).contains(application.pid());
			if (stopped.contains("first")) {
				GoPluginMain.suspend(first.pid());
			}
			if (stopped.contains("second")) {
				GoPluginMain.suspend(second.pid());
			}
			application.destroyForcibly().waitFor();
			awaitGone(family);
			awaitNoProcess();
		}
		finally {
			application.destroyForcibly();
		}
	}

	@Test
	void whenTheFirstGuardIsStoppedAndTheSecondOneIsKilledThenNothingIsLeftAfterTheApplication() throws Exception {
		assumeSubreaper();
		Process application = new ProcessBuilder(JavaCommand.of(Application.class, this.folder.toString(),
				family() + "echo $$ > self; " + LINE + "sleep 1000; echo done"))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		try (BufferedReader output = application.inputReader()) {
			assertThat(output.readLine()).isEqualTo("launched");
			List<Long> family = awaitFamily();
			ProcessHandle second = ProcessHandle.of(pid("self")).flatMap(ProcessHandle::parent).orElseThrow();
			GoPluginMain.suspend(second.parent().orElseThrow().pid());
			second.destroyForcibly();
			application.destroyForcibly().waitFor();
			awaitGone(family);
			awaitNoProcess();
		}
		finally {
			application.destroyForcibly();
		}
	}

	@Test
	void whenTheSystemHasNoSubreaperThenTheGuardEndsTheDescendantsWhoseParentsLive() throws Exception {
		assumeSubreaper();
		String script = "cd " + this.folder + "; sleep 1000 & echo $! > child; "
				+ "sh -c 'sleep 1000 & echo $! > grandchild; wait; echo done' & " + LINE + "sleep 1000; echo done";
		List<String> command = new ArrayList<>(JavaCommand.of(Application.class, this.folder.toString(), script));
		// The host has no program for this processor.
		command.add(1, "-Dos.arch=none");
		Process application = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		try (BufferedReader output = application.inputReader()) {
			assertThat(output.readLine()).isEqualTo("launched");
			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.until(() -> Stream.of("child", "grandchild")
					.map(this.folder::resolve)
					.allMatch((file) -> file.toFile().length() > 0));
			List<Long> family = List.of(pid("child"), pid("grandchild"));
			application.destroyForcibly().waitFor();
			awaitGone(family);
			awaitNoProcess();
		}
		finally {
			application.destroyForcibly();
		}
	}

	@Test
	void whenThePluginEndsByItselfThenItsHiddenDescendantsEnd() throws Exception {
		assumeSubreaper();
		PluginLaunch launch;
		try (RunDirectories directories = new RunDirectories(this.folder);
				Transport transport = Transport.create(TransportType.NIO);
				PluginLauncher launcher = new PluginLauncher(directories, transport)) {
			launch = launcher.launch(
					settings(family() + LINE + "while ! test -e " + this.folder + "/end; do sleep 0.1; done; exit 3"),
					OutputReaders.both((in) -> {
					}), null)
				.get(60, TimeUnit.SECONDS);
			List<Long> family = awaitFamily();
			assertThat(launch.process().guard()).isEqualTo(PluginGuard.SUBREAPER);
			Files.createFile(this.folder.resolve("end"));
			awaitGone(family);
			assertThat(launch.process().exited().toCompletableFuture().get(30, TimeUnit.SECONDS)).isEqualTo(3);
		}
	}

	@Test
	void whenThePluginIsKilledOrTerminatedThenItsHiddenDescendantsEnd() throws Exception {
		assumeSubreaper();
		try (RunDirectories directories = new RunDirectories(this.folder);
				Transport transport = Transport.create(TransportType.NIO);
				PluginLauncher launcher = new PluginLauncher(directories, transport)) {
			for (boolean kill : new boolean[] { true, false }) {
				PluginLaunch launch = launcher.launch(
						settings(family() + "echo $$ > self; " + LINE + "exec sleep 1000"), OutputReaders.both((in) -> {
						}), null)
					.get(60, TimeUnit.SECONDS);
				List<Long> family = awaitFamily();
				assertThat(pid("self")).isEqualTo(launch.process().pid());
				if (kill) {
					launch.process().kill();
				}
				else {
					launch.process().terminate();
				}
				assertThat(launch.process().exited().toCompletableFuture().get(30, TimeUnit.SECONDS))
					.isEqualTo(kill ? 137 : 143);
				awaitGone(family);
				for (String member : MEMBERS) {
					Files.delete(this.folder.resolve(member));
				}
			}
		}
	}

	/**
	 * Find a guard of a plugin.
	 * @param generations 1 for the parent of the plugin, 2 for the parent of that guard
	 */
	private static ProcessHandle guard(PluginLaunch launch, int generations) {
		ProcessHandle guard = ProcessHandle.of(launch.process().pid()).orElseThrow();
		for (int i = 0; i < generations; i++) {
			guard = guard.parent().orElseThrow();
		}
		assertThat(guard.pid()).isNotEqualTo(ProcessHandle.current().pid());
		return guard;
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2 })
	void whenOneOfTheGuardsIsKilledThenThePluginAndItsHiddenDescendantsEnd(int generations) throws Exception {
		assumeSubreaper();
		try (RunDirectories directories = new RunDirectories(this.folder);
				Transport transport = Transport.create(TransportType.NIO);
				PluginLauncher launcher = new PluginLauncher(directories, transport)) {
			PluginLaunch launch = launcher
				.launch(settings(family() + LINE + "sleep 1000; echo done"), OutputReaders.both((in) -> {
				}), null)
				.get(60, TimeUnit.SECONDS);
			List<Long> family = awaitFamily();
			ProcessHandle guard = guard(launch, generations);
			guard.destroyForcibly();
			assertThat(launch.process().exited().toCompletableFuture().get(30, TimeUnit.SECONDS)).isEqualTo(137);
			assertThat(family).noneMatch(ProcessGuardTests::isRunning);
			awaitNoProcess();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2 })
	void whenOneOfTheGuardsIsStoppedThenThePluginAndItsHiddenDescendantsCanStillBeKilled(int generations)
			throws Exception {
		assumeSubreaper();
		try (RunDirectories directories = new RunDirectories(this.folder);
				Transport transport = Transport.create(TransportType.NIO);
				PluginLauncher launcher = new PluginLauncher(directories, transport)) {
			PluginLaunch launch = launcher
				.launch(settings(family() + LINE + "sleep 1000; echo done"), OutputReaders.both((in) -> {
				}), null)
				.get(60, TimeUnit.SECONDS);
			List<Long> family = awaitFamily();
			ProcessHandle guard = guard(launch, generations);
			GoPluginMain.suspend(guard.pid());
			launch.process().kill().toCompletableFuture().get(30, TimeUnit.SECONDS);
			assertThat(family).noneMatch(ProcessGuardTests::isRunning);
			awaitNoProcess();
		}
	}

	@Test
	void whenTheParentHasEndedBeforeTheGuardBeginsThenThePluginEnds() throws Exception {
		Path script = this.folder.resolve("guard.sh");
		try (InputStream in = Objects.requireNonNull(ProcessGuard.class.getResourceAsStream("guard.sh"))) {
			Files.copy(in, script);
		}
		// No process has the id 0, so the guard finds another parent.
		Process guard = new ProcessBuilder("sh", script.toString(), "0", "", "", "sleep", "100")
			.redirectError(ProcessBuilder.Redirect.DISCARD)
			.start();
		try {
			assertThat(guard.waitFor(30, TimeUnit.SECONDS)).isTrue();
			assertThat(guard.exitValue()).isEqualTo(137);
		}
		finally {
			guard.descendants().forEach(ProcessHandle::destroyForcibly);
			guard.destroyForcibly();
		}
	}

	@Test
	void whenTheSystemKnowsTheProcessorThenTheGuardIsASubreaper() throws Exception {
		assumeTrue(List.of("amd64", "aarch64").contains(System.getProperty("os.arch")));
		assumeTrue(Files.exists(Path.of("/proc/self/task/self/children").getParent().getParent()));
		try (RunDirectories directories = new RunDirectories(this.folder)) {
			assertThat(new ProcessGuard(directories).means()).isEqualTo(PluginGuard.SUBREAPER);
		}
	}

	private void assumeSubreaper() {
		try (RunDirectories directories = new RunDirectories(this.folder)) {
			assumeTrue(new ProcessGuard(directories).means() == PluginGuard.SUBREAPER);
		}
	}

	private static PluginSettings settings(String script) {
		return PluginSettings.of("orders", List.of("sh", "-c", script));
	}

	private String family() {
		return FAMILY.formatted(this.folder, "PATH=/usr/bin:/bin setsid");
	}

	private List<Long> awaitFamily() {
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.until(() -> Stream.concat(MEMBERS.stream(), Stream.of("gone"))
				.map(this.folder::resolve)
				.allMatch((file) -> file.toFile().length() > 0));
		List<Long> pids = new ArrayList<>();
		MEMBERS.forEach((member) -> pids.add(pid(member)));
		assertThat(pids).allMatch(ProcessGuardTests::isRunning);
		return pids;
	}

	private long pid(String file) {
		try {
			return Long.parseLong(Files.readString(this.folder.resolve(file)).strip());
		}
		catch (IOException ex) {
			throw new java.io.UncheckedIOException(ex);
		}
	}

	/**
	 * The guard ends after the descendants of its plugin.
	 */
	private void awaitNoProcess() {
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(LeftProcesses.of(this.folder)).isEmpty());
	}

	private static void awaitGone(List<Long> pids) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(pids).noneMatch(ProcessGuardTests::isRunning));
	}

	private static boolean isRunning(long pid) {
		try {
			String status = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
			return !status.substring(status.lastIndexOf(')') + 1).strip().startsWith("Z");
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Launches a plugin and waits. The arguments are a folder and the script of the
	 * plugin.
	 */
	static final class Application {

		private Application() {
		}

		public static void main(String[] arguments) throws Exception {
			RunDirectories directories = new RunDirectories(Path.of(arguments[0]));
			PluginLauncher launcher = new PluginLauncher(directories, Transport.create(TransportType.NIO));
			launcher.launch(settings(arguments[1]), OutputReaders.both((in) -> {
			}), null).get();
			System.out.println("launched");
			new CountDownLatch(1).await();
		}

	}

}
