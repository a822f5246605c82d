package dev.pluggable.spring.autoconfigure.server;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import dev.pluggable.Component;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.MessageTooLargeException;
import dev.pluggable.fixtures.DelegatingStateStore;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.server.ComponentServerException;
import dev.pluggable.spring.autoconfigure.diagnostics.PluggableDiagnosticsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.endpoint.PluggableEndpointAutoConfiguration;
import dev.pluggable.spring.autoconfigure.grpc.PluggableGrpcInterceptorsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.health.PluggableHealthContributorAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableProperties;
import dev.pluggable.spring.endpoint.PluggableDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.ServedDescriptor;
import dev.pluggable.spring.endpoint.PluggableEndpoint;
import dev.pluggable.spring.server.ComponentServers;
import dev.pluggable.spring.server.PluggableComponent;
import dev.pluggable.state.GetRequest;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.reflection.v1alpha.ServerReflectionGrpc;
import io.grpc.reflection.v1alpha.ServerReflectionRequest;
import io.grpc.reflection.v1alpha.ServerReflectionResponse;
import io.grpc.reflection.v1alpha.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PluggableServerAutoConfiguration} with hosts as clients.
 */
@Timeout(180)
class PluggableServerAutoConfigurationTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	@TempDir
	Path folder;

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableServerAutoConfiguration.class,
					PluggableAutoConfiguration.class, PluggableDiagnosticsAutoConfiguration.class,
					PluggableEndpointAutoConfiguration.class, PluggableGrpcInterceptorsAutoConfiguration.class,
					PluggableHealthContributorAutoConfiguration.class))
			.withPropertyValues("pluggable.server.folder=" + this.folder, "pluggable.socket-folders=" + this.folder,
					"management.endpoints.web.exposure.include=*");
	}

	/**
	 * Run a host that acts like the host of another application.
	 */
	private void withHost(Map<String, ComponentType> declarations, Consumer<ComponentHost> use) {
		try (ComponentHost host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(declarations.entrySet()
				.stream()
				.map((entry) -> new ComponentDeclaration(entry.getKey(), entry.getValue(), true,
						Map.of("who", entry.getKey()), HostSettings.defaultComponentSettings()))
				.toList()))) {
			host.start();
			assertThat(host.awaitRequired(TIMEOUT)).isEmpty();
			use.accept(host);
		}
	}

	private static StateStore store(ComponentHost host, String name) {
		return host.registry().find(StateStoreKind.INSTANCE, name).map(Component::instance).orElseThrow();
	}

	@Test
	void whenNothingSaysThatTheApplicationIsAComponentThenNothingIsServed() {
		runner().withUserConfiguration(OneStore.class).run((context) -> {
			assertThat(context).hasNotFailed()
				.hasSingleBean(ComponentHost.class)
				.doesNotHaveBean(ComponentServers.class)
				.doesNotHaveBean(PluggableServerProperties.class);
			assertThat(this.folder).isEmptyDirectory();
		});
	}

	@Test
	void whenNameIsSetThenBeansOfAKindAreServedToAllByTheSameObject() {
		runner().withUserConfiguration(OneStore.class)
			.withPropertyValues("pluggable.server.name=mine")
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(ComponentHost.class);
				withHost(Map.of("a", ComponentType.of("state.mine"), "b", ComponentType.of("state.mine")), (host) -> {
					store(host, "a").set("k", bytes("v"));
					assertThat(store(host, "b").get("k").map(StateItem::text)).contains("v");
					assertThat(context.getBean(StateStore.class).get("k").map(StateItem::text)).contains("v");
				});
			});
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenBeanIsAFactoryThenEachComponentHasAnObjectWithItsMetadata() {
		runner().withUserConfiguration(Factory.class).run((context) -> {
			assertThat(context).hasNotFailed();
			Factory factory = context.getBean(Factory.class);
			withHost(Map.of("a", ComponentType.of("state.made"), "b", ComponentType.of("state.made")), (host) -> {
				assertThat(factory.made).containsOnly(Map.entry("a", Map.of("who", "a")),
						Map.entry("b", Map.of("who", "b")));
				store(host, "a").set("k", bytes("v"));
				assertThat(store(host, "b").get("k")).isEmpty();
				PluggableDescriptor descriptor = context.getBean(PluggableEndpoint.class).pluggable();
				assertThat(descriptor.transport()).isNull();
				assertThat(descriptor.components()).isEmpty();
				assertThat(descriptor.servers()).singleElement().satisfies((server) -> {
					assertThat(server.name()).isEqualTo("made");
					assertThat(server.socket()).isEqualTo(this.folder.resolve("made.sock").toString());
					assertThat(server.reachable()).isTrue();
					assertThat(server.kinds())
						.isEqualTo(Map.of("state", new ServedDescriptor("stores", Set.of("a", "b"))));
				});
				assertThat(descriptor.toString()).doesNotContain("who");
			});
			assertThat(factory.closed).hasValue(0);
			context.close();
			assertThat(factory.closed).hasValue(2);
		});
	}

	@Test
	void whenBeansHaveNamesThenEachNameHasASocket() {
		runner().withUserConfiguration(TwoStores.class).withPropertyValues("second=b").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(ComponentServers.class).sockets())
				.extracting(ComponentServers.ServedSocket::name)
				.containsExactly("a", "b");
			withHost(Map.of("x", ComponentType.of("state.a"), "y", ComponentType.of("state.b")), (host) -> {
				store(host, "x").set("k", bytes("v"));
				assertThat(store(host, "y").get("k")).isEmpty();
			});
		});
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenASingletonIsRegisteredByHandThenItIsServedAndAnAbstractDefinitionIsNot() {
		runner().withInitializer((context) -> context.getBeanFactory().registerSingleton("byHand", new Marked()))
			.run((context) -> assertThat(context.getBean(ComponentServers.class).sockets())
				.extracting(ComponentServers.ServedSocket::name)
				.containsExactly("marked"));
		RootBeanDefinition template = new RootBeanDefinition(Marked.class);
		template.setAbstract(true);
		runner()
			.withInitializer((context) -> ((BeanDefinitionRegistry) context.getBeanFactory())
				.registerBeanDefinition("template", template))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ComponentServers.class));
	}

	/**
	 * Dapr uses plaintext HTTP/2 on the socket, and only the reflection service v1alpha.
	 */
	@Test
	void whenAskedByV1alphaReflectionThenServicesAndHealthAreThere() {
		runner().withUserConfiguration(OneStore.class)
			.withPropertyValues("pluggable.server.name=mine")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				withChannel(this.folder.resolve("mine.sock"), (channel) -> {
					assertThat(services(channel)).contains("dapr.proto.components.v1.StateStore",
							"dapr.proto.components.v1.TransactionalStateStore", "grpc.health.v1.Health",
							"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection");
					assertThat(HealthGrpc.newBlockingStub(channel)
						.withDeadlineAfter(20, TimeUnit.SECONDS)
						.check(HealthCheckRequest.getDefaultInstance())
						.getStatus()).isEqualTo(ServingStatus.SERVING);
				});
			});
	}

	@Test
	void whenHostAndComponentThenItsOwnBeansAreServedAndThoseOfOthersAreNot() {
		try (ComponentServer other = ComponentServer.inFolder(this.folder, "other")
			.serve(StateStoreKind.INSTANCE, (name, metadata) -> new InMemoryStateStore())
			.start()) {
			runner().withUserConfiguration(Caching.class)
				.withPropertyValues("pluggable.components.backend.type=state.other",
						"pluggable.components.local.type=state.in-memory", "pluggable.server.name=front")
				.run((context) -> {
					assertThat(context).hasNotFailed().hasSingleBean(ComponentHost.class).hasBean("backend");
					assertThat(context.getBean(ComponentServers.class).sockets()).singleElement()
						.satisfies((socket) -> assertThat(socket.beans()).isEqualTo(Map.of("state", "front")));
					withHost(Map.of("x", ComponentType.of("state.front")), (host) -> {
						store(host, "x").set("k", bytes("v"));
						assertThat(context.getBean("backend", StateStore.class).get("k").map(StateItem::text))
							.contains("v");
						assertThat(context.getBean("local", StateStore.class).get("k")).isEmpty();
					});
				});
			assertThat(other.socket()).exists();
		}
	}

	@Test
	void whenHostIsAskedForThenItIsThereBesideTheServers() {
		runner().withUserConfiguration(OneStore.class)
			.withPropertyValues("pluggable.server.name=mine", "pluggable.host.enabled=true")
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ComponentHost.class)
				.hasSingleBean(ComponentServers.class));
		runner().withPropertyValues("pluggable.host.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(ComponentHost.class)
				.doesNotHaveBean(PluggableProperties.class)
				.doesNotHaveBean(PluggableEndpoint.class));
	}

	@Test
	void whenAComponentHasPluginsThenItHasAHost() {
		runner().withUserConfiguration(OneStore.class)
			.withPropertyValues("pluggable.server.name=mine", "pluggable.plugins.relayer.command=sleep,1000",
					"pluggable.discovery.initial-wait=0s")
			.run((context) -> assertThat(context.getBean(ComponentHost.class).plugins().statuses()).hasSize(1));
	}

	@Test
	void whenStoppedUnderLoadThenNoAcceptedCallFailsAndItCanBeStartedAgain() {
		runner().withUserConfiguration(Counting.class).run((context) -> {
			assertThat(context).hasNotFailed();
			Counting counting = context.getBean(Counting.class);
			ComponentServers servers = context.getBean(ComponentServers.class);
			withHost(Map.of("x", ComponentType.of("state.counting")), (host) -> {
				StateStore store = store(host, "x");
				ExecutorService threads = Executors.newFixedThreadPool(8);
				try {
					List<Future<Integer>> answered = IntStream.range(0, 8)
						.mapToObj((i) -> threads.submit(() -> callUntilUnavailable(store)))
						.toList();
					Awaitility.await().atMost(TIMEOUT).until(() -> counting.handled.get() > 500);
					servers.stop();
					int sum = 0;
					for (Future<Integer> calls : answered) {
						sum += calls.get(60, TimeUnit.SECONDS);
					}
					assertThat(sum).isEqualTo(counting.handled.get()).isGreaterThan(500);
				}
				catch (Exception ex) {
					throw new AssertionError(ex);
				}
				finally {
					threads.shutdownNow();
				}
				assertThat(servers.isRunning()).isFalse();
				assertThat(this.folder).isEmptyDirectory();
				servers.start();
				Awaitility.await()
					.atMost(TIMEOUT)
					.until(() -> host.registry().find(StateStoreKind.INSTANCE, "x").orElseThrow().status().state(),
							ComponentState.READY::equals);
				assertThat(store.get("k")).isEmpty();
			});
		});
	}

	/**
	 * Call the store until the component is unavailable, and return the number of
	 * answered calls. The last error must say that the server has not received the call.
	 */
	private static int callUntilUnavailable(StateStore store) {
		for (int answered = 0;; answered++) {
			try {
				store.get("k");
			}
			catch (ComponentUnavailableException ex) {
				assertThat(ex.mayHaveBeenApplied()).as(ex.toString()).isFalse();
				return answered;
			}
		}
	}

	@Test
	void whenStoppedThenNoThreadIsLeftAndUntilThenOneKeepsTheApplicationAlive() {
		runner().withUserConfiguration(OneStore.class)
			.withPropertyValues("pluggable.server.name=mine")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(serverThreads()).anyMatch((thread) -> !thread.isDaemon());
			});
		Awaitility.await().atMost(TIMEOUT).untilAsserted(() -> assertThat(serverThreads()).isEmpty());
	}

	private static List<Thread> serverThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("pluggable-server"))
			.toList();
	}

	@Test
	void whenSocketIsStaleThenItIsReplacedAndWhenInUseThenTheStartFails() throws Exception {
		ApplicationContextRunner runner = runner().withUserConfiguration(OneStore.class)
			.withPropertyValues("pluggable.server.name=mine");
		Path socket = this.folder.resolve("mine.sock");
		try (ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			stale.bind(UnixDomainSocketAddress.of(socket));
		}
		assertThat(socket).exists();
		runner.run((context) -> {
			assertThat(context).hasNotFailed();
			runner.run((second) -> assertThat(NestedExceptionUtils.getMostSpecificCause(second.getStartupFailure()))
				.isInstanceOfSatisfying(ComponentServerException.class,
						(ex) -> assertThat(ex.getReason()).isEqualTo(ComponentServerException.Reason.IN_USE)));
			assertThat(context.getBean(ComponentServers.class).sockets().get(0).server().isReachable()).isTrue();
		});
		Files.createFile(this.folder.resolve("b.sock"));
		runner().withUserConfiguration(TwoStores.class)
			.withPropertyValues("second=b")
			.run((context) -> assertThat(context).hasFailed());
		assertThat(this.folder.resolve("a.sock")).doesNotExist();
	}

	@Test
	void whenPropertiesAreSetThenTheyCount() {
		runner().withUserConfiguration(OneStore.class)
			.withPropertyValues("pluggable.server.name=mine", "pluggable.server.permissions=rw-rw----",
					"pluggable.server.transport=nio", "pluggable.server.max-inbound-message-size=100KB",
					"pluggable.server.threads=2", "pluggable.server.shutdown-timeout=1s")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(
						PosixFilePermissions.toString(Files.getPosixFilePermissions(this.folder.resolve("mine.sock"))))
					.isEqualTo("rw-rw----");
				withHost(Map.of("x", ComponentType.of("state.mine")),
						(host) -> assertThatExceptionOfType(MessageTooLargeException.class)
							.isThrownBy(() -> store(host, "x").set("k", new byte[200 * 1024])));
			});
		runner().withUserConfiguration(OneStore.class)
			.withPropertyValues("pluggable.server.name=mine", "pluggable.server.auto-startup=false")
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(ComponentHost.class);
				assertThat(context.getBean(ComponentServers.class).isRunning()).isFalse();
				assertThat(this.folder).isEmptyDirectory();
			});
	}

	@ParameterizedTest
	@CsvSource({ "name,a/b", "permissions,0600", "threads,0", "shutdown-timeout,-1s", "max-inbound-message-size,0B",
			"folder,a\0b" })
	void whenPropertyMakesNoSenseThenTheStartFailsAndNamesIt(String property, String value) {
		runner().withUserConfiguration(OneStore.class)
			.withPropertyValues("pluggable.server.name=mine", "pluggable.server." + property + "=" + value)
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class,
						(ex) -> assertThat(ex.getName()).isEqualTo("pluggable.server." + property)));
	}

	@Test
	void whenBeansCannotBeServedThenTheStartFailsAndSaysWhatToChange() {
		assertFailure(runner().withPropertyValues("pluggable.server.name=mine"), "nothing to serve", "StateStore");
		assertFailure(runner().withUserConfiguration(Nameless.class), "'store'", "pluggable.server.name");
		assertFailure(runner().withUserConfiguration(BadName.class), "'a b'", "letters");
		assertFailure(runner().withUserConfiguration(NoKind.class), "'text'", "StateStore");
		assertFailure(runner().withUserConfiguration(RawFactory.class), "'stores'", "ComponentFactory<StateStore>");
		assertFailure(runner().withUserConfiguration(Prototype.class), "not a singleton", "ComponentFactory");
		assertFailure(runner().withUserConfiguration(TwoStores.class).withPropertyValues("second=a"),
				"'first' and 'second' are both state components on the socket 'a'", "@PluggableComponent");
	}

	private static void assertFailure(ApplicationContextRunner runner, String description, String action) {
		runner.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
			.isInstanceOfSatisfying(FailureAnalyzedException.class, (ex) -> {
				assertThat(ex.analysis().getDescription()).contains(description);
				assertThat(ex.analysis().getAction()).contains(action);
			}));
	}

	@Test
	void whenBootHasAGrpcServerThenBothServeAndShareGlobalInterceptors() {
		Path own = this.folder.resolve("boot");
		runner().withConfiguration(AutoConfigurations.of(GrpcServerAutoConfiguration.class, SslAutoConfiguration.class))
			.withUserConfiguration(OneStore.class, WithGrpc.class)
			.withPropertyValues("pluggable.server.name=mine", "spring.grpc.server.netty.domain-socket-path=" + own)
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(GrpcServerLifecycle.class);
				List<String> seen = context.getBean(WithGrpc.class).seen;
				withHost(Map.of("x", ComponentType.of("state.mine")),
						(host) -> assertThat(store(host, "x").get(GetRequest.of("k"))).isEmpty());
				assertThat(seen)
					.contains("1 dapr.proto.components.v1.StateStore/Get", "2 dapr.proto.components.v1.StateStore/Get")
					.noneMatch((call) -> call.contains("reflection") || call.startsWith("not global"));
				assertThat(seen.indexOf("1 dapr.proto.components.v1.StateStore/Init"))
					.isLessThan(seen.indexOf("2 dapr.proto.components.v1.StateStore/Init"));
				withChannel(own,
						(channel) -> assertThat(HealthGrpc.newBlockingStub(channel)
							.withDeadlineAfter(20, TimeUnit.SECONDS)
							.check(HealthCheckRequest.getDefaultInstance())
							.getStatus()).isEqualTo(ServingStatus.SERVING));
				assertThat(seen).contains("1 grpc.health.v1.Health/Check");
			});
	}

	@Test
	void whenOptionalPartsAreMissingThenBeansAreServed() {
		new ApplicationContextRunner().withUserConfiguration(Imported.class)
			.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate",
					"org.springframework.boot.health", "org.springframework.boot.grpc", "org.springframework.grpc",
					"org.springframework.web", "jakarta.servlet"))
			.withPropertyValues("pluggable.server.name=mine", "pluggable.server.folder=" + this.folder)
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean("pluggableEndpoint");
				withHost(Map.of("x", ComponentType.of("state.mine")),
						(host) -> assertThat(store(host, "x").get("k")).isEmpty());
			});
	}

	private static List<String> services(Channel channel) {
		ServerReflectionResponse response = ClientCalls
			.blockingServerStreamingCall(channel,
					ServerReflectionGrpc.getServerReflectionInfoMethod()
						.toBuilder()
						.setType(MethodDescriptor.MethodType.SERVER_STREAMING)
						.build(),
					CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
					ServerReflectionRequest.newBuilder().setListServices("").build())
			.next();
		return response.getListServicesResponse().getServiceList().stream().map(ServiceResponse::getName).toList();
	}

	private static void withChannel(Path socket, Consumer<ManagedChannel> use) {
		MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
		ManagedChannel channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
			.eventLoopGroup(group)
			.channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
			.overrideAuthority("localhost")
			.usePlaintext()
			.build();
		try {
			use.accept(channel);
		}
		finally {
			channel.shutdownNow();
			group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	@PluggableComponent(name = "marked")
	static class Marked extends DelegatingStateStore {

		Marked() {
			super(new InMemoryStateStore());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OneStore {

		@Bean
		InMemoryStateStore store() {
			return new InMemoryStateStore();
		}

	}

	/**
	 * Imports auto-configurations by name, as an application does. Spring reads the
	 * classes without loading them, so annotations on the classes may be missing.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableServerAutoConfiguration.class, PluggableAutoConfiguration.class,
			PluggableDiagnosticsAutoConfiguration.class, PluggableEndpointAutoConfiguration.class,
			PluggableGrpcInterceptorsAutoConfiguration.class, PluggableHealthContributorAutoConfiguration.class })
	static class Imported extends OneStore {

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoStores {

		@Bean
		@PluggableComponent(name = "a")
		StateStore first() {
			return new InMemoryStateStore();
		}

		@Bean
		@PluggableComponent(name = "${second}")
		StateStore second() {
			return new InMemoryStateStore();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Factory {

		final Map<String, Map<String, String>> made = new ConcurrentHashMap<>();

		final AtomicInteger closed = new AtomicInteger();

		@Bean
		@PluggableComponent(name = "made")
		ComponentFactory<StateStore> stores() {
			return (name, metadata) -> {
				this.made.put(name, metadata);
				return new ClosingStore(this.closed);
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Caching {

		@Bean
		StateStore front(@Qualifier("backend") StateStore backend) {
			return new DelegatingStateStore(backend);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Counting {

		final AtomicInteger handled = new AtomicInteger();

		@Bean
		@PluggableComponent(name = "counting")
		StateStore counting() {
			return new DelegatingStateStore(new InMemoryStateStore()) {

				@Override
				public Optional<StateItem> get(GetRequest request) {
					Counting.this.handled.incrementAndGet();
					return super.get(request);
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Nameless {

		@Bean
		@PluggableComponent
		StateStore store() {
			return new InMemoryStateStore();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BadName {

		@Bean
		@PluggableComponent(name = "a b")
		StateStore store() {
			return new InMemoryStateStore();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoKind {

		@Bean
		@PluggableComponent(name = "a")
		String text() {
			return "text";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RawFactory {

		@Bean
		@PluggableComponent(name = "a")
		ComponentFactory<?> stores() {
			return (name, metadata) -> new InMemoryStateStore();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototype {

		@Bean
		@Scope("prototype")
		@PluggableComponent(name = "a")
		StateStore store() {
			return new InMemoryStateStore();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithGrpc {

		final List<String> seen = new CopyOnWriteArrayList<>();

		@Bean
		BindableService health() {
			return new HealthStatusManager().getHealthService();
		}

		@Bean
		@Order(2)
		@GlobalServerInterceptor
		ServerInterceptor second() {
			return new Recording("2", this.seen);
		}

		@Bean
		@Order(1)
		@GlobalServerInterceptor
		ServerInterceptor first() {
			return new Recording("1", this.seen);
		}

		@Bean
		ServerInterceptor other() {
			return new Recording("not global", this.seen);
		}

	}

	private record Recording(String name, List<String> seen) implements ServerInterceptor {

		@Override
		public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
				ServerCallHandler<Q, R> next) {
			this.seen.add(this.name + " " + call.getMethodDescriptor().getFullMethodName());
			return next.startCall(call, headers);
		}

	}

	private static final class ClosingStore extends DelegatingStateStore implements AutoCloseable {

		private final AtomicInteger closed;

		ClosingStore(AtomicInteger closed) {
			super(new InMemoryStateStore());
			this.closed = closed;
		}

		@Override
		public void close() {
			this.closed.incrementAndGet();
		}

	}

}
