package dev.pluggable.internal.supervisor;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ComponentType;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.condition.EnabledOnOs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for {@link PluginSupervisor} with real processes. {@link PluginTests} shows the
 * transitions without processes.
 */
class PluginSupervisorTests {

	private static final long PATIENCE_SECONDS = 60;

	private Path folder;

	private final List<ComponentHost> hosts = new ArrayList<>();

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "plg");
	}

	@AfterEach
	void leavesNothing() throws Exception {
		List<Long> pids = this.hosts.stream()
			.flatMap((host) -> host.plugins().statuses().stream())
			.map(PluginStatus::pid)
			.filter((pid) -> pid != null)
			.toList();
		this.hosts.forEach(ComponentHost::close);
		assertThat(pids).noneMatch(PluginSupervisorTests::alive);
		try (Stream<Path> left = Files.list(this.folder)) {
			assertThat(left).isEmpty();
		}
		Files.delete(this.folder);
	}

	@Test
	void whenARequiredPluginIsLaunchedThenAwaitingItEndsAndItsStoreWorks() {
		PluginSettings settings = GoPluginMain.settings("store");
		ComponentHost host = host(new PluginSettings(settings.name(), settings.command(), settings.environment(), null,
				settings.protocol(), settings.handshake(), false, null, settings.startTimeout(), settings.stopTimeout(),
				settings.restart(), settings.logLevel(), null, true, null,
				PluginSettings.DEFAULT_MAX_INBOUND_MESSAGE_SIZE));
		assertThat(host.awaitRequiredPlugins(Duration.ofSeconds(60))).isEmpty();
		assertThat(status(host, "store").state()).isEqualTo(PluginState.READY);
		StateStore store = store(host, "store");
		store.set("k", bytes("v"));
		assertThat(text(store.get("k"))).isEqualTo("v");
		PluginStatus status = status(host, "store");
		assertThat(status.state()).isEqualTo(PluginState.READY);
		assertThat(status.reason()).isNull();
		assertThat(status.pid()).isNotNull();
		assertThat(status.protocolVersion()).isEqualTo(1);
		assertThat(status.launches()).isEqualTo(1);
		assertThat(status.restarts()).isZero();
		assertThat(status.tls()).isFalse();
	}

	@Test
	void whenProcessIsKilledThenAnotherTakesItsPlaceBehindTheSameStore() {
		ComponentHost host = host(quick(GoPluginMain.settings("store")));
		StateStore store = store(host, "store");
		store.set("k", bytes("v"));
		long pid = status(host, "store").pid();
		ProcessHandle.of(pid).orElseThrow().destroyForcibly();
		await().untilAsserted(() -> assertThat(status(host, "store").restarts()).isEqualTo(1));
		await().untilAsserted(() -> assertThat(status(host, "store").state()).isEqualTo(PluginState.READY));
		await().ignoreExceptions().untilAsserted(() -> assertThat(store.get("k").isPresent()).isFalse());
		PluginStatus status = status(host, "store");
		assertThat(status.pid()).isNotEqualTo(pid);
		assertThat(status.lastExitCode()).isEqualTo(137);
		assertThat(status.launches()).isEqualTo(2);
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void whenTheParentOfItsProcessIsKilledThenAnotherTakesItsPlaceUnderItsOwnParent() {
		ComponentHost host = host(quick(GoPluginMain.settings("store")));
		StateStore store = store(host, "store");
		store.set("k", bytes("v"));
		long pid = status(host, "store").pid();
		long self = ProcessHandle.current().pid();
		ProcessHandle parent = ProcessHandle.of(pid).flatMap(ProcessHandle::parent).orElseThrow();
		assumeTrue(parent.pid() != self, "the system has a guard");
		parent.destroyForcibly();
		await().untilAsserted(() -> assertThat(status(host, "store").launches()).isEqualTo(2));
		await().untilAsserted(() -> assertThat(status(host, "store").state()).isEqualTo(PluginState.READY));
		store.set("k", bytes("w"));
		long next = status(host, "store").pid();
		assertThat(next).isNotEqualTo(pid);
		assertThat(ProcessHandle.of(next).flatMap(ProcessHandle::parent).orElseThrow().pid()).isNotEqualTo(self);
		await().until(() -> ProcessHandle.of(pid).isEmpty());
	}

	@Test
	void whenProcessCrashesAgainAndAgainThenTheCrashLoopIsShownWithItsLastWords() {
		PluginSettings settings = script("crash", "echo the last words >&2; exit 3");
		ComponentHost host = host(quick(settings));
		await().untilAsserted(() -> assertThat(status(host, "crash").reason()).contains("crash loop: 5 crashes")
			.contains("exit code 3", "it said last: the last words"));
		PluginStatus status = status(host, "crash");
		assertThat(status.answering()).isFalse();
		assertThat(status.lastOutput()).contains("the last words");
		assertThat(status.launches()).isGreaterThanOrEqualTo(5);
	}

	@Test
	void whenAProgramFailsUntilAFileAppearsThenItBecomesReadyAfterTheCrashLoop() throws Exception {
		Path file = this.folder.resolve("file");
		PluginSettings store = GoPluginMain.settings("store");
		List<String> command = new ArrayList<>(List.of("sh", "-c", "[ -e " + file + " ] || exit 7; exec \"$@\"", "sh"));
		command.addAll(store.command());
		RestartSettings restart = new RestartSettings(RestartSettings.Policy.ALWAYS, Duration.ofMillis(10),
				Duration.ofSeconds(1), 0, 3, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ofSeconds(10));
		ComponentHost host = host(
				PluginSettings.of("store", command).withHandshake(store.handshake()).withRestart(restart));
		await().until(() -> String.valueOf(status(host, "store").reason()).contains("crash loop"));
		Files.createFile(file);
		await().until(() -> status(host, "store").state() == PluginState.READY);
		store(host, "store").set("k", bytes("v"));
		Files.delete(file);
	}

	@Test
	void whenARequiredPluginPrintsNoHandshakeThenTheReasonTellsWhatItPrinted() {
		ComponentHost host = host(
				required(script("slow", "printf 'waiting for the database'; echo 'no route' >&2; exec sleep 1000")
					.withTimeouts(Duration.ofSeconds(1), Duration.ZERO)));
		assertThat(host.awaitRequiredPlugins(Duration.ofSeconds(3))).singleElement()
			.satisfies((plugin) -> assertThat(plugin.reason()).contains("handshake"));
		await().untilAsserted(() -> assertThat(status(host, "slow").reason()).contains(
				"it printed no handshake line within 1s but only 'waiting for the database'",
				"it said last: no route"));
	}

	@Test
	void whenARequiredPluginNamesASocketThatHasGoneThenTheReasonSaysSo() {
		Path gone = this.folder.resolve("gone.sock");
		ComponentHost host = host(required(script("gone", "echo '1|1|unix|" + gone + "|grpc|'; exec sleep 1000")
			.withTimeouts(Duration.ofSeconds(2), Duration.ZERO)));
		assertThat(host.awaitRequiredPlugins(Duration.ofSeconds(3))).singleElement()
			.satisfies((plugin) -> assertThat(plugin.reason()).contains("the socket does not exist any more")
				.doesNotContain("start-timeout"));
	}

	private static PluginSettings required(PluginSettings settings) {
		return new PluginSettings(settings.name(), settings.command(), settings.environment(), null,
				settings.protocol(), settings.handshake(), false, null, settings.startTimeout(), settings.stopTimeout(),
				settings.restart(), settings.logLevel(), null, true, null,
				PluginSettings.DEFAULT_MAX_INBOUND_MESSAGE_SIZE);
	}

	@Test
	void whenProcessHangsThenItIsKilledAndStartedAgain() throws Exception {
		RestartSettings hang = new RestartSettings(RestartSettings.Policy.ALWAYS, Duration.ofMillis(10),
				Duration.ofMillis(10), 0, 0, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ofMillis(500));
		ComponentHost host = host(GoPluginMain.settings("store").withRestart(hang));
		store(host, "store").set("k", bytes("v"));
		long pid = status(host, "store").pid();
		new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor();
		await().untilAsserted(() -> assertThat(status(host, "store").restarts()).isEqualTo(1));
		assertThat(alive(pid)).isFalse();
		await().untilAsserted(() -> assertThat(status(host, "store").state()).isEqualTo(PluginState.READY));
	}

	@Test
	void whenPluginIsRestartedThenNoCallIsLost() throws Exception {
		ComponentHost host = host(GoPluginMain.settings("store"));
		StateStore store = store(host, "store");
		long pid = status(host, "store").pid();
		List<Throwable> failures = new ArrayList<>();
		AtomicBoolean over = new AtomicBoolean();
		Thread caller = new Thread(() -> {
			while (!over.get()) {
				try {
					store.set("k", bytes("v"));
				}
				catch (RuntimeException ex) {
					failures.add(ex);
				}
			}
		});
		caller.start();
		PluginStatus status = host.plugins()
			.restart("store")
			.toCompletableFuture()
			.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
		await().untilAsserted(() -> assertThat(alive(pid)).isFalse());
		over.set(true);
		caller.join();
		assertThat(failures).isEmpty();
		assertThat(status.pid()).isNotEqualTo(pid);
		assertThat(status.restarts()).isZero();
		assertThat(status.launches()).isEqualTo(2);
	}

	private static void assertRestartFails(ComponentHost host, String reason) {
		assertThatExceptionOfType(ExecutionException.class)
			.isThrownBy(
					() -> host.plugins().restart("store").toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS))
			.withCauseInstanceOf(PluginException.class)
			.withMessageContaining(reason);
	}

	@Test
	void whenNewProcessCannotBeUsedThenTheOldOneStays() throws Exception {
		Path flag = this.folder.resolve("bad");
		List<String> java = GoPluginMain.settings("store").command();
		PluginSettings settings = shell(GoPluginMain.settings("store"),
				"[ -e " + flag + " ] && { echo broken >&2; exit 9; }; exec \"$@\"", java);
		ComponentHost host = host(settings);
		StateStore store = store(host, "store");
		store.set("k", bytes("v"));
		long pid = status(host, "store").pid();
		Files.createFile(flag);
		assertRestartFails(host, "exit code 9");
		assertThat(status(host, "store").pid()).isEqualTo(pid);
		assertThat(status(host, "store").state()).isEqualTo(PluginState.READY);
		assertThat(status(host, "store").reason()).contains("exit code 9");
		assertThat(status(host, "store").answering()).isTrue();
		assertThat(text(store.get("k"))).isEqualTo("v");
		Files.delete(flag);
	}

	@Test
	void whenAPluginStartsSlowlyThenItsComponentTellsWhatThePluginHasNotDone() {
		ComponentHost host = host(HostSettings.defaults().withDeclarations(List.of(declaration("first"))),
				GoPluginMain.settings("store", "mute"));
		await().untilAsserted(
				() -> assertThat(host.registry().find(StateStoreKind.INSTANCE, "first").orElseThrow().status().reason())
					.isEqualTo("waiting for endpoint 'store': Plugin 'store': it is starting: "
							+ "it has printed no handshake line yet"));
	}

	@Test
	void whenOneComponentCannotMoveThenAllStayOnTheOldProcess() throws Exception {
		Path flag = this.folder.resolve("bad");
		List<String> java = GoPluginMain.settings("store").command();
		PluginSettings settings = shell(GoPluginMain.settings("store"),
				"[ -e " + flag + " ] && set -- \"$@\" init-fails=second; exec \"$@\"", java);
		ComponentHost host = host(
				HostSettings.defaults().withDeclarations(List.of(declaration("first"), declaration("second"))),
				settings);
		StateStore first = store(host, "first");
		StateStore second = store(host, "second");
		first.set("k", bytes("v"));
		long pid = status(host, "store").pid();
		List<ComponentStatus> seen = new CopyOnWriteArrayList<>();
		host.registry().onEvent((event) -> seen.add(event.status()));
		Files.createFile(flag);
		assertRestartFails(host, "init-fails");
		assertThat(status(host, "store").pid()).isEqualTo(pid);
		assertThat(text(first.get("k"))).isEqualTo("v");
		assertThat(seen).allSatisfy((status) -> {
			assertThat(status.state()).isEqualTo(ComponentState.READY);
			assertThat(status.generation()).isEqualTo(1);
		});
		assertThat(text(second.get("k"))).isEqualTo("v");
		Files.delete(flag);
		PluginStatus replaced = host.plugins()
			.restart("store")
			.toCompletableFuture()
			.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
		assertThat(replaced.pid()).isNotEqualTo(pid);
		assertThat(first.get("k")).isEmpty();
		assertThat(second.get("k")).isEmpty();
	}

	@Test
	void whenPluginIsStoppedAndStartedThenItsStoreIsAwayAndReturns() throws Exception {
		ComponentHost host = host(GoPluginMain.settings("store"));
		StateStore store = store(host, "store");
		long pid = status(host, "store").pid();
		PluginStatus stopped = host.plugins()
			.stop("store")
			.toCompletableFuture()
			.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
		assertThat(stopped.state()).isEqualTo(PluginState.STOPPED);
		assertThat(stopped.lastExitCode()).isZero();
		assertThat(alive(pid)).isFalse();
		assertThat(host.registry().find(StateStoreKind.INSTANCE, "store")).hasValueSatisfying(
				(component) -> assertThat(component.status().state()).isEqualTo(ComponentState.UNAVAILABLE));
		PluginStatus started = host.plugins()
			.start("store")
			.toCompletableFuture()
			.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
		assertThat(started.state()).isEqualTo(PluginState.READY);
		await().ignoreExceptions().untilAsserted(() -> store.set("k", bytes("v")));
	}

	@Test
	void whenShutdownIsIgnoredThenProcessIsKilled() throws Exception {
		PluginSettings settings = GoPluginMain.settings("store", "ignore-shutdown")
			.withTimeouts(Duration.ofSeconds(60), Duration.ofMillis(200));
		ComponentHost host = host(settings);
		store(host, "store");
		long pid = status(host, "store").pid();
		PluginStatus stopped = host.plugins()
			.stop("store")
			.toCompletableFuture()
			.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
		assertThat(stopped.lastExitCode()).isEqualTo(137);
		assertThat(alive(pid)).isFalse();
	}

	@Test
	void whenOnePluginIsSlowThenOthersDoNotWait() {
		ComponentHost host = host(script("slow", "exec sleep 1000"), GoPluginMain.settings("store"));
		store(host, "store").set("k", bytes("v"));
		assertThat(status(host, "slow").state()).isEqualTo(PluginState.STARTING);
	}

	@Test
	void whenPluginHasNoReflectionThenDeclarationTells() {
		ComponentHost host = host(
				HostSettings.defaults()
					.withDeclarations(List.of(new ComponentDeclaration("orders", ComponentType.of("state.store"), true,
							Map.of(), HostSettings.defaultComponentSettings()))),
				GoPluginMain.settings("store", "no-reflection"));
		store(host, "orders").set("k", bytes("v"));
		assertThat(status(host, "store").state()).isEqualTo(PluginState.READY);
	}

	@Test
	void whenProgramIsMissingThenReasonNamesIt() {
		PluginSettings settings = PluginSettings.of("absent", List.of("/nowhere/plugin"));
		ComponentHost host = host(quick(settings));
		await().untilAsserted(() -> assertThat(status(host, "absent").state()).isEqualTo(PluginState.FAILED));
		assertThat(status(host, "absent").reason()).contains("/nowhere/plugin");
	}

	private static ComponentDeclaration declaration(String name) {
		return new ComponentDeclaration(name, ComponentType.of("state.store"), true, Map.of(),
				HostSettings.defaultComponentSettings());
	}

	private ComponentHost host(PluginSettings... plugins) {
		return host(HostSettings.defaults(), plugins);
	}

	private ComponentHost host(HostSettings settings, PluginSettings... plugins) {
		HostSettings withPlugins = settings.withPlugins(List.of(plugins)).withPluginDirectory(this.folder);
		ComponentHost host = new ComponentHost(withPlugins);
		this.hosts.add(host);
		host.start();
		return host;
	}

	private static PluginSettings quick(PluginSettings settings) {
		return settings.withRestart(new RestartSettings(RestartSettings.Policy.ALWAYS, Duration.ofMillis(10),
				Duration.ofMillis(100), 0.2, 5, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ofSeconds(10)));
	}

	private static PluginSettings script(String name, String script) {
		return PluginSettings.of(name, List.of("sh", "-c", script));
	}

	private static PluginSettings shell(PluginSettings settings, String script, List<String> arguments) {
		List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
		command.addAll(arguments);
		return PluginSettings.of(settings.name(), command).withHandshake(settings.handshake());
	}

	private static StateStore store(ComponentHost host, String name) {
		StateStoreKind kind = StateStoreKind.INSTANCE;
		await().until(() -> host.registry()
			.find(kind, name)
			.filter((component) -> component.status().state() == ComponentState.READY)
			.isPresent());
		return host.registry().find(kind, name).orElseThrow().instance();
	}

	private static PluginStatus status(ComponentHost host, String name) {
		return host.plugins().status(name).orElseThrow();
	}

	private static boolean alive(long pid) {
		return ProcessHandle.of(pid).isPresent();
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static String text(Optional<StateItem> item) {
		return new String(item.orElseThrow().value(), StandardCharsets.UTF_8);
	}

}
