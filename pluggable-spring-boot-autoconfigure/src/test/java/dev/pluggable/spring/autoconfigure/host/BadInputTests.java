package dev.pluggable.spring.autoconfigure.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.MessageTooLargeException;
import dev.pluggable.PluggableException;
import dev.pluggable.ProbeResult;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.fixtures.RecordedLog;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.OwnUser;
import dev.pluggable.spring.autoconfigure.endpoint.PluggableEndpointAutoConfiguration;
import dev.pluggable.spring.autoconfigure.health.PluggableHealthContributorAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.RawGrpcServer.Answer;
import dev.pluggable.spring.endpoint.PluggableDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.ComponentDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.EndpointDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.FolderDescriptor;
import dev.pluggable.spring.endpoint.PluggableDescriptor.SkippedDescriptor;
import dev.pluggable.spring.endpoint.PluggableEndpoint;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import io.grpc.Status;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.actuate.endpoint.CompositeHealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.IndicatedHealthDescriptor;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for problems of folders, sockets and the processes behind sockets. In each case
 * all other components continue to work. The health, the actuator endpoint and one log
 * line show the reason. No thread and no connection remains after the context has closed.
 */
class BadInputTests {

	@TempDir
	Path folder;

	private final List<AutoCloseable> closeables = new ArrayList<>();

	private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

	private final RecordedLog log = new RecordedLog();

	private final JulWarnings jul = new JulWarnings();

	private long descriptors;

	@BeforeAll
	static void openWhatTheJdkNeverCloses(@TempDir Path folder) {
		RawSocketServer.stale(folder.resolve("first.sock"));
	}

	@BeforeEach
	void prepare() throws IOException {
		this.descriptors = openDescriptors();
		logger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(this.log);
		logger("dev.pluggable").setLevel(Level.INFO);
		java.util.logging.Logger.getLogger("").addHandler(this.jul);
	}

	@AfterEach
	void nothingIsLeft() throws Exception {
		logger(org.slf4j.Logger.ROOT_LOGGER_NAME).detachAppender(this.log);
		java.util.logging.Logger.getLogger("").removeHandler(this.jul);
		List<String> left = threads("pluggable-host", "pluggable-watch");
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
		assertThat(left).isEmpty();
		await().until(() -> threads("pluggable-", "raw-socket").isEmpty());
		await().untilAsserted(() -> assertThat(openDescriptors()).isLessThanOrEqualTo(this.descriptors));
	}

