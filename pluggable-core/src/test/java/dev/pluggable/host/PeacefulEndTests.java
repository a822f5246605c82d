package dev.pluggable.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import io.grpc.Status;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for servers that end their connections in peace (GOAWAY): because of a maximum
 * age, or because they stop in order.
 */
class PeacefulEndTests {

	private static final int CALLERS = 4;

	@TempDir
	Path folder;

	private final List<AutoCloseable> closeables = new ArrayList<>();

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final LogCapture log = new LogCapture();

	private @Nullable ComponentHost host;

	@BeforeEach
	void collect() {
		this.closeables.add(this.log);
	}

	@AfterEach
	void close() throws Exception {
		this.threads.shutdownNow();
		if (this.host != null) {
			this.host.close();
		}
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
	}

	@ParameterizedTest
	@CsvSource({ "0,", "2000,", "2000,300", "2000,1500" })
	void whenConnectionsHaveAMaximumAgeThenNoCallFailsHoweverLongInitTakes(long initMillis, @Nullable Long graceMillis)
			throws Exception {
		FakeStateServer server = server().withConnectionAge(Duration.ofSeconds(1),
				(graceMillis != null) ? Duration.ofMillis(graceMillis) : null);
		server.start();
		Component<StateStore> component = start();
		ready(component);
		server.initTakes = Duration.ofMillis(initMillis);
		int before = server.inits.size();
		AtomicBoolean always = new AtomicBoolean(true);
		long calls = callWhile(component.instance(), () -> {
			always.compareAndSet(true, component.status().state() == ComponentState.READY
					&& this.host.endpoints().get(0).state() == EndpointState.READY);
			return this.host.endpoints().get(0).generation() < 5;
		});
		assertThat(calls).isPositive();
		assertThat(always).as("READY all the time").isTrue();
		assertThat(server.inits).as("the process is still initialised").hasSize(before);
		assertThat(component.status().generation()).isEqualTo(this.host.endpoints().get(0).generation());
		assertThat(this.log.text()).doesNotContain("WARN").doesNotContain("ERROR");
	}

	@Test
	void whenInitTakesLongerThanTheAgeThenTheComponentBecomesReadyAndNoCallFails() throws Exception {
		FakeStateServer server = server().withConnectionAge(Duration.ofSeconds(1), null);
		server.initTakes = Duration.ofSeconds(2);
		server.start();
		Component<StateStore> component = start();
		long calls = callWhile(component.instance(), () -> this.host.endpoints().get(0).generation() < 5);
		assertThat(calls).isPositive();
		assertThat(server.inits).hasSize(1);
		assertThat(this.log.text()).doesNotContain("WARN").doesNotContain("ERROR");
	}

	@Test
	void whenAProcessStopsInOrderAndAnotherTakesOverThenNoCallFailsHoweverLongInitTakes() throws Exception {
		FakeStateServer first = server().start();
		Component<StateStore> component = start();
		ready(component);
		CountDownLatch called = new CountDownLatch(100);
		Future<Long> calls = this.threads.submit(() -> callWhile(component.instance(), () -> {
			called.countDown();
			return component.status().generation() < 2;
		}));
		called.await();
		first.stopInPeace();
		FakeStateServer second = server();
		second.initTakes = Duration.ofSeconds(3);
		second.start();
		assertThat(calls.get(60, TimeUnit.SECONDS)).isPositive();
		assertThat(second.inits).hasSize(1);
		assertThat(second.gets).isNotEmpty();
	}

	@Test
	void whenACallIsInFlightAtTheEndOfItsConnectionThenItEndsThere() throws Exception {
		FakeStateServer server = server().withConnectionAge(Duration.ofSeconds(1), null).start();
		server.values().put("k", ByteString.copyFromUtf8("v"));
		Component<StateStore> component = start();
		ready(component);
		server.getGate = new CountDownLatch(1);
		Future<?> call = this.threads.submit(() -> component.instance().get("k").orElseThrow());
		assertThat(server.getArrived.await(30, TimeUnit.SECONDS)).isTrue();
		Awaitility.await().until(() -> component.status().generation() >= 3);
		server.getGate.countDown();
		assertThat(call.get(30, TimeUnit.SECONDS)).isNotNull();
		assertThat(server.gets).hasSize(1);
	}

