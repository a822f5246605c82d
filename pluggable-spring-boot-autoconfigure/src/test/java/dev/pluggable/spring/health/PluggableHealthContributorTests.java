package dev.pluggable.spring.health;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.FakeReflection;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.PluginGuard;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.spring.autoconfigure.host.FakePlugins;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.listener.ListenerStatus;
import dev.pluggable.stream.StreamStatus;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.BDDMockito;
import org.mockito.Mockito;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.list;
import static org.assertj.core.api.InstanceOfAssertFactories.map;

/**
 * Tests for {@link PluggableHealthContributor}.
 */
class PluggableHealthContributorTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	@TempDir
	private Path folder;

	private ComponentHost host;

	private PluggableHealthContributor contributor;

	@AfterEach
	void close() {
		this.host.close();
	}

	private void start(ComponentDeclaration... declarations) {
		start(Set.of(this.folder), declarations);
	}

	private void start(Set<Path> folders, ComponentDeclaration... declarations) {
		this.host = new ComponentHost(
				HostSettings.defaults().withSocketFolders(folders).withDeclarations(Arrays.asList(declarations)));
		this.contributor = new PluggableHealthContributor(this.host, null, null, null);
		this.host.start();
		assertThat(this.host.awaitFirstLook(TIMEOUT)).isTrue();
	}

	private static ComponentDeclaration declaration(String name, String type, boolean required) {
		return new ComponentDeclaration(name, ComponentType.of(type), required, Map.of("password", "hunter2"),
				HostSettings.defaultComponentSettings());
	}

	private FakeStateServer withoutPing(String name) {
		FakeStateServer server = new FakeStateServer(this.folder.resolve(name));
		server.pingStatus = () -> io.grpc.Status.UNIMPLEMENTED;
		return server.start();
	}

	private FakeStateServer withHealth(String name, ServingStatus status) {
		HealthStatusManager health = new HealthStatusManager();
		health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
		health.setStatus(StateStoreGrpc.SERVICE_NAME, status);
		return new FakeStateServer(this.folder.resolve(name))
			.with(ProtoReflectionServiceV1.newInstance(), health.getHealthService())
			.start();
	}

	private Health health(String child) {
		assertThat(this.contributor.getContributor(child)).isInstanceOf(HealthIndicator.class);
		Health health = ((HealthIndicator) this.contributor.getContributor(child)).health(true);
		assertThat(health).isNotNull();
		return health;
	}

	private void awaitStatus(String child, Status status) {
		Awaitility.await()
			.atMost(TIMEOUT)
			.untilAsserted(() -> assertThat(health(child)).extracting(Health::getStatus).isEqualTo(status));
	}

	private List<String> children() {
		return this.contributor.stream().map(HealthContributors.Entry::name).toList();
	}

	@Test
	void whenTheContractOfAProcessDiffersThenTheDetailsSaySoBeforeACallFails() {
		FileDescriptorProto.Builder older = StateProto.getDescriptor().toProto().toBuilder();
		ServiceDescriptorProto.Builder service = older.getServiceBuilderList()
			.stream()
			.filter((candidate) -> candidate.getName().equals("StateStore"))
			.findFirst()
			.orElseThrow();
		List<MethodDescriptorProto> methods = service.getMethodList()
			.stream()
			.filter((method) -> !method.getName().equals("BulkGet") && !method.getName().equals("Ping"))
			.toList();
		service.clearMethod().addAllMethod(methods);
		FakeReflection reflection = new FakeReflection().with(older.build())
			.with(CommonProto.getDescriptor().toProto());
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("redis.sock")).with(reflection).start()) {
			start(declaration("orders", "state.redis", false));
			Awaitility.await()
				.atMost(TIMEOUT)
				.untilAsserted(() -> assertThat(health("orders").getDetails()).containsEntry("contractProblems",
						List.of("method StateStore.BulkGet is missing in the component")));
			assertThat(health("orders").getStatus()).isEqualTo(Status.UP);
		}
	}

	@Test
	void discoveryIsThereWithoutAnythingElse() {
		start();
		assertThat(children()).startsWith("discovery");
		Health health = health("discovery");
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("transport",
				this.host.transport().name().toLowerCase(java.util.Locale.ROOT));
		assertThat(health.getDetails()).extractingByKey("folders", list(Map.class))
			.singleElement(map(String.class, Object.class))
			.containsEntry("path", this.folder.toString())
			.containsEntry("state", FolderStatus.State.READABLE)
			.containsEntry("watched", true)
			.containsEntry("sockets", 0)
			.doesNotContainKeys("reason", "problems");
	}

	@Test
	void discoveryIsUpBeforeTheHostStarts() {
		this.host = new ComponentHost(HostSettings.defaults());
		this.contributor = new PluggableHealthContributor(this.host, null, null, null);
		assertThat(health("discovery").getStatus()).isEqualTo(Status.UP);
	}

	@Test
	void listenersAreToldOfAndChangeNoStatus() {
		this.host = new ComponentHost(HostSettings.defaults());
		ListenerRegistry listeners = Mockito.mock(ListenerRegistry.class);
		this.contributor = new PluggableHealthContributor(this.host, null, listeners, null);
		assertThat(health("discovery").getDetails()).doesNotContainKey("waitingListeners");
		StreamStatus stream = new StreamStatus(StreamStatus.State.WAITING, "the component is not ready", 0,
				Instant.EPOCH, 0, 0, 0);
		BDDMockito.given(listeners.listeners())
			.willReturn(List.of(
					new ListenerStatus("a", "Orders.on", PubSub.class, "in-memory", "orders",
							ListenerStatus.State.LISTENING, null, stream),
					new ListenerStatus("b", "Orders.tick", InputBinding.class, "in-memory", null,
							ListenerStatus.State.WAITING, "there is no InputBinding 'in-memory'", null)));
		assertThat(health("in-memory.state").getDetails()).doesNotContainKey("listeners");
		assertThat(health("in-memory.pubsub").getStatus()).isEqualTo(Status.UP);
		assertThat(health("in-memory.pubsub").getDetails()).containsEntry("listeners", List.of(Map.of("id", "a",
				"topic", "orders", "state", StreamStatus.State.WAITING, "reason", "the component is not ready")));
		assertThat(health("discovery").getStatus()).isEqualTo(Status.UP);
		assertThat(health("discovery").getDetails()).containsEntry("waitingListeners", List.of(Map.of("id", "b",
				"state", ListenerStatus.State.WAITING, "reason", "there is no InputBinding 'in-memory'")));
	}

	@Test
	void discoveryIsUpWhenFolderIsMissing() {
		start(Set.of(this.folder.resolve("later")));
		Health health = health("discovery");
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).extractingByKey("folders", list(Map.class))
			.singleElement(map(String.class, Object.class))
			.containsEntry("state", FolderStatus.State.MISSING)
			.extractingByKey("reason")
			.asString()
			.contains("does not exist");
	}

	@Test
	void discoveryIsDownWhenFolderCannotBeRead() throws Exception {
		Path file = Files.createFile(this.folder.resolve("file"));
		start(Set.of(file));
		Health health = health("discovery");
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).extractingByKey("folders", list(Map.class))
			.singleElement(map(String.class, Object.class))
			.containsEntry("reason", "not a folder");
	}

	@Test
	void discoveryListsSomeOfMuchJunk() throws Exception {
		for (int i = 0; i < 60; i++) {
			Files.createFile(this.folder.resolve("junk" + i + ".sock"));
		}
		start();
		Health health = health("discovery");
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).extractingByKey("folders", list(Map.class))
			.singleElement(map(String.class, Object.class))
			.containsEntry("skipped", 60)
			.extractingByKey("problems", list(Map.class))
			.hasSize(DiscoveryHealthIndicator.MAX_PROBLEMS)
			.contains(Map.of("entry", "junk0.sock", "reason", "not a socket"));
	}

	@Test
	void builtInComponentIsUp() {
		start();
		Health health = health("in-memory.state");
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("kind", "state")
			.containsEntry("type", "state.in-memory")
			.doesNotContainKeys("endpoint", "reason");
	}

	@Test
	void declaredComponentIsDownUntilItIsThere() throws Exception {
		start(declaration("orders", "state.h2", true));
		Health health = health("orders");
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).containsEntry("state", ComponentState.PENDING)
			.containsEntry("endpoint", "h2")
			.containsEntry("required", true)
			.containsEntry("generation", 0L)
			.containsKeys("reason", "since", "probe");
		assertThat(health.toString()).doesNotContain("hunter2");
		assertThat(health("endpoint:h2").getStatus()).isEqualTo(Status.DOWN);
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			awaitStatus("orders", Status.UP);
			awaitStatus("endpoint:h2", Status.UP);
			assertThat(health("orders").getDetails()).containsEntry("generation", 1L).doesNotContainKey("reason");
			assertThat(health("endpoint:h2").getDetails()).containsKeys("peer", "socket", "services")
				.containsEntry("reconnects", 0L);
		}
		awaitStatus("endpoint:h2", Status.DOWN);
		// A probe that the end of the server has cancelled may be known before the loss.
		Awaitility.await()
			.atMost(TIMEOUT)
			.untilAsserted(
					() -> assertThat(health("orders").getDetails()).containsEntry("state", ComponentState.UNAVAILABLE)
						.containsKey("reason"));
		assertThat(health("orders").getStatus()).isEqualTo(Status.DOWN);
	}

	@Test
	void discoveredComponentBecomesAChild() throws Exception {
		start();
		assertThat(children()).doesNotContain("found.state");
		assertThat(this.contributor.getContributor("found.state")).isNull();
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("found.sock")).start()) {
			Awaitility.await()
				.atMost(TIMEOUT)
				.untilAsserted(() -> assertThat(children()).contains("found.state", "endpoint:found"));
			awaitStatus("found.state", Status.UP);
		}
	}

	@Test
	void componentThatCannotBeProbedIsUnknown() throws Exception {
		try (FakeStateServer server = withoutPing("mute.sock")) {
			start();
			awaitStatus("mute.state", Status.UNKNOWN);
			assertThat(health("mute.state").getDetails()).containsEntry("state", ComponentState.READY);
		}
	}

	@Test
	void componentThatIsNotWellIsDown() throws Exception {
		try (FakeStateServer server = withHealth("sick.sock", ServingStatus.NOT_SERVING)) {
			start();
			awaitStatus("sick.state", Status.DOWN);
			assertThat(health("sick.state").getDetails()).containsEntry("state", ComponentState.READY)
				.extractingByKey("reason")
				.asString()
				.contains("NOT_SERVING");
			awaitStatus("endpoint:sick", Status.DOWN);
		}
	}

	@Test
	void componentThatIsWellIsUp() throws Exception {
		try (FakeStateServer server = withHealth("fit.sock", ServingStatus.SERVING)) {
			start();
			awaitStatus("fit.state", Status.UP);
			// The endpoint becomes ready before the first probe.
			Awaitility.await()
				.atMost(TIMEOUT)
				.untilAsserted(() -> assertThat(health("fit.state").getDetails())
					.extractingByKey("probe", map(String.class, Object.class))
					.containsEntry("detail", "grpc.health.v1"));
		}
	}

	@Test
	void endpointThatNobodyUsesIsNeverDown() throws Exception {
		try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.bind(UnixDomainSocketAddress.of(this.folder.resolve("dead.sock")));
		}
		start();
		Health health = health("endpoint:dead");
		assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
		assertThat(health.getDetails()).extractingByKey("reason").asString().contains("nobody listens");
	}

	@Test
	void endpointThatNobodyUsesIsNotDownEvenIfItSaysSo() throws Exception {
		try (FakeStateServer server = withHealth("in-memory.sock", ServingStatus.NOT_SERVING)) {
			start();
			awaitStatus("endpoint:in-memory", Status.UNKNOWN);
			assertThat(health("endpoint:in-memory").getDetails()).containsEntry("state", EndpointState.READY)
				.extractingByKey("reason")
				.asString()
				.contains("NOT_SERVING");
		}
	}

	@Test
	void endpointOfAComponentIsDownWhenNobodyListens() throws Exception {
		try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.bind(UnixDomainSocketAddress.of(this.folder.resolve("dead.sock")));
		}
		start(declaration("orders", "state.dead", false));
		Health health = health("endpoint:dead");
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).containsKeys("reason", "lastError");
	}

	@Test
	void conflictIsShownAtTheEndpoint() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("in-memory.sock")).start()) {
			start();
			awaitStatus("endpoint:in-memory", Status.UP);
			assertThat(health("endpoint:in-memory").getDetails())
				.extractingByKey("conflicts", map(String.class, String.class))
				.containsKey("state");
		}
	}

	@ParameterizedTest
	@CsvSource({ "READY,,UP", "READY,the new process was not used,UP", "STARTING,,DOWN", "RESTARTING,it ended,DOWN",
			"FAILED,crash loop,DOWN", "STOPPING,,OUT_OF_SERVICE", "STOPPED,,OUT_OF_SERVICE" })
	void pluginHasTheStatusOfItsState(PluginState state, String reason, String status) {
		withPlugins(FakePlugins.status("relayer", state, reason));
		Health health = health("plugin:relayer");
		assertThat(health.getStatus().getCode()).isEqualTo(status);
		assertThat(health.getDetails()).containsEntry("state", state).containsEntry("required", false);
		assertThat(health.getDetails().get("reason")).isEqualTo(reason);
	}

	@Test
	void pluginThatDoesNotAnswerIsDown() {
		PluginStatus status = FakePlugins.status("needed", PluginState.READY, "no answer to health checks");
		withPlugins(new PluginStatus(status.name(), status.state(), status.reason(), status.since(), status.pid(),
				status.launches(), status.restarts(), status.startedAt(), status.protocol(), status.protocolVersion(),
				status.tls(), status.checksumVerified(), status.guard(), status.lastExitCode(), status.lastOutput(),
				status.served(), status.dialed(), false, true));
		assertThat(health("plugin:needed").getStatus()).isEqualTo(Status.DOWN);
		assertThat(health("plugin:needed").getDetails()).containsEntry("required", true)
			.containsEntry("reason", "no answer to health checks");
	}

	@Test
	void pluginTellsAllThatIsKnown() {
		withPlugins(FakePlugins.status("relayer", PluginState.READY, null));
		assertThat(health("plugin:relayer").getDetails()).containsEntry("pid", 4711L)
			.containsEntry("launches", 3)
			.containsEntry("restarts", 2)
			.containsEntry("protocol", "go-plugin")
			.containsEntry("protocolVersion", 1)
			.containsEntry("tls", true)
			.containsEntry("checksumVerified", true)
			.containsEntry("guard", PluginGuard.SUBREAPER)
			.containsEntry("lastExitCode", 137)
			.containsEntry("lastOutput", List.of("panic: no"))
			.containsEntry("brokeredConnections", Map.of("served", 2, "dialed", 1))
			.containsEntry("since", FakePlugins.SINCE)
			.doesNotContainKey("reason");
		assertThat(new PluginHealthIndicator(FakePlugins.status("relayer", PluginState.READY, null),
				InstantSource.fixed(FakePlugins.SINCE.plusMillis(61_500)))
			.health()
			.getDetails()).containsEntry("uptime", Duration.ofSeconds(61));
		assertThat(new PluginHealthIndicator(FakePlugins.status("relayer", PluginState.READY, null),
				InstantSource.fixed(FakePlugins.SINCE.minusSeconds(3600)))
			.health()
			.getDetails()).containsEntry("uptime", Duration.ZERO);
		assertThat(new PluginHealthIndicator(FakePlugins.status("relayer", PluginState.FAILED, "crash loop"),
				InstantSource.system())
			.health()
			.getDetails()).doesNotContainKeys("uptime", "pid", "protocolVersion", "guard");
	}

	@Test
	void pluginsStandBesideComponentsAndEndpointsOfTheirNames() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("relayer.sock")).start()) {
			start(declaration("relayer", "state.relayer", false));
			FakePlugins plugins = new FakePlugins();
			plugins.put(FakePlugins.status("relayer", PluginState.STOPPED, null));
			this.contributor = new PluggableHealthContributor(this.host, null, null, plugins);
			assertThat(children()).contains("relayer", "endpoint:relayer", "plugin:relayer").doesNotHaveDuplicates();
			awaitStatus("relayer", Status.UP);
			assertThat(health("plugin:relayer").getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		}
	}

	private void withPlugins(PluginStatus status) {
		this.host = new ComponentHost(HostSettings.defaults());
		FakePlugins plugins = new FakePlugins();
		plugins.put(status);
		this.contributor = new PluggableHealthContributor(this.host, null, null, plugins);
	}

}