	private ApplicationContextRunner runner(Path... folders) {
		List<String> paths = Stream.of((folders.length > 0) ? folders : new Path[] { this.folder })
			.map(Path::toString)
			.toList();
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class,
					PluggableHealthContributorAutoConfiguration.class, PluggableEndpointAutoConfiguration.class,
					HealthContributorAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class,
					HealthEndpointAutoConfiguration.class))
			.withBean("attempts", ComponentChannelCustomizer.class,
					() -> (endpoint, builder) -> this.attempts.merge(endpoint, 1, Integer::sum))
			.withPropertyValues("pluggable.socket-folders=" + String.join(",", paths),
					"pluggable.discovery.reconcile-interval=20ms",
					"management.endpoints.web.exposure.include=pluggable,health");
	}

	@Test
	void whenTheFolderIsFullOfJunkThenEachPieceIsExplainedOnceAndAGoodComponentWorks() throws Exception {
		good();
		Map<String, String> skipped = new ConcurrentHashMap<>();
		Files.writeString(this.folder.resolve("readme.txt"), "no socket");
		skipped.put("readme.txt", "not a socket");
		Files.createDirectory(this.folder.resolve("below"));
		RawSocketServer.stale(this.folder.resolve("below/deep.sock"));
		Files.createSymbolicLink(this.folder.resolve("link.sock"), this.folder.resolve("good.sock"));
		skipped.put("link.sock", "a symbolic link, which is never followed");
		Files.createSymbolicLink(this.folder.resolve("dangling.sock"), this.folder.resolve("nothing"));
		skipped.put("dangling.sock", "a symbolic link, which is never followed");
		if (new ProcessBuilder("sh", "-c", "mkfifo '" + this.folder.resolve("fifo.sock") + "'").start()
			.waitFor() == 0) {
			skipped.put("fifo.sock", "not a socket");
		}
		RawSocketServer.stale(this.folder.resolve(".sock"));
		skipped.put(".sock", "the name is empty");
		for (String name : List.of("a b.sock", "we$rd.sock", "-dash.sock", "quo\"te.sock", "..sock")) {
			RawSocketServer.stale(this.folder.resolve(name));
			skipped.put(name, "cannot be the name of a component");
		}
		RawSocketServer.stale(this.folder.resolve("new\nline.sock"));
		skipped.put("new?line.sock", "cannot be the name of a component");
		RawSocketServer.stale(this.folder.resolve("short"));
		String tooLong = "x".repeat(107 - this.folder.toString().length()) + ".sock";
		Files.move(this.folder.resolve("short"), this.folder.resolve(tooLong));
		skipped.put(tooLong, "the path has 113 bytes, and a socket can be reached by at most 107");
		RawSocketServer.stale(this.folder.resolve("twin.a"));
		RawSocketServer.stale(this.folder.resolve("twin.b"));
		skipped.put("twin.b", "the name 'twin' is taken by " + this.folder.resolve("twin.a"));
		Map<String, String> failed = new ConcurrentHashMap<>();
		failed.put("twin", "nobody listens");
		RawSocketServer.stale(this.folder.resolve("stale.sock"));
		failed.put("stale", "nobody listens");
		raw("mute.sock", "");
		raw("web.sock", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
		failed.put("web", "does not speak gRPC");
		raw("noise.sock", "\0\1\2\3\377\376 what is this".repeat(20));
		failed.put("noise", "does not speak gRPC");
		server("plain.sock").with().start();
		failed.put("plain", "no gRPC reflection, neither v1 nor v1alpha");
		grpc("page.sock").reflection(Answer.page(503, "<html>sorry</html>")).start();
		failed.put("page", "503");
		grpc("code.sock").reflection(Answer.status("99")).start();
		failed.put("code", "UNKNOWN");
		grpc("garbage.sock").reflection(Answer.message(bytes("\377\377 no protobuf"))).start();
		failed.put("garbage", "Failed to read message");
		grpc("huge.sock").reflection(Answer.messageOf(50_000_000)).start();
		failed.put("huge", "maximum size 4194304");
		grpc("silent.sock").reflection(Answer.nothing()).start();
		failed.put("silent", "Reflection gave no answer");
		runner()
			.withPropertyValues("pluggable.components.orders.type=state.web",
					"pluggable.components.orders.required=true", "pluggable.startup-timeout=0s")
			.run((context) -> {
				use(context);
				await()
					.until(() -> failed.keySet().stream().allMatch((name) -> this.attempts.getOrDefault(name, 0) >= 1));
				Set<String> accepting = new HashSet<>(failed.keySet());
				accepting.removeAll(Set.of("stale", "twin"));
				await().until(() -> accepting.stream().allMatch((name) -> this.attempts.get(name) >= 3));
				// The test replaces the socket in one step. After a gap, the host would
				// see a new socket and log another warning.
				RawSocketServer.stale(this.folder.resolve("below/next.sock"));
				Files.move(this.folder.resolve("below/next.sock"), this.folder.resolve("stale.sock"),
						StandardCopyOption.ATOMIC_MOVE);
				await().until(() -> this.attempts.get("stale") >= 2);
				awaitScans(context, 10);
				FolderDescriptor found = descriptor(context).folders().get(0);
				assertThat(found.skipped()).extracting(SkippedDescriptor::entry)
					.containsExactlyInAnyOrderElementsOf(skipped.keySet());
				skipped.forEach((entry, reason) -> assertSkipped(context, 0, entry, reason));
				failed.forEach((name, reason) -> assertFailed(context, name, reason));
				assertThat(descriptor(context).endpoints()).extracting(EndpointDescriptor::name)
					.doesNotContain("deep")
					.contains("good", "mute")
					.hasSize(failed.size() + 2);
				assertComponent(context, "orders", ComponentState.PENDING, "does not speak gRPC");
				assertThat(health(context, "orders").getStatus().getCode()).isEqualTo("DOWN");
				assertThatExceptionOfType(ComponentUnavailableException.class)
					.isThrownBy(() -> store(context, "orders").get("k"))
					.withMessageContaining("does not speak gRPC");
				use(context);
				assertUndisturbed(context);
			});
		assertNothingTwice();
	}

	@Test
	void whenASocketAcceptsAndNeverAnswersThenItIsExplainedOnceAndAGoodComponentWorks() {
		good();
		raw("mute.sock", "");
		runner().withPropertyValues("pluggable.discovery.probe-timeout=500ms").run((context) -> {
			use(context);
			await().until(() -> this.attempts.getOrDefault("mute", 0) >= 3);
			awaitScans(context, 10);
			// The second attempt has three times the time.
			assertFailed(context, "mute", "no answer within 1500ms, although the socket accepts connections");
			use(context);
		});
		assertNothingTwice();
	}

	@Test
	void whenASocketEndsConnectionsAtOnceThenItIsExplainedOnceAndAGoodComponentWorks() {
		good();
		this.closeables.add(RawSocketServer.closing(this.folder.resolve("closing.sock")));
		runner().run((context) -> {
			use(context);
			await().until(() -> this.attempts.getOrDefault("closing", 0) >= 3);
			touch(context, "closing.sock");
			touch(context, "closing.sock");
			touch(context, "closing.sock");
			assertFailed(context, "closing", "ended the connection");
			use(context);
			assertUndisturbed(context);
		});
		assertNothingTwice();
	}

	@Test
	void whenAnExtensionHasControlCharactersThenTheyAreNeitherInTheLogNorInTheEndpoint() {
		good();
		RawSocketServer.stale(this.folder.resolve("forged.so\nck"));
		RawSocketServer.stale(this.folder.resolve("good.z\nz"));
		runner().run((context) -> {
			use(context);
			awaitScans(context, 5);
			assertThat(warnings()).anyMatch((line) -> line.contains("forged")).noneMatch(BadInputTests::hasControls);
			assertThat(descriptor(context).toString()).doesNotContain("\n");
		});
	}

	@Test
	void whenThereAre500StaleSocketsThenHealthExplainsEachTheLogAFewAndAGoodComponentWorks() {
		staleSockets(0, 250);
		good();
		runner().run((context) -> {
			use(context);
			staleSockets(250, 500);
			await().until(() -> descriptor(context).endpoints()
				.stream()
				.filter((endpoint) -> endpoint.state() == EndpointState.FAILED)
				.count() == 500);
			awaitScans(context, 20);
			CompositeHealthDescriptor health = (CompositeHealthDescriptor) context.getBean(HealthEndpoint.class)
				.healthForPath("pluggable");
			assertThat(health.getStatus().getCode()).isIn("UP", "UNKNOWN");
			assertThat(health.getComponents().values().stream().filter((child) -> reason(child).contains("nobody")))
				.hasSize(500);
			assertThat(descriptor(context).endpoints())
				.filteredOn((endpoint) -> endpoint.state() == EndpointState.FAILED)
				.hasSize(500)
				.allMatch((endpoint) -> endpoint.reason().contains("nobody listens"));
			assertThat(warnings()).filteredOn((line) -> line.contains("nobody listens")).hasSizeBetween(20, 60);
			use(context);
			assertUndisturbed(context);
		});
		assertNothingTwice();
	}

	@Test
	void whenInitFailsHangsOrAnswersNonsenseThenEachIsExplainedOnceAndAGoodComponentWorks() throws Exception {
		good();
		FakeStateServer failing = server("failing.sock");
		failing.initStatus = () -> Status.INVALID_ARGUMENT.withDescription("no such table\nwith hunter2 at db");
		failing.start();
		FakeStateServer hanging = server("hanging.sock");
		hanging.initStatus = null;
		hanging.start();
		RawGrpcServer code = grpcStateStore("code.sock").state("Init", Answer.status("99")).start();
		RawGrpcServer garbage = grpcStateStore("garbage.sock").state("Init", Answer.message(bytes("\12\177"))).start();
		RawGrpcServer huge = grpcStateStore("huge.sock").state("Features", Answer.messageOf(50_000_000)).start();
		RawGrpcServer nothing = grpcStateStore("nothing.sock").state("Init", Answer.nothing()).start();
		RawGrpcServer other = RawGrpcServer.offering(this.folder.resolve("other.sock"), "acme.Billing").start();
		this.closeables.add(other);
		List<String> properties = new ArrayList<>();
		for (String name : List.of("failing", "hanging", "code", "garbage", "huge", "nothing", "other")) {
			properties.add("pluggable.components.my-" + name + ".type=state." + name);
			properties.add("pluggable.components.my-" + name + ".metadata.password=hunter2");
		}
		properties.add("pluggable.components.my-hanging.init-timeout=300ms");
		runner().withPropertyValues(properties.toArray(String[]::new)).run((context) -> {
			use(context);
			await().until(() -> failing.inits.size() >= 3 && hanging.inits.size() >= 3
					&& Stream.of(code, garbage, huge, nothing).allMatch((server) -> server.calls("Init") >= 3));
			awaitScans(context, 10);
			assertComponent(context, "my-failing", ComponentState.INIT_FAILED, "no such table with ****** at db");
			assertComponent(context, "my-hanging", ComponentState.INIT_FAILED, "no answer within 300ms");
			assertComponent(context, "my-code", ComponentState.INIT_FAILED, "UNKNOWN");
			assertComponent(context, "my-garbage", ComponentState.INIT_FAILED, "Failed to read message");
			assertComponent(context, "my-huge", ComponentState.INIT_FAILED, "maximum size 4194304");
			assertComponent(context, "my-nothing", ComponentState.INIT_FAILED, "Init failed");
			assertComponent(context, "my-other", ComponentState.PENDING, "does not offer state; its services are");
			assertThat(descriptor(context).toString()).doesNotContain("hunter2");
			assertThat(lines()).noneMatch((line) -> line.contains("hunter2"));
			use(context);
			assertUndisturbed(context);
		});
		assertNothingTwice();
	}

	@Test
	void whenInitEndsTheProcessThenItIsExplainedOnceAndAGoodComponentWorks() {
		good();
		runner()
			.withPropertyValues("pluggable.components.crashing.type=state.crash",
					"pluggable.components.crashing.metadata.crash=yes")
			.run((context) -> {
				use(context);
				this.closeables.add(ComponentProcess.stateStore(this.folder.resolve("crash.sock")));
				await().until(() -> reason(health(context, "crashing")).contains("nobody listens"));
				awaitScans(context, 20);
				assertThat(endpoint(context, "crash").state()).isEqualTo(EndpointState.LOST);
				assertThat(endpoint(context, "crash").reason()).contains("nobody listens");
				assertThat(component(context, "crashing").reason()).contains("nobody listens");
				assertThat(warnings()).filteredOn((line) -> line.contains("'crash' is LOST")).hasSize(1);
				use(context);
				assertUndisturbed(context);
			});
		assertNothingTwice();
	}

	@Test
	void whenAnswersAreStrangeThenTheCallFailsWithTheReasonAndTheComponentStays() {
		good();
		grpcStateStore("code.sock").state("Get", Answer.status("99")).start();
		grpcStateStore("garbage.sock").state("Get", Answer.message(bytes("\12\177"))).start();
		grpcStateStore("huge.sock").state("Get", Answer.messageOf(50_000_000)).start();
		grpcStateStore("nothing.sock").state("Get", Answer.nothing()).start();
		grpcStateStore("page.sock").state("Get", Answer.page(404, "<html>not here</html>")).start();
		RawGrpcServer ping = grpcStateStore("ping.sock").state("Ping", Answer.status("99")).start();
		runner().withPropertyValues("pluggable.health.probe-interval=50ms").run((context) -> {
			use(context);
			assertThat(failure(context, "code")).isExactlyInstanceOf(ComponentException.class)
				.hasMessageContaining("UNKNOWN");
			assertThat(failure(context, "garbage")).isExactlyInstanceOf(ComponentException.class)
				.hasMessageContaining("Failed to read message");
			assertThat(failure(context, "huge")).isExactlyInstanceOf(MessageTooLargeException.class)
				.hasMessageContaining("pluggable.defaults.max-inbound-message-size");
			assertThat(failure(context, "nothing")).isExactlyInstanceOf(ComponentException.class);
			assertThat(failure(context, "page")).hasMessageContaining("404");
			for (String name : List.of("code", "garbage", "huge", "nothing", "page", "ping")) {
				assertThat(component(context, name + ".state").state()).isEqualTo(ComponentState.READY);
			}
			await().until(() -> ping.calls("Ping") >= 5);
			assertThat(component(context, "ping.state").probe().health()).isEqualTo(ProbeResult.Health.DOWN);
			assertThat(component(context, "ping.state").probe().detail()).contains("UNKNOWN");
			assertThat(reason(health(context, "ping.state"))).contains("UNKNOWN");
			assertThat(warnings()).filteredOn((line) -> line.contains("'ping' is not well")).hasSize(1);
			use(context);
			assertUndisturbed(context);
		});
		assertNothingTwice();
	}

	@Test
	void whenAWebServerEndsEachConnectionThenEachFaultIsLoggedOnce() {
		good();
		RawSocketServer web = RawSocketServer.sendingAndClosing(this.folder.resolve("web.sock"),
				bytes("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
		this.closeables.add(web);
		runner().run((context) -> {
			use(context);
			await().until(() -> web.accepted() >= 4);
			assertThat(warnings()).filteredOn((line) -> line.contains("'web'")).isNotEmpty().doesNotHaveDuplicates();
			assertUndisturbed(context);
		});
	}

	@Test
	void whenAServerOffersNothingThatIsKnownThenItIsDiscoveredAndItsServicesAreShown() {
		good();
		this.closeables
			.add(RawGrpcServer.offering(this.folder.resolve("billing.sock"), "acme.Billing", "acme.Other").start());
		runner().run((context) -> {
			use(context);
			await().until(() -> endpoint(context, "billing").state() == EndpointState.READY);
			awaitScans(context, 10);
			assertThat(endpoint(context, "billing").services()).containsExactly("acme.Billing", "acme.Other");
			assertThat(details(health(context, "endpoint:billing"))).containsEntry("services",
					List.copyOf(endpoint(context, "billing").services()));
			assertThat(lines()).filteredOn((line) -> line.contains("'billing'")).hasSize(2);
			assertThat(warnings()).noneMatch((line) -> line.contains("'billing'"));
			assertThat(endpoint(context, "billing").conflicts()).isEmpty();
			assertThat(context).hasBean("billing.grpc");
			assertThat(this.attempts).containsEntry("billing", 1);
			use(context);
			assertUndisturbed(context);
		});
		assertNothingTwice();
	}

	@Test
	void whenNamesClashThenWhatWasThereStaysAndEachClashIsExplainedOnce() {
		good();
		for (String name : List.of("in-memory", "orders", "x", "taken")) {
			server(name + ".sock").start();
		}
		server("good.other").start();
		server("GOOD.sock").start();
		runner()
			.withPropertyValues("pluggable.components.orders.type=state.h2",
					"pluggable.components.[x.state].type=state.h2", "pluggable.components.cache.type=state.in-memory")
			.withBean("taken.state", String.class, () -> "mine")
			.withBean("cache", String.class, () -> "mine")
			.withBean("later.state", String.class, () -> "mine")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				server("later.sock").start();
				await().until(() -> context.getBean(PluggableEndpoint.class).component("later.state") != null);
				await().until(() -> component(context, "later.state").beanProblem() != null);
				awaitScans(context, 10);
				assertConflict(context, "in-memory", "built-in");
				assertConflict(context, "orders", "declared with another type");
				assertConflict(context, "x", "a component 'x.state' is declared");
				assertBeanProblem(context, "taken.state", "there is another bean 'taken.state'");
				assertBeanProblem(context, "later.state", "there is another bean 'later.state'");
				assertBeanProblem(context, "cache", "there is another bean 'cache'");
				for (String bean : List.of("taken.state", "later.state", "cache")) {
					assertThat(context.getBean(bean)).isEqualTo("mine");
				}
				assertThat(context.getBean("cache.state")).isInstanceOf(StateStore.class);
				assertSkipped(context, 0, "good.sock", "is taken by " + this.folder.resolve("GOOD.sock"));
				assertSkipped(context, 0, "good.other", "is taken by " + this.folder.resolve("GOOD.sock"));
				StateStore store = context.getBean("GOOD.state", StateStore.class);
				store.set("k", bytes("v"));
				assertThat(store.get("k").map(StateItem::value)).contains(bytes("v"));
			});
		assertNothingTwice();
	}

	@Test
	void whenTheFolderComesGoesAndChangesThenEachChangeIsToldOnceAndAGoodComponentWorks() throws Exception {
		Path home = Files.createDirectory(this.folder.resolve("home"));
		server("home/good.sock").start();
		Path changing = this.folder.resolve("changing");
		Path elsewhere = Files.createDirectory(this.folder.resolve("elsewhere"));
		runner(home, changing).run((context) -> {
			use(context);
			awaitScans(context, 5);
			assertFolder(context, FolderStatus.State.MISSING, "does not exist");
			assertThat(lines()).filteredOn((line) -> line.endsWith(changing + ", which does not exist yet")).hasSize(1);

			Files.createDirectory(changing);
			FakeStateServer first = server("changing/guest.sock").start();
			await().until(() -> context.containsBean("guest.state") && works(context, "guest.state"));
			assertFolder(context, FolderStatus.State.READABLE, null);

			first.close();
			await().until(() -> Files.notExists(changing.resolve("guest.sock")));
			Files.delete(changing);
			await().until(() -> descriptor(context).folders().get(1).state() == FolderStatus.State.MISSING);
			awaitScans(context, 5);
			assertFolder(context, FolderStatus.State.MISSING, "does not exist");
			assertThat(warnings()).filteredOn((line) -> line.contains(changing + " has gone")).hasSize(1);
			assertComponent(context, "guest.state", ComponentState.UNAVAILABLE, "");

			Files.createDirectory(changing);
			FakeStateServer second = server("changing/guest.sock").start();
			await().until(() -> works(context, "guest.state"));
			assertThat(descriptor(context).folders().get(1).watched()).isTrue();

			server("elsewhere/guest.sock").start();
			server("elsewhere/linked.sock").start();
			Files.move(changing, this.folder.resolve("away"));
			Files.createSymbolicLink(changing, elsewhere);
			await().until(() -> context.containsBean("linked.state") && works(context, "linked.state"));
			await().until(() -> endpoint(context, "guest").generation() == 3 && works(context, "guest.state"));
			second.close();
			assertFolder(context, FolderStatus.State.READABLE, null);

			Files.delete(changing);
			Files.writeString(changing, "a file in place of the folder");
			await().until(() -> descriptor(context).folders().get(1).state() == FolderStatus.State.UNREADABLE);
			awaitScans(context, 5);
			assertFolder(context, FolderStatus.State.UNREADABLE, "not a folder");
			assertThat(health(context, "discovery").getStatus().getCode()).isEqualTo("DOWN");
			assertThat(warnings()).filteredOn((line) -> line.contains(changing + " cannot be used: not a folder"))
				.hasSize(1);
			// Open connections survive the deletion of their sockets.
			assertThat(works(context, "linked.state")).isTrue();

			Files.delete(changing);
			Files.createSymbolicLink(changing, this.folder.resolve("nowhere"));
			await().until(() -> descriptor(context).folders().get(1).state() == FolderStatus.State.MISSING);
			assertThat(health(context, "discovery").getStatus().getCode()).isEqualTo("UP");
			Files.delete(changing);
			Files.createSymbolicLink(changing, changing);
			await().until(() -> descriptor(context).folders().get(1).state() == FolderStatus.State.UNREADABLE);
			use(context);
			assertUndisturbed(context);
		});
	}

	@Test
	void whenTheFolderBecomesUnreadableThenTheReasonSaysWhoMayAndConnectionsStay() throws Exception {
		good();
		Path locked = Files.createDirectory(this.folder.resolve("locked"));
		server("locked/guest.sock").start();
		ComponentProcess process = bound(UnreadableFolder.class, this.folder.toString(), locked.toString());
		try {
			await().until(() -> process.output().contains("READABLE"));
			Files.setPosixFilePermissions(locked, Set.of());
			await().until(() -> process.output().contains("UNREADABLE"));
			Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwx------"));
			await().until(() -> process.output().contains("END"));
		}
		catch (org.awaitility.core.ConditionTimeoutException ex) {
			throw new AssertionError(String.join("\n", process.output()), ex);
		}
		finally {
			Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwx------"));
		}
		String reason = "permission denied: ";
		assertThat(process.output()).contains("works")
			.anyMatch((line) -> line.startsWith("health: DOWN") && line.contains(reason))
			.anyMatch((line) -> line.startsWith("endpoint: ") && line.contains(reason) && line.contains("---------"))
			.filteredOn((line) -> line.contains(" WARN ") && line.contains(locked + " cannot be used: " + reason))
			.hasSize(1);
	}

	@Test
	void whenThePeerIsAnotherUserThenTheRefusalIsExplainedOnceAndAGoodComponentWorks() throws Exception {
		// Only root can start a process of another user.
		Assumptions.assumeTrue(OwnUser.uid() == 0);
		good();
		ComponentProcess foreign = ForeignProcess.listeningOn(this.folder.resolve("foreign.sock"));
		this.closeables.add(foreign);
		runner().withPropertyValues("pluggable.components.orders.type=state.foreign").run((context) -> {
			use(context);
			await().until(() -> foreign.output().size() >= 2);
			awaitScans(context, 10);
			EndpointDescriptor endpoint = endpoint(context, "foreign");
			assertThat(endpoint.state()).isEqualTo(EndpointState.REFUSED);
			assertThat(endpoint.reason()).contains("uid 65534", "pluggable.security.allowed-uids");
			assertThat(reason(health(context, "endpoint:foreign"))).isEqualTo(endpoint.reason());
			assertThat(warnings()).containsOnlyOnce("Endpoint 'foreign' is REFUSED: " + endpoint.reason());
			assertComponent(context, "orders", ComponentState.PENDING, "uid 65534");
			assertThat(foreign.output()).containsOnly("received -1");
			use(context);
			assertUndisturbed(context);
		});
		assertNothingTwice();
	}

	/**
	 * The host tries a changed socket again immediately, and once more a second later.
	 */
	private void touch(AssertableApplicationContext context, String name) throws IOException {
		Path socket = this.folder.resolve(name);
		String endpoint = name.substring(0, name.lastIndexOf('.'));
		int before = this.attempts.get(endpoint);
		Files.setLastModifiedTime(socket, FileTime.from(Files.getLastModifiedTime(socket).toInstant().minusSeconds(1)));
		change(this.folder);
		await().until(() -> this.attempts.get(endpoint) >= before + 2);
	}

	@Test
	void whenASocketMayNotBeUsedThenTheReasonSaysWhoMay() throws Exception {
		server("good.sock").start();
		server("shut.sock").start();
		Files.setPosixFilePermissions(this.folder.resolve("shut.sock"), Set.of());
		ComponentProcess process = bound(ShutSocket.class, this.folder.toString());
		await().until(() -> process.output().contains("END"));
		String reason = "permission denied: the socket belongs to uid " + OwnUser.uid()
				+ " with mode ---------, we run as uid " + OwnUser.uid();
		assertThat(process.output()).contains("works", "health: " + reason, "endpoint: " + reason)
			.filteredOn((line) -> line.contains(" WARN "))
			.singleElement()
			.asString()
			.endsWith("Endpoint 'shut' is FAILED: " + reason);
	}

	/**
	 * Start an application that file permissions apply to.
	 */
	private ComponentProcess bound(Class<?> main, String... arguments) throws InterruptedException {
		List<String> command = new ArrayList<>();
		if (OwnUser.uid() == 0) {
			// File permissions apply to root only without the capability to ignore them.
			command.addAll(List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search"));
			Assumptions.assumeTrue(succeeds(command, "true"));
		}
		command.addAll(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), main.getName()));
		command.addAll(List.of(arguments));
		ComponentProcess process = ComponentProcess.start(new ProcessBuilder(command));
		this.closeables.add(process);
		return process;
	}

	private static boolean succeeds(List<String> command, String argument) throws InterruptedException {
		List<String> all = new ArrayList<>(command);
		all.add(argument);
		try {
			return new ProcessBuilder(all).start().waitFor() == 0;
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * An application that file permissions apply to. The application prints the status of
	 * its second folder.
	 */
	static final class UnreadableFolder {

		private UnreadableFolder() {
		}

		public static void main(String[] arguments) {
			new BadInputTests().runner(Path.of(arguments[0]), Path.of(arguments[1])).run((context) -> {
				await().until(() -> context.containsBean("good.state") && works(context, "good.state"));
				await().until(() -> context.containsBean("guest.state") && works(context, "guest.state"));
				System.out.println("READABLE");
				await().until(() -> descriptor(context).folders().get(1).state() == FolderStatus.State.UNREADABLE);
				awaitScans(context, 10);
				System.out.println("health: " + health(context, "discovery").getStatus() + " "
						+ details(health(context, "discovery")));
				System.out.println("endpoint: " + descriptor(context).folders().get(1));
				System.out
					.println((works(context, "good.state") && works(context, "guest.state")) ? "works" : "broken");
				System.out.println("UNREADABLE");
				await().until(() -> descriptor(context).folders().get(1).state() == FolderStatus.State.READABLE);
				System.out.println("END");
			});
		}

	}

	/**
	 * An application that file permissions apply to. The application prints the status of
	 * a socket.
	 */
	static final class ShutSocket {

		private ShutSocket() {
		}

		public static void main(String[] arguments) {
			new BadInputTests().runner(Path.of(arguments[0]))
				.withPropertyValues("pluggable.discovery.initial-wait=30s")
				.run((context) -> {
					await().until(() -> context.containsBean("good.state") && works(context, "good.state"));
					await().until(() -> endpoint(context, "shut").state() == EndpointState.FAILED);
					awaitScans(context, 10);
					System.out.println("health: " + reason(health(context, "endpoint:shut")));
					System.out.println("endpoint: " + endpoint(context, "shut").reason());
					System.out.println(works(context, "good.state") ? "works" : "broken");
					System.out.println("END");
				});
		}

	}

	private void good() {
		server("good.sock").start();
	}

	private void staleSockets(int from, int to) {
		for (int i = from; i < to; i++) {
			RawSocketServer.stale(this.folder.resolve("stale" + i + ".sock"));
		}
	}

	/**
	 * Check that the good component works.
	 */
	private static void use(AssertableApplicationContext context) {
		await().until(() -> context.containsBean("good.state"));
		await().until(() -> component(context, "good.state").state() == ComponentState.READY);
		assertThat(works(context, "good.state")).isTrue();
		assertThat(health(context, "good.state").getStatus().getCode()).isEqualTo("UP");
	}

	private static boolean works(AssertableApplicationContext context, String bean) {
		try {
			StateStore store = store(context, bean);
			store.set("k", bytes("v"));
			return store.get("k").map(StateItem::value).filter((value) -> value.length == 1).isPresent();
		}
		catch (ComponentUnavailableException ex) {
			return false;
		}
	}

	/**
	 * Check that the host connected the good component once, and that no other library
	 * logged a warning.
	 */
	private void assertUndisturbed(AssertableApplicationContext context) {
		assertThat(endpoint(context, "good").generation()).isEqualTo(1);
		assertThat(endpoint(context, "good").reconnects()).isZero();
		assertThat(endpoint(context, "good").lastError()).isNull();
		assertThat(events(Level.WARN)).allMatch((event) -> event.getLoggerName().startsWith("dev.pluggable"));
		assertThat(this.jul.records).isEmpty();
	}

	private void assertSkipped(AssertableApplicationContext context, int folder, String entry, String reason) {
		assertThat(descriptor(context).folders().get(folder).skipped()).filteredOn(SkippedDescriptor::entry, entry)
			.singleElement()
			.satisfies((skipped) -> assertThat(skipped.reason()).contains(reason));
		assertThat(details(health(context, "discovery")).get("folders").toString()).contains("entry=" + entry + ",")
			.contains(reason);
		assertThat(warnings()).filteredOn((line) -> line.startsWith("Skipping '" + entry + "'"))
			.singleElement()
			.asString()
			.contains(reason);
	}

	private void assertFailed(AssertableApplicationContext context, String name, String reason) {
		EndpointDescriptor endpoint = endpoint(context, name);
		assertThat(endpoint.state()).as(name).isEqualTo(EndpointState.FAILED);
		assertThat(endpoint.reason()).as(name).isNotBlank().contains(reason).isEqualTo(endpoint.lastError());
		assertThat(reason(health(context, "endpoint:" + name))).isEqualTo(endpoint.reason());
		assertThat(warnings()).filteredOn((line) -> line.contains("Endpoint '" + name + "'"))
			.containsExactly("Endpoint '" + name + "' is FAILED: " + endpoint.reason());
	}

	private void assertComponent(AssertableApplicationContext context, String id, ComponentState state, String reason) {
		ComponentDescriptor component = component(context, id);
		assertThat(component.state()).as(id).isEqualTo(state);
		assertThat(component.reason()).as(id).isNotBlank().contains(reason).doesNotContain("\n");
		assertThat(reason(health(context, id))).isEqualTo(component.reason());
		assertThat(health(context, id).getStatus().getCode()).isEqualTo("DOWN");
		String name = id.replace(".state", "");
		assertThat(lines())
			.filteredOn(
					(line) -> line.contains("component '" + name + "' is ") && line.endsWith(": " + component.reason()))
			.hasSize(1);
	}

	private void assertConflict(AssertableApplicationContext context, String name, String reason) {
		await().until(() -> endpoint(context, name).conflicts().containsKey("state"));
		assertThat(endpoint(context, name).conflicts().get("state")).contains(reason);
		assertThat(details(health(context, "endpoint:" + name)).get("conflicts").toString()).contains(reason);
		assertThat(warnings()).filteredOn((line) -> line.contains("endpoint '" + name + "'"))
			.singleElement()
			.asString()
			.contains(reason);
	}

	private void assertBeanProblem(AssertableApplicationContext context, String id, String problem) {
		assertThat(component(context, id).beanProblem()).contains(problem);
		assertThat(details(health(context, id)).get("beanProblem")).asString().contains(problem);
		assertThat(warnings()).filteredOn((line) -> line.contains(problem)).hasSize(1);
	}

	private void assertFolder(AssertableApplicationContext context, FolderStatus.State state, String reason) {
		FolderDescriptor folder = descriptor(context).folders().get(1);
		assertThat(folder.state()).isEqualTo(state);
		if (reason == null) {
			assertThat(folder.reason()).isNull();
		}
		else {
			assertThat(folder.reason()).contains(reason);
			assertThat(details(health(context, "discovery")).get("folders").toString()).contains(folder.reason());
		}
	}

	/**
	 * Check that the log reports each event once.
	 */
	private void assertNothingTwice() {
		assertThat(warnings()).doesNotHaveDuplicates().noneMatch(BadInputTests::hasControls);
	}

	private static boolean hasControls(String line) {
		return Pattern.compile("\\p{Cntrl}").matcher(line).find();
	}

	/**
	 * Wait until the host has read the folders several times. The host reads a recently
	 * changed folder each time, and each reading produces a new result.
	 */
	private static void awaitScans(AssertableApplicationContext context, int count) {
		ComponentHost host = context.getBean(ComponentHost.class);
		for (int i = 0; i < count; i++) {
			List<FolderStatus> last = host.folders();
			change(last.get(0).folder());
			await().until(() -> host.folders() != last);
		}
	}

	private static void change(Path folder) {
		try {
			Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static PluggableDescriptor descriptor(AssertableApplicationContext context) {
		return context.getBean(PluggableEndpoint.class).pluggable();
	}

	private static EndpointDescriptor endpoint(AssertableApplicationContext context, String name) {
		return descriptor(context).endpoints()
			.stream()
			.filter((endpoint) -> endpoint.name().equals(name))
			.findFirst()
			.orElseThrow();
	}

	private static ComponentDescriptor component(AssertableApplicationContext context, String id) {
		ComponentDescriptor component = context.getBean(PluggableEndpoint.class).component(id);
		assertThat(component).as(id).isNotNull();
		return component;
	}

	private static HealthDescriptor health(AssertableApplicationContext context, String child) {
		HealthDescriptor health = context.getBean(HealthEndpoint.class).healthForPath("pluggable", child);
		assertThat(health).as(child).isNotNull();
		return health;
	}

	private static Map<String, Object> details(HealthDescriptor health) {
		return ((IndicatedHealthDescriptor) health).getDetails();
	}

	private static String reason(HealthDescriptor health) {
		return String.valueOf(details(health).get("reason"));
	}

	private static StateStore store(AssertableApplicationContext context, String bean) {
		return context.getBean(bean, StateStore.class);
	}

	private static Throwable failure(AssertableApplicationContext context, String name) {
		await().until(() -> context.containsBean(name + ".state"));
		await().until(() -> component(context, name + ".state").state() == ComponentState.READY);
		try {
			store(context, name + ".state").get("k");
		}
		catch (PluggableException ex) {
			return ex;
		}
		throw new AssertionError("No failure of '" + name + "'");
	}

	private FakeStateServer server(String name) {
		FakeStateServer server = new FakeStateServer(this.folder.resolve(name));
		this.closeables.add(server);
		return server;
	}

	private void raw(String name, String answer) {
		this.closeables.add(RawSocketServer.sending(this.folder.resolve(name), bytes(answer)));
	}

	private RawGrpcServer grpc(String name) {
		RawGrpcServer server = new RawGrpcServer(this.folder.resolve(name));
		this.closeables.add(server);
		return server;
	}

	private RawGrpcServer grpcStateStore(String name) {
		RawGrpcServer server = RawGrpcServer.stateStore(this.folder.resolve(name));
		this.closeables.add(server);
		return server;
	}

	private List<ILoggingEvent> events(Level level) {
		return this.log.events().stream().filter((event) -> event.getLevel().isGreaterOrEqual(level)).toList();
	}

	private List<String> warnings() {
		return events(Level.WARN).stream()
			// Counts of this logger follow the callers of other tests.
			.filter((event) -> !event.getLoggerName().endsWith(".ServerLog"))
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	private List<String> lines() {
		return events(Level.INFO).stream().map(ILoggingEvent::getFormattedMessage).toList();
	}

	private static Logger logger(String name) {
		return (Logger) LoggerFactory.getLogger(name);
	}

	private static List<String> threads(String... prefixes) {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((name) -> Stream.of(prefixes).anyMatch(name::startsWith))
			.toList();
	}

	private static long openDescriptors() throws IOException {
		try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
			return descriptors.filter((descriptor) -> {
				try {
					String target = Files.readSymbolicLink(descriptor).toString();
					return target.startsWith("socket:") || target.startsWith("anon_inode:");
				}
				catch (IOException ex) {
					return false;
				}
			}).count();
		}
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(5));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.ISO_8859_1);
	}

	/**
	 * Collects warnings of libraries that use the logging of the JDK, such as gRPC.
	 */
	private static final class JulWarnings extends Handler {

		private final List<String> records = new CopyOnWriteArrayList<>();

		JulWarnings() {
			setLevel(java.util.logging.Level.WARNING);
		}

		@Override
		public void publish(LogRecord record) {
			if (isLoggable(record) && String.valueOf(record.getLoggerName()).matches("io\\.(grpc|netty).*")) {
				this.records.add(record.getLoggerName() + ": " + record.getMessage() + " " + record.getThrown());
			}
		}

		@Override
		public void flush() {
		}

		@Override
		public void close() {
		}

	}

}
