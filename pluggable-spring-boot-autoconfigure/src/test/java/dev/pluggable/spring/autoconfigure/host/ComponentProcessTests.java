package dev.pluggable.spring.autoconfigure.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.ProbeResult;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.OwnUser;
import dev.pluggable.state.StateFeatures;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests an application while the processes of its components die, hang, return and
 * change. The tests use real processes, real sockets and a real application context.
 */
class ComponentProcessTests {

	@TempDir
	Path folder;

	private final List<AutoCloseable> closeables = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("pluggable-")));
	}

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.components.orders.type=state.h2",
					"pluggable.components.orders.call-timeout=1s", "pluggable.health.probe-interval=100ms",
					"pluggable.health.probe-timeout=300ms");
	}

	@Test
	void whenTheProcessIsKilledAndStartedAgainThenTheSameBeanWorks() {
		runner().run((context) -> {
			StateStore store = context.getBean("orders", StateStore.class);
			ComponentProcess first = process();
			ready(context);
			store.set("k", bytes("v"));
			assertThat(store.get("k").map(StateItem::value)).contains(bytes("v"));
			assertThat(endpoint(context).peer().pid()).isEqualTo(first.pid());
			first.kill();
			await().until(() -> orders(context).status().state() == ComponentState.UNAVAILABLE);
			assertThat(orders(context).status().reason()).isNotBlank();
			assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.set("k", bytes("v")))
				.satisfies((ex) -> assertThat(ex.mayHaveBeenApplied()).isFalse());
			// The killed process does not delete its socket.
			assertThat(this.folder.resolve("h2.sock")).exists();
			await().until(
					() -> endpoint(context).reason() != null && endpoint(context).reason().contains("nobody listens"));
			ComponentProcess second = process();
			ready(context);
			store.set("k", bytes("again"));
			assertThat(store.get("k").map(StateItem::value)).contains(bytes("again"));
			assertThat(context.getBean("orders")).isSameAs(store);
			assertThat(endpoint(context).peer().pid()).isEqualTo(second.pid());
			assertThat(endpoint(context).reconnects()).isEqualTo(1);
		});
	}

	@Test
	void whenTheProcessHangsThenItIsDownUntilItGoesOn() {
		runner().run((context) -> {
			StateStore store = context.getBean("orders", StateStore.class);
			ComponentProcess process = process();
			ready(context);
			await().until(() -> orders(context).status().probe().health() == ProbeResult.Health.UP);
			process.suspend();
			await().until(() -> orders(context).status().probe().health() == ProbeResult.Health.DOWN);
			assertThat(orders(context).status().probe().detail()).contains("no answer within 300ms");
			assertThatExceptionOfType(ComponentTimeoutException.class).isThrownBy(() -> store.get("k"));
			process.resume();
			await().until(() -> orders(context).status().probe().health() == ProbeResult.Health.UP);
			store.set("k", bytes("v"));
		});
	}

	@Test
	void whenAHungProcessIsKilledAndReplacedThenTheBeanWorks() {
		runner().run((context) -> {
			ComponentProcess process = process();
			ready(context);
			process.suspend();
			await().until(() -> orders(context).status().probe().health() == ProbeResult.Health.DOWN);
			process.kill();
			process();
			ready(context);
			context.getBean("orders", StateStore.class).set("k", bytes("v"));
		});
	}

	@Test
	void whenAnotherImplementationTakesItsPlaceThenItsFeaturesCount() {
		runner().run((context) -> {
			StateStore store = context.getBean("orders", StateStore.class);
			ComponentProcess process = process();
			ready(context);
			assertThat(store.features()).contains(StateFeatures.TRANSACTIONAL);
			process.kill();
			FakeStateServer other = new FakeStateServer(this.folder.resolve("h2.sock")).start();
			this.closeables.add(other);
			// The host may not have noticed the end of the process yet.
			await().untilAsserted(() -> assertThat(store.features()).containsExactly("ETAG"));
			assertThat(other.inits).containsExactly("orders{}");
		});
	}

	@Test
	void whenInitKillsTheProcessEachTimeThenTheRestWorks() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.components.orders.type=state.h2",
					"pluggable.components.orders.metadata.crash=yes", "pluggable.components.good.type=state.good")
			.run((context) -> {
				this.closeables.add(ComponentProcess.stateStore(this.folder.resolve("good.sock")));
				process();
				await().until(() -> component(context, "good").status().state() == ComponentState.READY);
				await().until(() -> endpoint(context).state() == EndpointState.LOST);
				assertThat(orders(context).status().state()).isNotEqualTo(ComponentState.READY);
				process();
				await().until(
						() -> endpoint(context).generation() >= 2 && endpoint(context).state() == EndpointState.LOST);
				context.getBean("good", StateStore.class).set("k", bytes("v"));
			});
	}

	@Test
	void whenTheProcessIsReplacedManyTimesThenNothingLeaks() {
		runner().run((context) -> {
			StateStore store = context.getBean("orders", StateStore.class);
			restart(context, store);
			long descriptors = openDescriptors();
			long threads = pluggableThreads();
			for (int i = 0; i < 20; i++) {
				restart(context, store);
			}
			await().untilAsserted(() -> assertThat(openDescriptors()).isLessThanOrEqualTo(descriptors + 2));
			await().untilAsserted(() -> assertThat(pluggableThreads()).isLessThanOrEqualTo(threads + 2));
		});
	}

	private void restart(AssertableApplicationContext context, StateStore store) {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			ready(context);
			store.set("k", bytes("v"));
		}
		await().until(() -> orders(context).status().state() != ComponentState.READY);
	}

	@Test
	void whenContextsCloseThenNoDescriptorIsLeft() throws IOException {
		process();
		runner().run(this::use);
		long descriptors = openDescriptors();
		for (int i = 0; i < 5; i++) {
			runner().run(this::use);
		}
		await().untilAsserted(() -> assertThat(openDescriptors()).isLessThanOrEqualTo(descriptors));
	}

	private void use(AssertableApplicationContext context) {
		ready(context);
		context.getBean("orders", StateStore.class).set("k", bytes("v"));
	}

	@Test
	void whenThePeerIsAnotherUserThenItIsRefusedAndNothingIsSentToIt() throws IOException {
		// Only root can start a process of another user.
		Assumptions.assumeTrue(OwnUser.uid() == 0);
		ComponentProcess foreign = ForeignProcess.listeningOn(this.folder.resolve("h2.sock"));
		this.closeables.add(foreign);
		for (String transport : List.of("epoll", "nio")) {
			runner().withPropertyValues("pluggable.transport.type=" + transport).run((context) -> {
				await().until(() -> endpoint(context).state() == EndpointState.REFUSED);
				assertThat(endpoint(context).reason()).contains("allowed-uids");
				assertThat(orders(context).status().reason()).contains("allowed-uids");
				assertThat(orders(context).status().state()).isEqualTo(ComponentState.PENDING);
				await().untilAsserted(() -> assertThat(foreign.output()).isNotEmpty().containsOnly("received -1"));
			});
		}
	}

	@Test
	void whenOtherUsersCanChangeTheFolderThenNoComponentThereGetsItsMetadataUnlessAllowed() throws IOException {
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxrwxrwx"));
		FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start();
		this.closeables.add(server);
		runner().run((context) -> {
			ComponentHost host = context.getBean(ComponentHost.class);
			await().until(() -> !host.folders().isEmpty());
			assertThat(host.folders()).singleElement().satisfies((folder) -> {
				assertThat(folder.state()).isEqualTo(FolderStatus.State.REFUSED);
				assertThat(folder.reason()).contains("mode 777", "pluggable.security.allow-untrusted-folders");
			});
			assertThat(orders(context).status().state()).isEqualTo(ComponentState.PENDING);
			assertThat(server.inits).isEmpty();
		});
		runner().withPropertyValues("pluggable.security.allow-untrusted-folders=true").run((context) -> {
			ready(context);
			assertThat(server.inits).isNotEmpty();
		});
	}

	private ComponentProcess process() {
		ComponentProcess process = ComponentProcess.stateStore(this.folder.resolve("h2.sock"));
		this.closeables.add(process);
		return process;
	}

	private static void ready(AssertableApplicationContext context) {
		await().until(() -> orders(context).status().state() == ComponentState.READY);
	}

	private static Component<?> orders(AssertableApplicationContext context) {
		return component(context, "orders");
	}

	private static Component<?> component(AssertableApplicationContext context, String name) {
		return context.getBean(ComponentHost.class)
			.registry()
			.components()
			.stream()
			.filter((component) -> component.name().equals(name))
			.findFirst()
			.orElseThrow();
	}

	private static EndpointStatus endpoint(AssertableApplicationContext context) {
		return context.getBean(ComponentHost.class)
			.endpoints()
			.stream()
			.filter((status) -> status.name().equals("h2"))
			.findFirst()
			.orElseThrow();
	}

	private static long openDescriptors() throws IOException {
		try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
			return descriptors.filter((descriptor) -> {
				try {
					return Files.readSymbolicLink(descriptor).toString().startsWith("socket:")
							|| Files.readSymbolicLink(descriptor).toString().startsWith("anon_inode:");
				}
				catch (IOException ex) {
					return false;
				}
			}).count();
		}
	}

	private static long pluggableThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("pluggable-"))
			.count();
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
