package dev.pluggable.internal.supervisor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.fixtures.ExternalPlugin;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.internal.process.LeftProcesses;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.ReattachSettings;
import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.plugin.TlsSettings;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for events that coincide during the life of a real process.
 */
class PluginLifecycleTests {

	private static final Duration LONG = Duration.ofMinutes(2);

	private Path folder;

	private final List<ComponentHost> hosts = new ArrayList<>();

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "plg");
	}

	@AfterEach
	void leavesNothing() throws Exception {
		this.hosts.forEach(ComponentHost::close);
		assertThat(LeftProcesses.of(this.folder)).isEmpty();
		try (Stream<Path> left = Files.list(this.folder)) {
			assertThat(left.filter(Files::isDirectory)).isEmpty();
		}
		try (Stream<Path> files = Files.list(this.folder)) {
			for (Path file : files.toList()) {
				Files.delete(file);
			}
		}
		Files.delete(this.folder);
	}

	@Test
	void whenTheHostIsClosedByWhoWaitedForAPluginThenTheCallerIsNotInterrupted() throws Exception {
		ComponentHost host = host(GoPluginMain.settings("store"));
		store(host);
		CompletableFuture<Boolean> interrupted = host.plugins().restart("store").thenApply((status) -> {
			host.close();
			return Thread.currentThread().isInterrupted();
		}).toCompletableFuture();
		assertThat(interrupted.get(60, TimeUnit.SECONDS)).isFalse();
	}

	@Test
	void whenAPluginHasNoControllerThenItIsAskedToEndByASignal() throws Exception {
		ComponentHost host = host(
				GoPluginMain.settings("store", "no-controller").withTimeouts(Duration.ofSeconds(60), LONG));
		store(host);
		PluginStatus stopped = get(host.plugins().stop("store"));
		assertThat(stopped.state()).isEqualTo(PluginState.STOPPED);
		assertThat(stopped.lastExitCode()).isEqualTo(128 + 15);
	}

	@Test
	void whenAPluginTakesNoNewCallsOnOldConnectionsThenItDoesNotCountAsHung() {
		ComponentHost host = host(GoPluginMain.settings("store", "max-connection-age=1000")
			.withRestart(hangAfter(Duration.ofMillis(500))));
		store(host);
		long pid = status(host).pid();
		await().until(() -> endpoint(host).reconnects() >= 4);
		assertThat(status(host).launches()).isEqualTo(1);
		assertThat(status(host).pid()).isEqualTo(pid);
		assertThat(status(host).answering()).isTrue();
	}

	@Test
	void whenAProcessIsAttachedToAsATestThenStoppingLeavesItAlone() throws Exception {
		try (ExternalPlugin external = new ExternalPlugin()) {
			ComponentHost host = host(attached(external.settings(true)));
			store(host).set("k", bytes("v"));
			assertThat(status(host).pid()).isEqualTo(external.process().pid());
			assertThat(get(host.plugins().stop("store")).state()).isEqualTo(PluginState.STOPPED);
			assertThat(external.process().isAlive()).isTrue();
			assertThat(get(host.plugins().start("store")).state()).isEqualTo(PluginState.READY);
			assertThat(get(host.plugins().restart("store")).launches()).isEqualTo(3);
			await().ignoreExceptions().until(() -> store(host).get("k").isPresent());
			host.close();
			assertThat(external.process().isAlive()).isTrue();
		}
	}

	@Test
	void whenAProcessIsAttachedToThenItEndsWithThePlugin() throws Exception {
		try (ExternalPlugin external = new ExternalPlugin()) {
			ComponentHost host = host(attached(external.settings(false)));
			store(host).set("k", bytes("v"));
			assertThat(status(host).pid()).isEqualTo(external.process().pid());
			assertThat(get(host.plugins().stop("store")).state()).isEqualTo(PluginState.STOPPED);
			assertThat(external.process().isAlive()).isFalse();
			assertThat(external.process().exitValue()).as("it was asked to end").isZero();
			assertThat(host.plugins().start("store").toCompletableFuture()).failsWithin(LONG)
				.withThrowableThat()
				.withMessageContaining("there is no process " + external.process().pid());
		}
	}

	@ParameterizedTest
	@EnumSource(RestartSettings.Mode.class)
	void whenAPluginThatIsAttachedToIsRestartedThenItsProcessStaysAndIsConnectedAnew(RestartSettings.Mode mode)
			throws Exception {
		try (ExternalPlugin external = new ExternalPlugin()) {
			ComponentHost host = host(attached(external.settings(false), mode, Duration.ofMinutes(1)));
			store(host).set("k", bytes("v"));
			for (int launches = 2; launches <= 4; launches++) {
				assertThat(get(host.plugins().restart("store")).launches()).isEqualTo(launches);
				assertThat(store(host).get("k")).isPresent();
				assertThat(status(host).pid()).isEqualTo(external.process().pid());
			}
			await().during(Duration.ofSeconds(1)).until(() -> status(host).state() == PluginState.READY);
			assertThat(external.process().isAlive()).isTrue();
			get(host.plugins().stop("store"));
			assertThat(external.process().isAlive()).isFalse();
		}
	}

	@Test
	void whenAnAttemptToAttachFailsThenTheProcessStaysAndTheReasonIsShown() throws Exception {
		try (ExternalPlugin external = new ExternalPlugin("init-waits=" + this.folder.resolve("never"))) {
			ComponentHost host = host(waiting(Duration.ZERO),
					attached(external.settings(false), RestartSettings.Mode.REPLACE, Duration.ofMillis(500)));
			await().until(() -> status(host).launches() >= 3);
			assertThat(status(host).reason()).contains("the last attempt failed");
			assertThat(external.process().isAlive()).isTrue();
			host.close();
			// A slow attempt has ended before it could ask.
			Files.deleteIfExists(this.folder.resolve("never.asked"));
		}
	}

	@Test
	void whenTheHostIsClosedThenAProcessThatItIsAttachedToEnds() throws Exception {
		try (ExternalPlugin external = new ExternalPlugin()) {
			ComponentHost host = host(attached(external.settings(false)));
			store(host);
			host.close();
			assertThat(external.process().isAlive()).isFalse();
		}
	}

	@Test
	void whenAProcessThatItIsAttachedToIsKilledThenThatIsNoticed() throws Exception {
		try (ExternalPlugin external = new ExternalPlugin()) {
			ComponentHost host = host(attached(external.settings(false)));
			StateStore store = store(host);
			GoPluginMain.kill(external.process().pid());
			await().until(() -> status(host).state() == PluginState.FAILED);
			assertThat(status(host).reason()).contains("there is no process " + external.process().pid());
			assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"));
		}
	}

	@Test
	void whenAComponentIsWaitedForThenACallDuringARestartSucceeds() throws Exception {
		Path go = this.folder.resolve("go");
		ComponentHost host = host(waiting(Duration.ofMinutes(1)),
				onceMore(this.folder.resolve("second"), "while ! [ -e " + go + " ]; do sleep 0.05; done; exec \"$@\""));
		StateStore store = store(host);
		GoPluginMain.kill(status(host).pid());
		await().until(() -> Files.exists(this.folder.resolve("second.started")));
		assertThat(status(host).state()).isEqualTo(PluginState.STARTING);
		CompletableFuture<Void> call = new CompletableFuture<>();
		Thread caller = new Thread(() -> {
			try {
				store.set("k", bytes("v"));
				call.complete(null);
			}
			catch (RuntimeException ex) {
				call.completeExceptionally(ex);
			}
		});
		caller.start();
		await().until(() -> call.isDone() || caller.getState() == Thread.State.WAITING
				|| caller.getState() == Thread.State.TIMED_WAITING);
		assertThat(call).isNotDone();
		Files.createFile(go);
		assertThat(call).succeedsWithin(LONG);
		assertThat(store.get("k")).isPresent();
		assertThat(status(host).restarts()).isEqualTo(1);
	}

	@Test
	void whenTheRestartTakesLongerThanAComponentIsWaitedForThenTheCallerIsTold() throws Exception {
		ComponentHost host = host(waiting(Duration.ofMillis(200)),
				onceMore(this.folder.resolve("second"), "exec sleep 1000"));
		StateStore store = store(host);
		GoPluginMain.kill(status(host).pid());
		await().until(() -> Files.exists(this.folder.resolve("second.started")));
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.set("k", bytes("v")))
			.withMessageContaining("by signal 9")
			.satisfies((failure) -> assertThat(failure.mayHaveBeenApplied()).isFalse());
	}

	@Test
	void whenStoppedWhileItStartsThenThatIsToldWhenTheProcessIsGone() throws Exception {
		Path pid = this.folder.resolve("pid");
		ComponentHost host = host(PluginSettings.of("store",
				List.of("sh", "-c", "echo $$ > " + pid + ".new; mv " + pid + ".new " + pid + "; exec sleep 1000")));
		await().until(() -> Files.exists(pid));
		ProcessHandle process = ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
		PluginStatus stopped = get(host.plugins().stop("store"));
		assertThat(process.isAlive()).isFalse();
		assertThat(stopped.state()).isEqualTo(PluginState.STOPPED);
		assertThat(endpoint(host).reason()).contains("is stopped");
	}

	@Test
	void whenStoppedWhileItIsReplacedThenBothProcessesEnd() throws Exception {
		Path second = this.folder.resolve("second");
		ComponentHost host = host(onceMore(second, "exec sleep 1000"));
		StateStore store = store(host);
		long pid = status(host).pid();
		CompletableFuture<PluginStatus> restarted = host.plugins().restart("store").toCompletableFuture();
		await().until(() -> Files.exists(this.folder.resolve("second.started")));
		PluginStatus stopped = get(host.plugins().stop("store"));
		assertThat(stopped.state()).isEqualTo(PluginState.STOPPED);
		assertThat(ProcessHandle.of(pid)).isEmpty();
		assertThat(LeftProcesses.of(this.folder)).isEmpty();
		assertThat(restarted).failsWithin(LONG).withThrowableThat().withMessageContaining("it was stopped");
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"));
	}

	@Test
	void whenTheOldProcessEndsWhileTheNewOneIsInitialisedThenTheNewOneCanBeReached() throws Exception {
		Path go = this.folder.resolve("go");
		ComponentHost host = host(slowInit(Duration.ofSeconds(10)),
				onceMore(this.folder.resolve("second"), "exec \"$@\" init-waits=" + go));
		StateStore store = store(host);
		CompletionStage<PluginStatus> restarted = host.plugins().restart("store");
		await().until(() -> Files.exists(this.folder.resolve("go.asked")));
		GoPluginMain.kill(status(host).pid());
		await().until(() -> status(host).state() == PluginState.STARTING);
		Files.createFile(go);
		assertThat(get(restarted).launches()).isEqualTo(2);
		await().ignoreExceptions().untilAsserted(() -> store.set("k", bytes("v")));
		assertThat(endpoint(host).socket()).isNotNull();
	}

	@Test
	void whenStoppedWhileTheNewOneIsInitialisedThenTheOldOneTakesNoMoreCalls() throws Exception {
		Path go = this.folder.resolve("go");
		ComponentHost host = host(slowInit(LONG.multipliedBy(2)),
				onceMore(this.folder.resolve("second"), "exec \"$@\" init-waits=" + go));
		StateStore store = store(host);
		host.plugins().restart("store");
		await().until(() -> Files.exists(this.folder.resolve("go.asked")));
		assertThat(get(host.plugins().stop("store")).state()).isEqualTo(PluginState.STOPPED);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"));
	}

	@Test
	void whenAPluginListensOnALocalPortThenItsStoreWorks() {
		ComponentHost host = host(GoPluginMain.settings("store", "tcp"));
		await().until(() -> endpoint(host).address() != null);
		assertThat(endpoint(host).address()).startsWith("127.0.0.1:");
		store(host).set("k", bytes("v"));
		assertThat(store(host).get("k")).isPresent();
	}

	@Test
	void whenNothingTellsTheServicesThenTheProcessStaysAndADeclarationIsAskedFor() {
		ComponentHost host = host(GoPluginMain.settings("store", "no-reflection")
			.withTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(2)));
		assertThat(host.plugins().start("store").toCompletableFuture()).failsWithin(LONG)
			.withThrowableThat()
			.withMessageContaining("'pluggable.components.<name>.type'");
		assertThat(status(host).state()).isEqualTo(PluginState.STARTING);
		assertThat(status(host).reason()).contains("no gRPC reflection", "state.store");
		Long process = status(host).pid();
		Instant since = status(host).since();
		await().until(() -> Duration.between(since, Instant.now()).toSeconds() > 11);
		assertThat(status(host).pid()).isNotNull().isEqualTo(process);
	}

	@ParameterizedTest
	@ValueSource(strings = { "unix", "tcp" })
	void whenAPluginServesTlsThenTheReasonTellsWhatToSet(String network) throws Exception {
		ComponentHost host = host(GoPluginMain.settings("store", network, "own-tls=" + keys()));
		await().until(() -> status(host).state() == PluginState.FAILED);
		assertThat(status(host).reason()).contains("it serves TLS", "'tls.bundle'");
		assertThat(status(host).launches()).isEqualTo(1);
	}

	@Test
	void whenTheCertificateOfAPluginIsTrustedThenItsStoreWorks() throws Exception {
		Path keys = keys();
		ComponentHost host = host(GoPluginMain.settings("store", "own-tls=" + keys)
			.withTls(new TlsSettings(() -> context(keys), TlsSettings.DEFAULT_SERVER_NAME)));
		store(host).set("k", bytes("v"));
		assertThat(store(host).get("k")).isPresent();
		assertThat(status(host).tls()).isTrue();
	}

	@Test
	void whenTheCertificateOfAPluginHasAnotherNameThenTheReasonTellsTheCause() throws Exception {
		Path keys = keys();
		ComponentHost host = host(GoPluginMain.settings("store", "own-tls=" + keys)
			.withTls(new TlsSettings(() -> context(keys), "plugin.example")));
		await().until(() -> status(host).state() == PluginState.FAILED);
		assertThat(status(host).reason()).contains("plugin.example");
		assertThat(status(host).launches()).isEqualTo(1);
	}

	@Test
	void whenAPluginServesPlainTextAndTlsIsConfiguredThenTheReasonTellsThat() throws Exception {
		Path keys = keys();
		ComponentHost host = host(GoPluginMain.settings("store")
			.withTls(new TlsSettings(() -> context(keys), TlsSettings.DEFAULT_SERVER_NAME)));
		await().until(() -> status(host).state() == PluginState.FAILED);
		assertThat(status(host).reason()).contains("TLS");
	}

	private Path keys() throws Exception {
		KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
		KeyPair pair = generator.generateKeyPair();
		KeyStore keys = KeyStore.getInstance("PKCS12");
		keys.load(null, null);
		keys.setKeyEntry("plugin", pair.getPrivate(), GoPluginMain.KEY_STORE_PASSWORD,
				new Certificate[] { SelfSignedCertificate.of(pair, Instant.now()) });
		Path file = this.folder.resolve("keys");
		try (OutputStream out = Files.newOutputStream(file)) {
			keys.store(out, GoPluginMain.KEY_STORE_PASSWORD);
		}
		return file;
	}

	/**
	 * Trust the certificate in a key store.
	 */
	private static SSLContext context(Path file) {
		try {
			KeyStore keys = KeyStore.getInstance(file.toFile(), GoPluginMain.KEY_STORE_PASSWORD);
			KeyStore trusted = KeyStore.getInstance("PKCS12");
			trusted.load(null, null);
			trusted.setCertificateEntry("plugin", keys.getCertificate(keys.aliases().nextElement()));
			TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(trusted);
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, trust.getTrustManagers(), null);
			return context;
		}
		catch (GeneralSecurityException | IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void whenAProcessEndsThenItsLastWordsAreInTheReason() throws Exception {
		ComponentHost host = host(
				PluginSettings
					.of("store",
							List.of("sh", "-c",
									"[ -e " + this.folder + "/go ] || exec sleep 1000; echo why >&2; exit 3"))
					.withRestart(new RestartSettings(RestartSettings.Policy.NEVER, Duration.ZERO, Duration.ZERO, 0, 0,
							Duration.ZERO, Duration.ZERO, Duration.ZERO)));
		get(host.plugins().stop("store"));
		Files.createFile(this.folder.resolve("go"));
		assertThat(host.plugins().start("store").toCompletableFuture()).failsWithin(LONG)
			.withThrowableThat()
			.withMessageContaining("it said last: why");
	}

	@Test
	void whenAProcessEndsInTheMiddleOfACallThenTheCallerIsToldThatItMayHaveBeenApplied() {
		ComponentHost host = host(GoPluginMain.settings("store"));
		StateStore store = store(host);
		assertThatExceptionOfType(ComponentUnavailableException.class)
			.isThrownBy(() -> store.set(GoPluginMain.CONTROL, bytes("exit 7")))
			.satisfies((failure) -> assertThat(failure.mayHaveBeenApplied()).isTrue());
		await().until(() -> status(host).restarts() == 1);
	}

	@Test
	void whenCertificatesAreUsedThenTheStoreWorksAfterARestartToo() throws Exception {
		ComponentHost host = host(GoPluginMain.settings("store").withAutoMtls(true));
		store(host).set("k", bytes("v"));
		assertThat(status(host).tls()).isTrue();
		assertThat(get(host.plugins().restart("store")).tls()).isTrue();
		await().ignoreExceptions().untilAsserted(() -> store(host).set("k", bytes("v")));
	}

	@Test
	void whenTheHostIsClosedWhateverItsPluginsDoThenNothingIsLeft() {
		Path second = this.folder.resolve("second");
		PluginSettings crashing = PluginSettings.of("crashing", List.of("sh", "-c", "exit 3"));
		PluginSettings silent = PluginSettings.of("silent", List.of("sh", "-c", "sleep 1000 & sleep 1000"));
		ComponentHost host = host(onceMore(second, "exec sleep 1000"), crashing, silent);
		store(host);
		host.plugins().restart("store");
		await().until(() -> Files.exists(this.folder.resolve("second.started")));
		await().until(() -> host.plugins().status("crashing").orElseThrow().launches() > 1);
		host.close();
		assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName)).noneMatch(
				((Predicate<String>) "pluggable-host"::equals).or((name) -> name.startsWith("pluggable-plugin")));
	}

	/**
	 * Create settings of a plugin whose second process first runs a script.
	 */
	private PluginSettings onceMore(Path second, String script) {
		PluginSettings settings = GoPluginMain.settings("store");
		List<String> command = new ArrayList<>(List.of("sh", "-c", "[ -e " + second + " ] && { touch " + second
				+ ".started; " + script + "; }; touch " + second + "; exec \"$@\"", "sh"));
		command.addAll(settings.command());
		return PluginSettings.of(settings.name(), command).withHandshake(settings.handshake());
	}

	private static PluginSettings attached(ReattachSettings reattach) {
		return attached(reattach, RestartSettings.Mode.REPLACE, GoPluginMain.settings("store").startTimeout());
	}

	private static PluginSettings attached(ReattachSettings reattach, RestartSettings.Mode mode,
			Duration startTimeout) {
		PluginSettings template = GoPluginMain.settings("store");
		return new PluginSettings("store", List.of(), template.environment(), null, template.protocol(),
				template.handshake(), false, null, startTimeout, LONG, hangAfter(Duration.ofSeconds(10)).withMode(mode),
				template.logLevel(), reattach, false, null, PluginSettings.DEFAULT_MAX_INBOUND_MESSAGE_SIZE);
	}

	private static RestartSettings hangAfter(Duration hang) {
		return new RestartSettings(RestartSettings.Policy.ALWAYS, Duration.ofMillis(10), Duration.ofMillis(10), 0, 5,
				Duration.ofMinutes(1), Duration.ofSeconds(30), hang);
	}

	private static HostSettings waiting(Duration waitForReady) {
		ComponentSettings settings = new ComponentSettings(Duration.ofSeconds(30), LONG, waitForReady, 1024 * 1024);
		return HostSettings.defaults()
			.withDeclarations(List
				.of(new ComponentDeclaration("store", ComponentType.of("state.store"), false, Map.of(), settings)));
	}

	/**
	 * Create settings of a store whose {@code Init} may take long.
	 */
	private static HostSettings slowInit(Duration drain) {
		HostSettings defaults = HostSettings.defaults();
		ComponentSettings settings = new ComponentSettings(Duration.ofSeconds(5), LONG, Duration.ZERO, 1024 * 1024);
		return defaults
			.withDeclarations(List
				.of(new ComponentDeclaration("store", ComponentType.of("state.store"), false, Map.of(), settings)))
			.withEndpoints(new EndpointSettings(defaults.endpoints().connectTimeout(),
					defaults.endpoints().probeInterval(), defaults.endpoints().probeTimeout(), drain));
	}

	private ComponentHost host(PluginSettings... plugins) {
		return host(HostSettings.defaults(), plugins);
	}

	private ComponentHost host(HostSettings settings, PluginSettings... plugins) {
		ComponentHost host = new ComponentHost(settings.withPlugins(List.of(plugins)).withPluginDirectory(this.folder));
		this.hosts.add(host);
		host.start();
		return host;
	}

	private static StateStore store(ComponentHost host) {
		StateStoreKind kind = StateStoreKind.INSTANCE;
		await().until(() -> host.registry()
			.find(kind, "store")
			.filter((component) -> component.status().state() == ComponentState.READY)
			.isPresent());
		await().until(() -> status(host).state() == PluginState.READY);
		return host.registry().find(kind, "store").orElseThrow().instance();
	}

	private static PluginStatus status(ComponentHost host) {
		return host.plugins().status("store").orElseThrow();
	}

	private static EndpointStatus endpoint(ComponentHost host) {
		return host.endpoints()
			.stream()
			.filter((endpoint) -> endpoint.name().equals("store"))
			.findFirst()
			.orElseThrow();
	}

	private static PluginStatus get(CompletionStage<PluginStatus> stage) throws Exception {
		return stage.toCompletableFuture().get(LONG.toSeconds(), TimeUnit.SECONDS);
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
