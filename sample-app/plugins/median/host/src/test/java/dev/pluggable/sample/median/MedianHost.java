package dev.pluggable.sample.median;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentType;
import dev.pluggable.PluggableException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.remote.RemoteObjectStatus;
import dev.pluggable.sample.proto.median.v1.DataSourceKind;
import dev.pluggable.sample.proto.median.v1.ErrorLogKind;
import dev.pluggable.sample.proto.median.v1.KeystoreKind;
import dev.pluggable.sample.proto.median.v1.MedianProto.ObserveReply;
import dev.pluggable.sample.proto.median.v1.MedianProto.ObserveRequest;
import dev.pluggable.sample.proto.median.v1.MedianProto.Report;
import dev.pluggable.sample.proto.median.v1.PluginMedianKind;
import dev.pluggable.sample.proto.median.v1.PluginRelayerKind;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A host with a relayer and a median plugin, without Spring.
 */
final class MedianHost implements AutoCloseable {

	static final MedianProperties PROPERTIES = new MedianProperties(List.of("alice", "bob"),
			"{\"network\": \"localnet\", \"account\": \"bob\"}", "eth-usd", 1, "any");

	private final Path folder;

	private final Queue<Long> values = new ConcurrentLinkedQueue<>();

	private final MemoryKeystore keystore = new MemoryKeystore(PROPERTIES.accounts());

	private final LatestErrors errors = new LatestErrors();

	private final ComponentHost host;

	private long lastAnswer;