	@Test
	void whenAnotherProcessTakesOverTheSocketThenALongCallEndsOnTheEarlierProcess() throws Exception {
		FakeStateServer first = server().start();
		first.values().put("k", ByteString.copyFromUtf8("first"));
		Component<StateStore> component = start();
		ready(component);
		first.getGate = new CountDownLatch(1);
		Future<String> call = this.threads
			.submit(() -> new String(component.instance().get("k").orElseThrow().value(), StandardCharsets.UTF_8));
		assertThat(first.getArrived.await(30, TimeUnit.SECONDS)).isTrue();
		FakeStateServer second = server().start();
		second.values().put("k", ByteString.copyFromUtf8("second"));
		Awaitility.await().until(() -> component.status().generation() == 2);
		assertThat(component.instance().get("k").orElseThrow().value()).asString(StandardCharsets.UTF_8)
			.isEqualTo("second");
		assertThat(call).isNotDone();
		first.getGate.countDown();
		assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("first");
	}

	@Test
	void whenAnotherProcessTakesOverTheSocketThenItsComponentsMoveTogether() throws Exception {
		FakeStateServer first = server().start();
		first.values().put("k", ByteString.copyFromUtf8("first"));
		List<Component<StateStore>> components = start("orders", "customers");
		components.forEach(PeacefulEndTests::ready);
		FakeStateServer second = server();
		second.values().put("k", ByteString.copyFromUtf8("second"));
		AtomicInteger inits = new AtomicInteger();
		AtomicBoolean mended = new AtomicBoolean();
		second.initStatus = () -> (inits.getAndIncrement() == 0 || mended.get()) ? Status.OK : Status.INTERNAL;
		second.start();
		Awaitility.await()
			.until(() -> components.stream()
				.map((component) -> component.status().reason())
				.anyMatch((reason) -> reason != null && reason.startsWith("generation 2 is not used")));
		Awaitility.await().until(() -> inits.get() >= 3);
		assertThat(components).allSatisfy((component) -> {
			assertThat(component.status().generation()).isEqualTo(1);
			assertThat(component.instance().get("k").orElseThrow().value()).asString(StandardCharsets.UTF_8)
				.isEqualTo("first");
		});
		mended.set(true);
		Awaitility.await()
			.untilAsserted(() -> assertThat(components)
				.allSatisfy((component) -> assertThat(component.status().generation()).isEqualTo(2)));
		assertThat(components).allSatisfy((component) -> assertThat(component.instance().get("k").orElseThrow().value())
			.asString(StandardCharsets.UTF_8)
			.isEqualTo("second"));
	}

	private FakeStateServer server() {
		FakeStateServer server = new FakeStateServer(this.folder.resolve("redis.sock"));
		this.closeables.add(server);
		return server;
	}

	private Component<StateStore> start() {
		return start("orders").get(0);
	}

	private List<Component<StateStore>> start(String... names) {
		ComponentSettings settings = new ComponentSettings(Duration.ofSeconds(20), Duration.ofSeconds(20),
				Duration.ZERO, 1024);
		ComponentHost host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(Stream.of(names)
				.map((name) -> new ComponentDeclaration(name, new ComponentType("state", "redis"), false, Map.of(),
						settings))
				.toList()));
		this.host = host;
		host.start();
		return host.registry()
			.components(StateStoreKind.INSTANCE)
			.list()
			.stream()
			.filter((component) -> List.of(names).contains(component.name()))
			.toList();
	}

	private static void ready(Component<?> component) {
		Awaitility.await().until(() -> component.status().state() == ComponentState.READY);
	}

	/**
	 * Call a store on several threads while a condition holds, and verify that no call
	 * fails.
	 */
	private long callWhile(StateStore store, BooleanSupplier condition) throws Exception {
		AtomicInteger calls = new AtomicInteger();
		AtomicBoolean running = new AtomicBoolean(true);
		ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
		List<Future<?>> callers = new ArrayList<>();
		for (int i = 0; i < CALLERS; i++) {
			callers.add(this.threads.submit(() -> {
				while (running.get()) {
					try {
						store.get("k");
						calls.incrementAndGet();
					}
					catch (RuntimeException ex) {
						failures.add(ex);
					}
				}
			}));
		}
		Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !condition.getAsBoolean());
		running.set(false);
		for (Future<?> caller : callers) {
			caller.get(60, TimeUnit.SECONDS);
		}
		assertThat(failures).isEmpty();
		return calls.get();
	}

}
