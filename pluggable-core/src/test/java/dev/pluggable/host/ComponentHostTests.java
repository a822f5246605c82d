package dev.pluggable.host;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import com.google.protobuf.ByteString;
import dev.pluggable.Component;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentImplementation;
import dev.pluggable.ComponentInitializationException;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Components;
import dev.pluggable.Draining;
import dev.pluggable.MessageTooLargeException;
import dev.pluggable.ProbeResult;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import dev.pluggable.transport.TransportType;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.services.ProtoReflectionService;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ComponentHost} with real sockets.
 */
class ComponentHostTests {

	@TempDir
	Path folder;

	private final List<AutoCloseable> closeables = new ArrayList<>();

	private final List<ComponentEvent> events = java.util.Collections.synchronizedList(new ArrayList<>());

	private ComponentHost host;

	@AfterEach
	void close() throws Exception {
		if (this.host != null) {
			this.host.close();
		}
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("pluggable-") && thread.isAlive()));
	}

	@Test
	void whenThereIsNothingThenTheBuiltInStoreIsThere() {
		start(settings());
		assertThat(stores().list()).singleElement().satisfies((component) -> {
			assertThat(component.name()).isEqualTo("in-memory");
			assertThat(component.id()).isEqualTo("in-memory.state");
			assertThat(component.endpoint()).isNull();
			component.instance().set("k", bytes("v"));
			assertThat(component.instance().get("k").orElseThrow().value()).isEqualTo(bytes("v"));
		});
	}

	@ParameterizedTest
	@EnumSource(value = TransportType.class, names = { "EPOLL", "NIO" })
	void whenASocketIsThereThenItIsAComponent(TransportType transport) {
		FakeStateServer server = server("redis.sock").start();
		start(settings().withTransport(transport));
		assertThat(this.host.awaitFirstLook(Duration.ofSeconds(10))).isTrue();
		StateStore store = stores().get("redis");
		store.set("k", bytes("v"));
		assertThat(store.get("k").map(StateItem::value)).contains(bytes("v"));
		assertThat(server.inits).containsExactly("redis{}");
		assertThat(server.gets).containsExactly("redis");
		EndpointStatus status = endpoint("redis");
		assertThat(status.state()).isEqualTo(EndpointState.READY);
		assertThat(status.generation()).isEqualTo(1);
		assertThat(status.peer()).isNotNull();
		assertThat(status.services()).contains("dapr.proto.components.v1.StateStore");
		if (transport == TransportType.EPOLL) {
			assertThat(status.peer().pid()).isEqualTo(ProcessHandle.current().pid());
		}
	}

	@Test
	void whenASocketComesLaterThenItIsFoundAndTheArrivalIsAnEvent() {
		start(settings());
		server("late.sock").start();
		ready("late");
		assertThat(stores().get("late").features()).containsExactly("ETAG");
		assertThat(this.events).anySatisfy((event) -> {
			assertThat(event.change()).isEqualTo(ComponentEvent.Change.ADDED);
			assertThat(event.component().name()).isEqualTo("late");
		});
	}

	@Test
	void whenOnlyReflectionV1AlphaIsServedThenItIsEnough() {
		@SuppressWarnings("deprecation")
		io.grpc.BindableService alpha = ProtoReflectionService.newInstance();
		server("alpha.sock").with(alpha).start();
		start(settings());
		ready("alpha");
	}

	@Test
	void whenADeclaredComponentIsNotThereThenCallsFailAtOnceAndSayWhy() {
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)));
		StateStore store = stores().get("orders");
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"))
			.withMessageContaining("'orders'")
			.withMessageContaining("Get")
			.satisfies((ex) -> {
				assertThat(ex.mayHaveBeenApplied()).isFalse();
				assertThat(ex.getComponent()).isEqualTo("orders");
				assertThat(ex.getOperation()).isEqualTo("Get");
			});
		assertThat(stores().find("in-memory")).isEmpty();
	}

	@Test
	void whenACallMayWaitThenItGoesThroughOnceTheComponentComes() {
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ofSeconds(20))));
		StateStore store = stores().get("orders");
		CompletableFuture<Void> call = CompletableFuture.runAsync(() -> store.set("k", bytes("v")));
		FakeStateServer server = server("h2.sock").start();
		call.orTimeout(20, TimeUnit.SECONDS).join();
		assertThat(server.values()).containsEntry("k", ByteString.copyFromUtf8("v"));
	}

	@Test
	void whenTheProcessIsReplacedThenTheSameObjectWorksAfterInitWithTheSameMetadata() {
		FakeStateServer first = server("h2.sock").start();
		start(settings(declaration("orders", "state.h2", Map.of("url", "file"), Duration.ZERO)));
		ready("orders");
		StateStore store = stores().get("orders");
		store.set("k", bytes("v"));
		first.close();
		await().until(() -> component("orders").status().state() == ComponentState.UNAVAILABLE);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"));
		FakeStateServer second = server("h2.sock").start();
		ready("orders");
		assertThat(stores().get("orders")).isSameAs(store);
		assertThat(store.get("k").orElseThrow().value()).isEmpty();
		assertThat(first.inits).containsExactly("orders{url=file}");
		assertThat(second.inits).containsExactly("orders{url=file}");
		assertThat(endpoint("h2").generation()).isGreaterThan(1);
		assertThat(endpoint("h2").reconnects()).isEqualTo(1);
		assertThat(endpoint("h2").lastError()).isNotNull();
		assertThat(endpoint("h2").reason()).isNull();
	}

	@Test
	void whenANewProcessTakesTheSocketThenCallsUnderWayEndOnTheOldOne() throws Exception {
		FakeStateServer first = server("h2.sock").start();
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)));
		ready("orders");
		StateStore store = stores().get("orders");
		first.values().put("k", ByteString.copyFromUtf8("old"));
		first.getGate = new CountDownLatch(1);
		CompletableFuture<byte[]> slow = CompletableFuture.supplyAsync(() -> store.get("k").orElseThrow().value());
		first.getArrived.await(10, TimeUnit.SECONDS);
		FakeStateServer second = server("h2.sock").start();
		second.values().put("k", ByteString.copyFromUtf8("new"));
		await().until(() -> component("orders").status().generation() == 2);
		assertThat(store.get("k").orElseThrow().value()).isEqualTo(bytes("new"));
		first.getGate.countDown();
		assertThat(slow.get(10, TimeUnit.SECONDS)).isEqualTo(bytes("old"));
	}

	@Test
	void whenTheNewProcessCannotBeInitialisedThenTheOldOneStaysInUse() {
		FakeStateServer first = server("h2.sock").start();
		first.values().put("k", ByteString.copyFromUtf8("old"));
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)));
		ready("orders");
		FakeStateServer second = server("h2.sock");
		second.initStatus = () -> Status.INTERNAL.withDescription("no disk");
		second.start();
		await().until(() -> component("orders").status().reason() != null);
		assertThat(component("orders").status().state()).isEqualTo(ComponentState.READY);
		assertThat(component("orders").status().reason()).contains("generation 2").contains("no disk");
		assertThat(stores().get("orders").get("k").orElseThrow().value()).isEqualTo(bytes("old"));
		second.initStatus = () -> Status.OK;
		await().until(
				() -> component("orders").status().generation() == 2 && component("orders").status().reason() == null);
	}

	@Test
	void whenInitFailsThenItIsRepeatedAndTheReasonHasNoSecret() {
		FakeStateServer server = server("h2.sock");
		server.initStatus = () -> Status.INVALID_ARGUMENT.withDescription("cannot log in with hunter2\nat db:1");
		server.start();
		start(settings(declaration("orders", "state.h2", Map.of("dbPassword", "hunter2"), Duration.ZERO)));
		await().until(() -> component("orders").status().state() == ComponentState.INIT_FAILED);
		assertThat(component("orders").status().reason()).contains("cannot log in with ****** at db:1")
			.doesNotContain("hunter2");
		assertThat(endpoint("h2").state()).isEqualTo(EndpointState.READY);
		assertThat(endpoint("h2").lastError()).doesNotContain("hunter2");
		server.initStatus = () -> Status.OK;
		ready("orders");
	}

	@Test
	void whenInitHangsThenItEndsAtItsDeadlineAndOtherComponentsWork() {
		FakeStateServer server = server("h2.sock");
		server.initStatus = null;
		server.start();
		server("good.sock").start();
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO, Duration.ofMillis(300),
				Duration.ofSeconds(5), 1024 * 1024)));
		ready("good");
		await().until(() -> component("orders").status().state() == ComponentState.INIT_FAILED);
		assertThat(component("orders").status().reason()).startsWith("Init failed: no answer within 300ms");
	}

	@Test
	void whenInitEndsTheProcessThenTheReasonIsKeptAndItRecovers() {
		FakeStateServer server = server("h2.sock");
		CompletableFuture<Void> ended = new CompletableFuture<>();
		server.initStatus = () -> {
			new Thread(() -> {
				server.close();
				ended.complete(null);
			}, "end-of-server").start();
			return Status.UNAVAILABLE;
		};
		server.start();
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)));
		await().until(
				() -> endpoint("h2").state() == EndpointState.LOST || endpoint("h2").state() == EndpointState.WAITING);
		// The end deletes the socket, which must not be that of the next server.
		await().until(ended::isDone);
		server("h2.sock").start();
		ready("orders");
	}

	@Test
	void whenACallPassesItsDeadlineThenTheExceptionNamesTheProperty() {
		FakeStateServer server = server("h2.sock").start();
		server.getGate = new CountDownLatch(1);
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO, Duration.ofSeconds(5),
				Duration.ofMillis(200), 1024 * 1024)));
		ready("orders");
		assertThatExceptionOfType(ComponentTimeoutException.class).isThrownBy(() -> stores().get("orders").get("k"))
			.withMessageContaining("pluggable.components.orders.call-timeout");
		server.getGate.countDown();
	}

	@Test
	void whenAnAnswerIsTooLargeThenTheExceptionNamesTheProperty() {
		FakeStateServer server = server("h2.sock").start();
		server.values().put("k", ByteString.copyFrom(new byte[5000]));
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO, Duration.ofSeconds(5),
				Duration.ofSeconds(5), 4096)));
		ready("orders");
		assertThatExceptionOfType(MessageTooLargeException.class).isThrownBy(() -> stores().get("orders").get("k"))
			.withMessageContaining("pluggable.components.orders.max-inbound-message-size")
			.withMessageContaining("'pluggable.server.max-inbound-message-size' of a component in Java");
		assertThat(stores().get("orders").get("other").orElseThrow().value()).isEmpty();
	}

	@Test
	void whenTheConnectionIsLostDuringACallThenTheRequestMayHaveBeenApplied() throws Exception {
		FakeStateServer server = server("h2.sock").start();
		server.getGate = new CountDownLatch(1);
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)));
		ready("orders");
		CompletableFuture<?> call = CompletableFuture.runAsync(() -> stores().get("orders").get("k"));
		server.getArrived.await(10, TimeUnit.SECONDS);
		server.close();
		assertThat(call).failsWithin(Duration.ofSeconds(10))
			.withThrowableOfType(java.util.concurrent.ExecutionException.class)
			.withCauseInstanceOf(ComponentUnavailableException.class)
			.satisfies(
					(ex) -> assertThat(((ComponentUnavailableException) ex.getCause()).mayHaveBeenApplied()).isTrue());
		server.getGate.countDown();
	}

	@Test
	void whenTheDiscoveredSocketIsGoneForGoodThenTheComponentLeavesAndCanReturn() {
		FakeStateServer server = server("guest.sock").start();
		start(settings().withGoneAfter(Duration.ofMillis(50)));
		ready("guest");
		StateStore store = stores().get("guest");
		server.close();
		await().until(() -> stores().find("guest").isEmpty());
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"));
		server("guest.sock").start();
		ready("guest");
		assertThat(stores().get("guest")).isSameAs(store);
		await().untilAsserted(() -> assertThat(this.events).extracting(ComponentEvent::change)
			.containsSubsequence(ComponentEvent.Change.ADDED, ComponentEvent.Change.REMOVED,
					ComponentEvent.Change.ADDED));
	}

	@Test
	void whenAPingIsNotAnsweredThenTheComponentIsDownUntilItIsAgain() {
		FakeStateServer server = server("h2.sock").start();
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)).withEndpoints(new EndpointSettings(
				Duration.ofSeconds(5), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofSeconds(5))));
		await().until(() -> component("orders").status().probe().health() == ProbeResult.Health.UP);
		server.pingStatus = null;
		await().until(() -> component("orders").status().probe().health() == ProbeResult.Health.DOWN);
		assertThat(component("orders").status().probe().detail()).contains("no answer within 100ms");
		await().until(() -> endpoint("h2").probe().health() == ProbeResult.Health.DOWN);
		server.pingStatus = () -> Status.UNIMPLEMENTED;
		await().until(() -> component("orders").status().probe().health() == ProbeResult.Health.UNKNOWN);
		server.pingStatus = () -> Status.OK;
		await().until(() -> component("orders").status().probe().health() == ProbeResult.Health.UP);
	}

	@Test
	void whenAServedInstanceIsNotWellThenTheComponentIsDownUntilItIsAgain() {
		AtomicBoolean well = new AtomicBoolean(true);
		this.closeables
			.add(ComponentServer.inFolder(this.folder, "h2").serve(StateStoreKind.INSTANCE, (name, metadata) -> {
				StateStore store = new InMemoryStateStore();
				return store((method, arguments) -> {
					if (method.getName().equals("ping") && !well.get()) {
						throw new ComponentException("no disk", (Throwable) null);
					}
					return (method.getDeclaringClass() == StateStore.class) ? method.invoke(store, arguments)
							: CompletableFuture.completedFuture(null);
				});
			}).start());
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)).withEndpoints(new EndpointSettings(
				Duration.ofSeconds(5), Duration.ofMillis(50), Duration.ofSeconds(5), Duration.ofSeconds(5))));
		await().until(() -> component("orders").status().probe().health() == ProbeResult.Health.UP);
		well.set(false);
		await().until(() -> component("orders").status().probe().health() == ProbeResult.Health.DOWN);
		assertThat(component("orders").status().probe().detail()).contains("no disk");
		well.set(true);
		await().until(() -> component("orders").status().probe().health() == ProbeResult.Health.UP);
	}

	@Test
	void whenABuiltInComponentCannotBeDecoratedThenItIsClosed() {
		AtomicInteger closed = new AtomicInteger();
		StateStore store = store((method, arguments) -> {
			if (method.getName().equals("close")) {
				closed.incrementAndGet();
			}
			return null;
		});
		assertThatExceptionOfType(ComponentInitializationException.class).isThrownBy(() -> new ComponentHost(
				settings(declaration("orders", "state.mine", Map.of("keyPrefix", "appid"), Duration.ZERO)), List.of(),
				List.of(new ComponentImplementation<>(StateStoreKind.INSTANCE, "mine", (name, metadata) -> store)),
				(endpoint, builder) -> {
				}));
		assertThat(closed).hasValue(1);
	}

	@Test
	void whenAnInstanceCannotBeDrainedThenTheHostClosesAllTheSame() {
		AtomicInteger closed = new AtomicInteger();
		StateStore store = store((method, arguments) -> switch (method.getName()) {
			case "drain" -> throw new IllegalStateException("no");
			case "close" -> closed.incrementAndGet();
			default -> Set.of();
		});
		this.host = new ComponentHost(settings(declaration("orders", "state.mine", Map.of(), Duration.ZERO)), List.of(),
				List.of(new ComponentImplementation<>(StateStoreKind.INSTANCE, "mine", (name, metadata) -> store)),
				(endpoint, builder) -> {
				});
		this.host.start();
		this.host.close();
		assertThat(closed).hasValue(1);
	}

	/**
	 * Create a store that implements all optional interfaces.
	 */
	private static StateStore store(Invocation invocation) {
		return (StateStore) Proxy.newProxyInstance(StateStore.class.getClassLoader(),
				new Class<?>[] { StateStore.class, Draining.class, AutoCloseable.class }, (self, method, arguments) -> {
					if (method.getDeclaringClass() == Object.class) {
						return switch (method.getName()) {
							case "equals" -> self == arguments[0];
							case "hashCode" -> System.identityHashCode(self);
							default -> "store";
						};
					}
					try {
						Object result = invocation.invoke(method, arguments);
						return (method.getReturnType() == void.class) ? null : result;
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

	private interface Invocation {

		Object invoke(Method method, Object[] arguments) throws Throwable;

	}

	@Test
	void whenNobodyListensThenTheEndpointSaysSoAndRecovers() throws Exception {
		stale("h2.sock");
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)));
		await().until(() -> endpoint("h2").state() == EndpointState.FAILED);
		assertThat(endpoint("h2").reason()).contains("nobody listens");
		assertThat(component("orders").status().reason()).contains("nobody listens");
		server("h2.sock").start();
		ready("orders");
	}

	@Test
	void whenASocketAcceptsAndNeverAnswersThenOthersAreNotHeldUp() throws Exception {
		listen("hang.sock", null);
		server("good.sock").start();
		start(settings().withEndpoints(shortConnect()));
		ready("good");
		await().until(() -> endpoint("hang").state() == EndpointState.FAILED);
		assertThat(endpoint("hang").reason()).contains("no answer within 1200ms");
	}

	@Test
	void whenASocketSpeaksHttp1ThenTheReasonSaysThatItIsNotGrpc() throws Exception {
		listen("web.sock", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
		start(settings());
		await().until(() -> endpoint("web").state() == EndpointState.FAILED);
		assertThat(endpoint("web").reason()).contains("does not speak gRPC");
	}

	@Test
	void whenAServerHasNoReflectionThenItIsUsedOnlyIfDeclared() {
		server("mute.sock").with().start();
		server("told.sock").with().start();
		start(settings(declaration("orders", "state.told", Map.of(), Duration.ZERO)));
		ready("orders");
		await().until(() -> endpoint("mute").state() == EndpointState.FAILED);
		assertThat(endpoint("mute").reason()).contains("no gRPC reflection");
		assertThat(stores().find("mute")).isEmpty();
	}

	@Test
	void whenASocketHasTheNameOfABuiltInTypeThenTheBuiltInStays() {
		server("in-memory.sock").start();
		start(settings());
		await().until(() -> !this.host.conflicts("in-memory").isEmpty());
		assertThat(this.host.conflicts("in-memory").get("state")).contains("built-in");
		assertThat(stores().list()).singleElement().extracting(Component::endpoint).isNull();
	}

	@Test
	void whenAComponentOfAnotherTypeHasTheNameThenTheSocketIsReported() {
		server("orders.sock").start();
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)));
		await().until(() -> !this.host.conflicts("orders").isEmpty());
		assertThat(this.host.conflicts("orders").get("state")).contains("declared with another type");
		assertThat(component("orders").endpoint()).isEqualTo("h2");
	}

	@Test
	void whenCalledThenTheAuthorityIsLocalhost() {
		FakeStateServer server = server("h2.sock").start();
		start(settings());
		ready("h2");
		stores().get("h2").get("k");
		assertThat(server.authorities).containsOnly("localhost");
	}

	@Test
	void whenTwoComponentsShareASocketThenEachHasItsInstance() {
		FakeStateServer server = server("h2.sock").start();
		start(settings(declaration("a", "state.h2", Map.of("n", "1"), Duration.ZERO),
				declaration("b", "state.h2", Map.of("n", "2"), Duration.ZERO)));
		ready("a");
		ready("b");
		stores().get("a").get("k");
		stores().get("b").get("k");
		assertThat(server.inits).containsExactlyInAnyOrder("a{n=1}", "b{n=2}");
		assertThat(server.gets).containsExactly("a", "b");
		assertThat(stores().find("h2")).isEmpty();
	}

	@Test
	void whenTheFolderIsDeletedAndMadeAgainThenDiscoveryGoesOn() throws IOException {
		Path inner = this.folder.resolve("inner");
		start(settings().withSocketFolders(Set.of(inner)));
		Files.createDirectory(inner);
		FakeStateServer first = server("inner/a.sock").start();
		ready("a");
		first.close();
		await().until(() -> !Files.exists(inner.resolve("a.sock")));
		Files.delete(inner);
		await().until(() -> component("a").status().state() == ComponentState.UNAVAILABLE);
		Files.createDirectory(inner);
		server("inner/a.sock").start();
		ready("a");
	}

	@Test
	void whenThereAre500SocketsThatNobodyListensOnThenAGoodOneIsStillFound() throws Exception {
		for (int i = 0; i < 500; i++) {
			stale("stale" + i + ".sock");
		}
		server("good.sock").start();
		start(settings());
		ready("good");
		await().until(() -> this.host.endpoints()
			.stream()
			.filter((status) -> status.state() == EndpointState.FAILED)
			.count() == 500);
	}

	@ParameterizedTest
	@EnumSource(value = Status.Code.class, names = { "DATA_LOSS", "UNKNOWN", "NOT_FOUND", "CANCELLED", "INTERNAL" })
	void whenAComponentReportsAFailureThenItsStatusIsKept(Status.Code code) {
		FakeStateServer server = server("h2.sock").start();
		server.getStatus = () -> code.toStatus().withDescription("as sent");
		start(settings());
		ready("h2");
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> stores().get("h2").get("k"))
			.withMessageContaining("as sent")
			.satisfies((ex) -> assertThat(ex.getStatusCode()).isEqualTo(code));
	}

	@Test
	void whenAComponentReportsThatItIsUnavailableThenTheRequestMayHaveBeenApplied() {
		FakeStateServer server = server("h2.sock").start();
		server.getStatus = () -> Status.UNAVAILABLE;
		start(settings());
		ready("h2");
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> stores().get("h2").get("k"))
			.satisfies((ex) -> assertThat(ex.mayHaveBeenApplied()).isTrue());
		assertThat(server.gets).hasSize(1);
	}

	@Test
	void whenAMethodIsNotImplementedThenTheExceptionSaysSo() {
		server("h2.sock").start();
		start(settings());
		ready("h2");
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> stores().get("h2").delete("k"))
			.withMessageContaining("Delete");
	}

	@Test
	void whenAnInterceptorHidesTheTransportThenNothingIsSentTwice() {
		FakeStateServer server = server("h2.sock").start();
		start(settings(), (endpoint, builder) -> builder.intercept(new AttributeHidingInterceptor()));
		ready("h2");
		server.getStatus = () -> Status.UNAVAILABLE;
		// The host cannot see that the request was sent, and must assume it.
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> stores().get("h2").get("k"))
			.satisfies((ex) -> assertThat(ex.mayHaveBeenApplied()).isTrue());
		assertThat(server.gets).hasSize(1);
		server.getStatus = () -> Status.OK;
		assertThat(stores().get("h2").get("k")).isPresent();
	}

	@Test
	void whenACustomizerFailsForOneEndpointThenOthersAreFoundAndDiscoveryGoesOn() {
		server("bad.sock").start();
		server("good.sock").start();
		start(settings(), (endpoint, builder) -> {
			if (endpoint.equals("bad")) {
				throw new NoClassDefFoundError("as a missing jar does");
			}
		});
		ready("good");
		await().until(() -> endpoint("bad").state() == EndpointState.FAILED);
		server("later.sock").start();
		ready("later");
	}

	@Test
	void whenAListenerOfEventsClosesTheHostThenItDoesNotWaitForItselfAndIsNotInterrupted() throws Exception {
		CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
		AtomicLong nanos = new AtomicLong();
		server("memory.sock").start();
		this.host = new ComponentHost(settings());
		this.host.registry().onEvent((event) -> {
			long begun = System.nanoTime();
			this.host.close();
			nanos.set(System.nanoTime() - begun);
			interrupted.complete(Thread.currentThread().isInterrupted());
		});
		this.host.start();
		assertThat(interrupted.get(30, TimeUnit.SECONDS)).isFalse();
		assertThat(Duration.ofNanos(nanos.get())).isLessThan(Duration.ofSeconds(4));
	}

	@Test
	void whenTheHostClosesThenWaitingCallsEndAtOnceAndLaterOnesDoNotWait() throws Exception {
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ofMinutes(5))));
		StateStore store = stores().get("orders");
		CompletableFuture<?> waiting = CompletableFuture.runAsync(() -> store.get("k"));
		this.host.close();
		assertThat(waiting).failsWithin(Duration.ofSeconds(10))
			.withThrowableOfType(java.util.concurrent.ExecutionException.class)
			.withCauseInstanceOf(ComponentUnavailableException.class);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("k"))
			.withMessageContaining("stopping");
	}

	@Test
	void whenInitHangsThenTheHostStillClosesAtOnce() {
		FakeStateServer server = server("h2.sock");
		server.initStatus = null;
		server.start();
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO, Duration.ofMinutes(5),
				Duration.ofSeconds(5), 1024)));
		await().until(() -> !server.inits.isEmpty());
		org.junit.jupiter.api.Assertions.assertTimeout(Duration.ofSeconds(5), this.host::close);
	}

	@Test
	void whenInitAnswersUnavailableThenTheReasonIsTheComponentsOwn() {
		FakeStateServer server = server("h2.sock");
		server.initStatus = () -> Status.UNAVAILABLE.withDescription("cannot reach redis");
		server.start();
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)));
		await().until(() -> component("orders").status().state() == ComponentState.INIT_FAILED);
		assertThat(component("orders").status().reason()).contains("cannot reach redis");
	}

	@Test
	void whenAComponentRepeatsItsSecretsThenTheyAreHiddenEverywhere() {
		FakeStateServer server = server("h2.sock").start();
		start(settings(
				declaration("orders", "state.h2", Map.of("redisPassword", "abcdef", "token", "abc"), Duration.ZERO)));
		ready("orders");
		server.getStatus = () -> Status.INTERNAL.withDescription("dial abcdef@h failed\nforged line");
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> stores().get("orders").get("k"))
			.satisfies((ex) -> assertThat(String.valueOf(ex) + ex.getCause()).contains("dial ******@h failed")
				.doesNotContain("abc", "def")
				.doesNotContain("\n"));
		server.pingStatus = () -> Status.INTERNAL.withDescription("no abcdef");
		this.host.endpoints();
		server.getStatus = () -> Status.DEADLINE_EXCEEDED;
		assertThatExceptionOfType(ComponentTimeoutException.class).isThrownBy(() -> stores().get("orders").get("k"));
		await().until(() -> component("orders").status().probe().health() == ProbeResult.Health.DOWN);
		assertThat(component("orders").status().probe().detail()).contains("no ******").doesNotContain("abc");
	}

	@Test
	void whenTheOldProcessLivesAndTheNewSocketIsDeadThenItIsLoggedOnce() throws Exception {
		server("h2.sock").start();
		start(settings(declaration("orders", "state.h2", Map.of(), Duration.ZERO)));
		ready("orders");
		Files.delete(this.folder.resolve("h2.sock"));
		stale("h2.sock");
		await()
			.until(() -> endpoint("h2").lastError() != null && endpoint("h2").lastError().contains("nobody listens"));
		assertThat(component("orders").status().state()).isEqualTo(ComponentState.READY);
		assertThat(stores().get("orders").get("k")).isPresent();
	}

	@Test
	void whenManySocketsComeAndGoThenEndpointsDoNotPileUp() {
		start(settings().withGoneAfter(Duration.ofMillis(1)));
		for (int i = 0; i < 5; i++) {
			FakeStateServer server = server("guest" + i + ".sock").start();
			ready("guest" + i);
			server.close();
			String name = "guest" + i;
			await().until(() -> stores().find(name).isEmpty());
		}
		assertThat(this.host.endpoints()).isEmpty();
	}

	@Test
	void whenAListenerBlocksThenOthersAreToldAllTheSame() throws Exception {
		this.host = new ComponentHost(settings());
		CountDownLatch never = new CountDownLatch(1);
		this.host.registry().onEvent((event) -> {
			try {
				never.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		this.host.registry().onEvent(this.events::add);
		this.host.start();
		server("late.sock").start();
		await().until(() -> this.events.stream().anyMatch((event) -> event.component().name().equals("late")));
		never.countDown();
	}

	private static EndpointSettings shortConnect() {
		return new EndpointSettings(Duration.ofMillis(400), Duration.ofSeconds(10), Duration.ofSeconds(1),
				Duration.ofSeconds(5));
	}

	private HostSettings settings(ComponentDeclaration... declarations) {
		return HostSettings.defaults().withSocketFolders(Set.of(this.folder)).withDeclarations(List.of(declarations));
	}

	private static ComponentDeclaration declaration(String name, String type, Map<String, String> metadata,
			Duration waitForReady) {
		return new ComponentDeclaration(name, ComponentType.of(type), false, metadata,
				new ComponentSettings(Duration.ofSeconds(5), Duration.ofSeconds(5), waitForReady, 4 * 1024 * 1024));
	}

	private static ComponentDeclaration declaration(String name, String type, Map<String, String> metadata,
			Duration waitForReady, Duration initTimeout, Duration callTimeout, int maxSize) {
		return new ComponentDeclaration(name, ComponentType.of(type), false, metadata,
				new ComponentSettings(callTimeout, initTimeout, waitForReady, maxSize));
	}

	private void start(HostSettings settings) {
		start(settings, (endpoint, builder) -> {
		});
	}

	private void start(HostSettings settings, ComponentChannelCustomizer customizer) {
		this.host = new ComponentHost(settings, List.of(), List.of(), customizer);
		this.host.registry().onEvent(this.events::add);
		this.host.start();
	}

	@Test
	void whenAFolderHasManyDeadSocketsThenTheLogNamesAFewAndCountsTheOthers() throws Exception {
		int dead = 300;
		for (int i = 0; i < dead; i++) {
			stale("dead-" + i + ".sock");
		}
		stale("orders.sock");
		try (LogCapture log = new LogCapture()) {
			start(settings(declaration("orders", "state.orders", Map.of(), Duration.ZERO)));
			await().untilAsserted(() -> assertThat(
					log.text().lines().filter((line) -> line.contains("Endpoint 'dead-") && line.contains("FAILED")))
				.hasSizeGreaterThanOrEqualTo(dead));
			assertThat(log.text().lines().filter((line) -> line.startsWith("WARN Endpoint 'dead-"))).hasSize(20);
			assertThat(log.text()).contains("WARN Endpoint 'orders' is FAILED");
		}
	}

	private FakeStateServer server(String name) {
		FakeStateServer server = new FakeStateServer(this.folder.resolve(name));
		this.closeables.add(server);
		return server;
	}

	private void stale(String name) throws IOException {
		try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			server.bind(UnixDomainSocketAddress.of(this.folder.resolve(name)));
		}
	}

	/**
	 * Listen on a socket that accepts connections and answers with a text or not at all.
	 */
	private void listen(String name, String answer) throws IOException {
		ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
		server.bind(UnixDomainSocketAddress.of(this.folder.resolve(name)));
		List<SocketChannel> accepted = java.util.Collections.synchronizedList(new ArrayList<>());
		Thread thread = new Thread(() -> {
			try {
				while (true) {
					SocketChannel channel = server.accept();
					accepted.add(channel);
					if (answer != null) {
						channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
					}
				}
			}
			catch (IOException ex) {
				// The test has ended and closed the socket.
			}
		}, "test-listener");
		thread.setDaemon(true);
		thread.start();
		this.closeables.add(() -> {
			server.close();
			for (SocketChannel channel : accepted) {
				channel.close();
			}
			thread.join();
		});
	}

	private Components<StateStore> stores() {
		return this.host.registry().components(StateStoreKind.INSTANCE);
	}

	private Component<StateStore> component(String name) {
		return this.host.registry().find(StateStoreKind.INSTANCE, name).orElseThrow();
	}

	private EndpointStatus endpoint(String name) {
		return this.host.endpoints()
			.stream()
			.filter((status) -> status.name().equals(name))
			.findFirst()
			.orElse(new EndpointStatus(name, null, null, EndpointState.WAITING, null, java.time.Instant.EPOCH, 0, null,
					0, null, Set.of(), ProbeResult.NONE));
	}

	private void ready(String name) {
		await().until(() -> this.host.registry()
			.find(StateStoreKind.INSTANCE, name)
			.filter((component) -> component.status().state() == ComponentState.READY)
			.isPresent());
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(5));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Hides the attributes of the transport and passes everything else on.
	 */
	private static final class AttributeHidingInterceptor implements ClientInterceptor {

		@Override
		public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
			ClientCall<Q, R> call = next.newCall(method, options);
			return new ClientCall<>() {

				@Override
				public void start(Listener<R> listener, Metadata headers) {
					call.start(listener, headers);
				}

				@Override
				public void request(int count) {
					call.request(count);
				}

				@Override
				public void cancel(String message, Throwable cause) {
					call.cancel(message, cause);
				}

				@Override
				public void halfClose() {
					call.halfClose();
				}

				@Override
				public void sendMessage(Q message) {
					call.sendMessage(message);
				}

			};
		}

	}

}
