package dev.pluggable.spring.endpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.EnvironmentSettings;
import dev.pluggable.plugin.PluginGuard;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.spring.OwnUser;
import dev.pluggable.spring.autoconfigure.host.FakePlugins;
import dev.pluggable.spring.endpoint.PluggableDescriptor.BrokeredDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.ComponentDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.EndpointDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.FolderDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.ListenerDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.PluginDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.SkippedDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.SocketDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.StreamDescriptor;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.listener.ListenerStatus;
import dev.pluggable.stream.StreamStatus;
import dev.pluggable.transport.TransportType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.BDDMockito;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PluggableEndpoint}.
 */
class PluggableEndpointTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	@TempDir
	private Path folder;

	private HostSettings settings() {
		return HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(List.of(new ComponentDeclaration("orders", ComponentType.of("state.h2"), true,
					Map.of("password", "hunter2"), HostSettings.defaultComponentSettings())));
	}

	@Test
	void showsEverything() throws Exception {
		Path socket = this.folder.resolve("h2.sock");
		Files.createFile(this.folder.resolve("junk.txt"));
		try (FakeStateServer server = new FakeStateServer(socket).start();
				ComponentHost host = new ComponentHost(settings())) {
			host.start();
			assertThat(host.awaitRequired(TIMEOUT)).isEmpty();
			PluggableDescriptor descriptor = new PluggableEndpoint(host, null, null, null, null).pluggable();
			assertThat(descriptor.transport().type()).isEqualTo("epoll");
			assertThat(descriptor.folders()).containsExactly(new FolderDescriptor(this.folder.toString(),
					FolderStatus.State.READABLE, null, true, List.of(new SocketDescriptor("h2", socket.toString())),
					List.of(new SkippedDescriptor("junk.txt", "not a socket"))));
			assertThat(descriptor.endpoints()).singleElement().satisfies((endpoint) -> {
				assertThat(endpoint.name()).isEqualTo("h2");
				assertThat(endpoint.socket()).isEqualTo(socket.toString());
				assertThat(endpoint.state()).isEqualTo(EndpointState.READY);
				assertThat(endpoint.generation()).isEqualTo(1);
				assertThat(endpoint.transport()).isEqualTo("epoll");
				assertThat(endpoint.peer()).isNotNull();
				assertThat(endpoint.peer().uid()).isEqualTo(OwnUser.uid());
				assertThat(endpoint.peer().pid()).isEqualTo(ProcessHandle.current().pid());
				assertThat(endpoint.services()).contains("dapr.proto.components.v1.StateStore");
				assertThat(endpoint.components()).containsExactly("orders");
				assertThat(endpoint.conflicts()).isEmpty();
			});
			assertThat(descriptor.components()).filteredOn((component) -> !component.builtIn())
				.singleElement()
				.satisfies((component) -> {
					assertThat(component.id()).isEqualTo("orders");
					assertThat(component.type()).isEqualTo("state.h2");
					assertThat(component.state()).isEqualTo(ComponentState.READY);
					assertThat(component.features()).containsExactly("ETAG");
					assertThat(component.declared()).isTrue();
					assertThat(component.required()).isTrue();
					assertThat(component.builtIn()).isFalse();
					assertThat(component.endpoint()).isEqualTo("h2");
				});
			assertThat(descriptor.toString()).doesNotContain("hunter2");
		}
	}

	@Test
	void saysWhyTransportsAreNotUsed() {
		try (ComponentHost host = new ComponentHost(settings().withTransport(TransportType.NIO))) {
			assertThat(new PluggableEndpoint(host, null, null, null, null).pluggable().transport().type())
				.isEqualTo("nio");
		}
	}

	@Test
	void showsWhatIsNotThereYet() {
		try (ComponentHost host = new ComponentHost(settings())) {
			PluggableDescriptor descriptor = new PluggableEndpoint(host, null, null, null, null).pluggable();
			assertThat(descriptor.folders()).isEmpty();
			assertThat(descriptor.endpoints()).singleElement().satisfies((endpoint) -> {
				assertThat(endpoint.state()).isEqualTo(EndpointState.WAITING);
				assertThat(endpoint.socket()).isNull();
				assertThat(endpoint.peer()).isNull();
			});
		}
	}

	@Test
	void showsConflicts() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("in-memory.sock")).start();
				ComponentHost host = new ComponentHost(settings())) {
			host.start();
			assertThat(host.awaitFirstLook(TIMEOUT)).isTrue();
			assertThat(new PluggableEndpoint(host, null, null, null, null).pluggable().endpoints())
				.filteredOn((endpoint) -> endpoint.name().equals("in-memory"))
				.singleElement()
				.extracting(EndpointDescriptor::conflicts)
				.satisfies((conflicts) -> assertThat(conflicts).containsOnlyKeys("state"));
		}
	}

	@Test
	void showsListeners() {
		StreamStatus stream = new StreamStatus(StreamStatus.State.ACTIVE, null, 3, Instant.EPOCH, 2, 10, 1);
		ListenerRegistry listeners = Mockito.mock(ListenerRegistry.class);
		BDDMockito.given(listeners.listeners())
			.willReturn(List.of(
					new ListenerStatus("a", "Orders.on", PubSub.class, "bus", "orders", ListenerStatus.State.LISTENING,
							null, stream),
					new ListenerStatus("b", "Orders.tick", InputBinding.class, "cron", null,
							ListenerStatus.State.WAITING, "there is no InputBinding 'cron'", null)));
		try (ComponentHost host = new ComponentHost(settings())) {
			assertThat(new PluggableEndpoint(host, null, null, null, null).pluggable().listeners()).isEmpty();
			assertThat(new PluggableEndpoint(host, null, listeners, null, null).pluggable().listeners())
				.containsExactly(
						new ListenerDescriptor("a", "Orders.on", "PubSub", "bus", "orders",
								ListenerStatus.State.LISTENING, null,
								new StreamDescriptor(StreamStatus.State.ACTIVE, null, 3, Instant.EPOCH, 2, 10, 1)),
						new ListenerDescriptor("b", "Orders.tick", "InputBinding", "cron", null,
								ListenerStatus.State.WAITING, "there is no InputBinding 'cron'", null));
		}
	}

	@Test
	void showsOneComponent() {
		try (ComponentHost host = new ComponentHost(HostSettings.defaults())) {
			PluggableEndpoint endpoint = new PluggableEndpoint(host, null, null, null, null);
			ComponentDescriptor component = endpoint.component("in-memory.state");
			assertThat(component).isNotNull();
			assertThat(component.builtIn()).isTrue();
			assertThat(component.endpoint()).isNull();
			assertThat(endpoint.component("in-memory")).isNull();
		}
	}

	@Test
	void showsPlugins() {
		FakePlugins plugins = new FakePlugins();
		plugins.put(FakePlugins.status("relayer", PluginState.READY, null));
		try (ComponentHost host = new ComponentHost(HostSettings.defaults())) {
			assertThat(new PluggableEndpoint(host, null, null, null, null).pluggable().plugins()).isEmpty();
			assertThat(new PluggableEndpoint(host, null, null, null, plugins).pluggable().plugins())
				.containsExactly(new PluginDescriptor("relayer", PluginState.READY, null, FakePlugins.SINCE, 4711L, 3,
						2, FakePlugins.SINCE, PluginProtocol.GO_PLUGIN, 1, true, true, PluginGuard.SUBREAPER, 137,
						List.of("panic: no"),
						List.of(new BrokeredDescriptor(1, "keystore", FakePlugins.SINCE),
								new BrokeredDescriptor(2, "data", FakePlugins.SINCE)),
						List.of(new BrokeredDescriptor(1, "provider", FakePlugins.SINCE)), true, false));
		}
	}

	@Test
	void showsNoCommandAndNoEnvironment() {
		PluginSettings plugin = PluginSettings.of("relayer", List.of("/no/such/program", "--token=s3cret"))
			.withEnvironment(new EnvironmentSettings(Set.of(), Map.of("TOKEN", "s3cret")));
		try (ComponentHost host = new ComponentHost(HostSettings.defaults().withPlugins(List.of(plugin)))) {
			host.start();
			Awaitility.await()
				.atMost(TIMEOUT)
				.until(() -> host.plugins().status("relayer").orElseThrow().reason() != null);
			assertThat(new PluggableEndpoint(host, null, null, null, host.plugins()).pluggable().toString())
				.contains("relayer")
				.doesNotContain("s3cret");
		}
	}

}