	private MedianHost(Builder builder) throws IOException {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "mdn");
		ComponentSettings limits = new ComponentSettings(builder.callTimeout, Duration.ofSeconds(30),
				builder.waitForReady, 4 * 1024 * 1024);
		HostSettings settings = HostSettings.defaults()
			.withPluginDirectory(this.folder)
			.withPlugins(List.of(builder.relayer, builder.median))
			.withDeclarations(List.of(
					new ComponentDeclaration("relayer", ComponentType.of("relayer.relayer"), true, Map.of(), limits),
					new ComponentDeclaration("median", ComponentType.of("median.median"), true, Map.of(), limits),
					new ComponentDeclaration("probe", ComponentType.of("probe.relayer"), false, Map.of(), limits)));
		List<ComponentKind<?>> kinds = List.of(PluginRelayerKind.INSTANCE, PluginMedianKind.INSTANCE,
				Probe.Kind.INSTANCE);
		this.host = new ComponentHost(settings, kinds, List.of(), (endpoint, channel) -> {
			if (builder.steps != null) {
				channel.intercept(builder.steps);
			}
		});
		Stream
			.of(KeystoreKind.INSTANCE.bind(() -> this.keystore), DataSourceKind.INSTANCE.bind(() -> this::observe),
					ErrorLogKind.INSTANCE.bind(() -> this.errors))
			.flatMap(List::stream)
			.map((service) -> (builder.steps != null) ? builder.steps.of(service) : service)
			.forEach(this.host.hostServices()::add);
	}

	static Builder with(PluginSettings relayer, PluginSettings median) {
		return new Builder(relayer, median);
	}

	MemoryKeystore keystore() {
		return this.keystore;
	}

	LatestErrors errors() {
		return this.errors;
	}

	ComponentHost host() {
		return this.host;
	}

	Path folder() {
		return this.folder;
	}

	void start() {
		this.host.start();
	}

	MedianJob job() {
		return new MedianJob(proxy(PluginRelayerKind.INSTANCE), proxy(PluginMedianKind.INSTANCE), PROPERTIES);
	}

	Probe probe() {
		return proxy(Probe.Kind.INSTANCE);
	}

	private <T> T proxy(ComponentKind<T> kind) {
		return this.host.registry().find(kind, kind.name()).orElseThrow().instance();
	}

	/**
	 * Run a round whose answer differs from the answer of the round before, so that the
	 * plugin must report.
	 * @throws dev.pluggable.PluggableException if the round fails
	 */
	Report round(MedianJob job) {
		long answer = ++this.lastAnswer;
		Report report = round(job, answer - 1000, answer, answer + 1000, answer).orElseThrow();
		assertThat(report.getAnswer()).isEqualTo(answer);
		assertThat(report.getObserversList()).containsExactlyInAnyOrder(0, 1, 2, 3);
		assertThat(report.getTimestamp().getRound()).isEqualTo(job.rounds());
		return report;
	}

	Optional<Report> round(MedianJob job, long... observed) {
		this.values.clear();
		LongStream.of(observed).forEach(this.values::add);
		return job.round();
	}

	/**
	 * Run rounds until one succeeds.
	 */
	Report awaitRound(MedianJob job) {
		return await().ignoreExceptionsMatching(PluggableException.class::isInstance)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(10))
			.until(() -> round(job), (report) -> true);
	}

	PluginStatus status(String plugin) {
		return this.host.plugins().status(plugin).orElseThrow();
	}

	/**
	 * Kill the current process of a plugin, as {@code kill -9} does.
	 */
	void kill(String plugin) {
		Long pid = status(plugin).pid();
		if (pid != null) {
			ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
		}
	}

	void awaitPlugins() {
		await().untilAsserted(() -> assertThat(this.host.plugins().statuses()).extracting(PluginStatus::state)
			.containsOnly(PluginState.READY));
	}

	static void awaitGone(long pid) {
		await().until(() -> !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
	}

	/**
	 * Verify that all objects of the job exist, and no others.
	 */
	void awaitWhole() {
		await().untilAsserted(() -> {
			List<PluginStatus> statuses = this.host.plugins().statuses();
			assertThat(statuses).extracting((status) -> status.served().size()).containsExactly(3, 1);
			assertThat(statuses).extracting((status) -> status.dialed().size()).containsExactly(2, 2);
			// Main connections, served and dialled connections of the brokers, and two
			// sockets for each plugin that the host keeps ready.
			assertThat(sockets()).hasSize(2 + 4 + 4 + 4);
		});
	}

	static void awaitObjects(MedianJob job) {
		await().untilAsserted(() -> assertThat(job.objects()).extracting(RemoteObjectStatus::state)
			.containsOnly(RemoteObjectStatus.State.READY));
	}

	/**
	 * List the sockets below the folder of the plugins.
	 */
	List<Path> sockets() {
		try (Stream<Path> files = Files.walk(this.folder)) {
			return files.filter((file) -> !Files.isDirectory(file) && !Files.isRegularFile(file)).toList();
		}
		catch (IOException | UncheckedIOException ex) {
			// Another thread has just removed the folder.
			return List.of();
		}
	}

	/**
	 * Close the host and verify that no socket and no process is left.
	 */
	@Override
	public void close() throws Exception {
		List<Long> pids = new ArrayList<>(
				this.host.plugins().statuses().stream().map(PluginStatus::pid).filter((pid) -> pid != null).toList());
		this.host.close();
		assertThat(pids).noneMatch((pid) -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
		try (Stream<Path> left = Files.list(this.folder)) {
			assertThat(left).isEmpty();
		}
		Files.delete(this.folder);
	}

	/**
	 * Answer with a value that the test sets.
	 */
	private ObserveReply observe(ObserveRequest request) {
		Long value = this.values.poll();
		if (value == null) {
			throw new IllegalStateException("There is no value");
		}
		return ObserveReply.newBuilder().setValue(value).build();
	}

	/**
	 * Options of the host.
	 */
	static final class Builder {

		private PluginSettings relayer;

		private PluginSettings median;

		private Duration callTimeout = Duration.ofSeconds(30);

		private Duration waitForReady = Duration.ofSeconds(30);

		private @Nullable Steps steps;

		Builder(PluginSettings relayer, PluginSettings median) {
			this.relayer = relayer;
			this.median = median;
		}

		Builder autoMtls(boolean autoMtls) {
			this.relayer = this.relayer.withAutoMtls(autoMtls);
			this.median = this.median.withAutoMtls(autoMtls);
			return this;
		}

		Builder waitForReady(Duration waitForReady) {
			this.waitForReady = waitForReady;
			return this;
		}

		Builder callTimeout(Duration callTimeout) {
			this.callTimeout = callTimeout;
			return this;
		}

		Builder steps(Steps steps) {
			this.steps = steps;
			return this;
		}

		MedianHost build() throws IOException {
			return new MedianHost(this);
		}

		/**
		 * Build and start the host.
		 */
		MedianHost start() throws IOException {
			MedianHost host = build();
			host.start();
			return host;
		}

	}

}
