package dev.pluggable.internal.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.pluggable.PatientAwaitility;
import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.fixtures.Connections;
import dev.pluggable.fixtures.ManualScheduler;
import dev.pluggable.fixtures.PluginSideBroker;
import dev.pluggable.fixtures.PluginSideCertificate;
import dev.pluggable.fixtures.TestProcess;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.supervisor.PluginCertificate;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.transport.TransportType;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link GrpcBroker}.
 */
@Timeout(60)
@ExtendWith(PatientAwaitility.class)
class GrpcBrokerTests {

	private static final String ECHO = "test.Echo";

	private final Path folder;

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final ManualScheduler scheduler = new ManualScheduler();

	private final ExecutorService handlers = Executors.newCachedThreadPool();

	private TestProcess process;

	GrpcBrokerTests(@TempDir Path folder) {
		this.folder = folder;
	}

	@BeforeEach
	void start() {
		this.process = new TestProcess(this.folder, this.transport, this.scheduler, this.handlers,
				(plugin) -> List.of());
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.process.close();
		this.handlers.shutdown();
		assertThat(this.handlers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		this.transport.close();
		this.scheduler.shutdownNow();
	}

	@Test
	void whenTheHostServesThenThePluginCanDialIt() {
		BrokeredServer server = this.process.broker.serve("echo", List.of(echo("host")));
		assertThat(server.id()).isEqualTo(1);
		assertThat(say(this.process.plugin.dial(1), "hello")).isEqualTo("host: hello");
		assertThat(this.process.broker.served()).singleElement().satisfies((connection) -> {
			assertThat(connection.id()).isEqualTo(1);
			assertThat(connection.name()).isEqualTo("echo");
		});
	}

	@Test
	void whenAProcessIsReplacedThenANumberIsValidInBothUntilItIsClosed() throws IOException {
		try (TestProcess next = new TestProcess(this.folder, this.transport, this.scheduler, this.handlers,
				(plugin) -> List.of())) {
			BrokeredServer used = this.process.broker.serve("echo", List.of(echo("used")));
			say(this.process.plugin.dial(used.id()), "hello");
			BrokeredServer before = this.process.broker.serve("echo", List.of(echo("before")));
			next.broker.replace(this.process.broker);
			BrokeredServer after = this.process.broker.serve("echo", List.of(echo("after")));
			assertThat(say(next.plugin.dial(before.id()), "hello")).isEqualTo("before: hello");
			assertThat(say(next.plugin.dial(after.id()), "hello")).isEqualTo("after: hello");
			assertThat(say(this.process.plugin.dial(after.id()), "hello")).isEqualTo("after: hello");
			assertThat(next.broker.served()).extracting(BrokeredConnection::id)
				.as("the earlier process has used the other one")
				.containsExactlyInAnyOrder(before.id(), after.id());

			this.process.broker.close();
			assertThat(next.broker.served()).hasSize(2);
			before.close();
			after.close();
			assertThat(next.broker.served()).isEmpty();
			BrokeredServer late = this.process.broker.serve("echo", List.of(echo("late")));
			assertThat(say(next.plugin.dial(late.id()), "hello")).isEqualTo("late: hello");
			assertThat(next.broker.served()).hasSize(1);
		}
	}

	@Test
	void whenThePluginDemandsANumberThenItIsServedAgainAfterEachEnd() throws IOException {
		for (int i = 0; i < 3; i++) {
			try (BrokeredServer server = this.process.broker.serve("echo", 7, List.of(echo("host " + i)))) {
				assertThat(server.id()).isEqualTo(7);
				assertThat(say(this.process.plugin.dial(7), "hello")).isEqualTo("host " + i + ": hello");
			}
			assertThat(this.process.broker.served()).isEmpty();
		}
		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> this.process.broker.serve("echo", 0, List.of()));
	}

	@Test
	void whenADemandedNumberIsTakenThenTheFailureNamesTheOtherConnection() {
		BrokeredServer first = this.process.broker.serve("first", 7, List.of(echo("first")));
		assertThatExceptionOfType(PluginException.class)
			.isThrownBy(() -> this.process.broker.serve("second", 7, List.of(echo("second"))))
			.withMessageContaining("cannot serve connection 7 (second)")
			.withMessageContaining("taken by 'first'");
		assertThat(say(this.process.plugin.dial(7), "hello")).isEqualTo("first: hello");
		first.close();
		BrokeredServer chosen = this.process.broker.serve("chosen", List.of(echo("chosen")));
		assertThatExceptionOfType(PluginException.class)
			.isThrownBy(() -> this.process.broker.serve("third", chosen.id(), List.of(echo("third"))))
			.withMessageContaining("taken by 'chosen'");
		assertThat(this.process.broker.served()).hasSize(1);
	}

	@Test
	void whenAProcessIsReplacedThenADemandedNumberStaysWithIt() throws IOException {
		try (TestProcess next = new TestProcess(this.folder, this.transport, this.scheduler, this.handlers,
				(plugin) -> List.of())) {
			this.process.broker.serve("echo", 7, List.of(echo("before")));
			BrokeredServer known = this.process.broker.serve("known", List.of(echo("known")));
			this.process.broker.stays(known);
			next.broker.replace(this.process.broker);
			next.broker.serve("echo", 7, List.of(echo("next")));
			assertThat(say(next.plugin.dial(7), "hello")).isEqualTo("next: hello");
			assertThat(say(this.process.plugin.dial(7), "hello")).isEqualTo("before: hello");
			assertThat(next.broker.served()).extracting(BrokeredConnection::id).containsExactly(7);
		}
	}

	@Test
	void whenOnlyOneProcessKnowsANumberThenItIsNotServedToTheNextOne() throws IOException {
		try (TestProcess next = new TestProcess(this.folder, this.transport, this.scheduler, this.handlers,
				(plugin) -> List.of())) {
			BrokeredServer before = this.process.broker.serve("echo", List.of(echo("before")));
			this.process.broker.stays(before);
			next.broker.replace(this.process.broker);
			BrokeredServer after = this.process.broker.serve("echo", List.of(echo("after")));
			this.process.broker.stays(after);
			assertThat(next.broker.served()).isEmpty();
			assertThat(say(this.process.plugin.dial(before.id()), "hello")).isEqualTo("before: hello");
			assertThat(say(this.process.plugin.dial(after.id()), "hello")).isEqualTo("after: hello");
			this.process.broker.close();
			this.process.broker.stays(this.process.broker.serve("echo", List.of(echo("late"))));
			assertThat(next.broker.served()).isEmpty();
		}
	}

	@Test
	void whenAServerIsClosedThenItsSocketIsGoneAndItsCallsFail() throws IOException {
		BrokeredServer server = this.process.broker.serve("echo", List.of(echo("host")));
		ManagedChannel dialed = this.process.plugin.dial(server.id());
		say(dialed, "hello");
		assertThat(files()).contains(socket(server));
		server.close();
		server.close();
		assertThat(files()).doesNotContain(socket(server));
		assertThat(this.process.broker.served()).isEmpty();
		awaitFailure(dialed);
	}

	@Test
	void whenACallOnADialledOrProxiedConnectionFailsThenItsSecretsAreMasked() throws Exception {
		this.process.secrets = new SecretMask(Map.of("password", "a\"b-hunter2"));
		Metadata.Key<byte[]> details = Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
		ServerServiceDefinition failing = ServerInterceptors.intercept(echo("plugin"), new ServerInterceptor() {

			@Override
			public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
					ServerCallHandler<Q, R> next) {
				Metadata trailers = new Metadata();
				trailers.put(details, "{\"reason\":\"a\\\"b-hunter2\"}".getBytes(StandardCharsets.UTF_8));
				call.close(Status.INTERNAL.withDescription("no a%22b-hunter2"), trailers);
				return new ServerCall.Listener<>() {
				};
			}

		});
		ManagedChannel dialed = dial(this.process.plugin.serve(failing).id());
		BrokeredServer proxied = this.process.broker.proxy("failing", dialed);
		for (ManagedChannel channel : List.of(dialed, this.process.plugin.dial(proxied.id()))) {
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> say(channel, "hello"))
				.satisfies((ex) -> {
					assertThat(ex.getStatus().getDescription()).isEqualTo("no ******");
					assertThat(ex.getTrailers().get(details)).asString().doesNotContain("hunter").contains("reason");
				});
		}
	}

	@Test
	void whenAPluginAnnouncesASecretThenItIsMasked() {
		this.process.secrets = new SecretMask(Map.of("password", "hunter2"));
		this.process.plugin.announce(98, "unix", "relative/hunter2");
		assertThatFails(this.process.broker.dial("thing", 98)).withMessageContaining("'relative/******'");
	}

	@Test
	void whenTheHostServesThenNobodyElseCanConnect() {
		this.process.broker.serve("echo", List.of(echo("host")));
		// A server that is made ahead gets its permissions after it has begun to listen.
		Awaitility.await()
			.untilAsserted(() -> assertThat(files())
				.allSatisfy((socket) -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
					.isEqualTo("rw-------")));
	}

	@Test
	void whenThePluginServesThenTheHostCanDialIt() throws Exception {
		PluginSideBroker.Served server = this.process.plugin.serve(echo("plugin"));
		ManagedChannel channel = dial(server.id());
		assertThat(say(channel, "hello")).isEqualTo("plugin: hello");
		assertThat(this.process.broker.dialed()).singleElement().satisfies((connection) -> {
			assertThat(connection.id()).isEqualTo(server.id());
			assertThat(connection.name()).isEqualTo("thing");
		});
		channel.shutdownNow();
		assertThat(this.process.broker.dialed()).isEmpty();
	}

	@Test
	void whenBothSidesServeTheSameNumberThenEachReachesTheOther() throws Exception {
		int host = this.process.broker.serve("echo", List.of(echo("host"))).id();
		int plugin = this.process.plugin.serve(echo("plugin")).id();
		assertThat(host).isEqualTo(plugin).isEqualTo(1);
		assertThat(say(this.process.plugin.dial(1), "a")).isEqualTo("host: a");
		assertThat(say(dial(1), "b")).isEqualTo("plugin: b");
	}

	@Test
	void whenTheNumberOvertakesTheAnnouncementThenDiallingWaits() throws Exception {
		PluginSideBroker.Served server = this.process.plugin.listen(echo("plugin"));
		CompletionStage<ManagedChannel> dialed = this.process.broker.dial("thing", server.id());
		assertThat(dialed.toCompletableFuture()).isNotDone();
		this.process.plugin.announce(server.id(), "unix", server.socket().toString());
		assertThat(say(await(dialed), "hello")).isEqualTo("plugin: hello");
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenNothingIsAnnouncedThenDiallingEndsAfterFiveSeconds() {
		CompletableFuture<ManagedChannel> dialed = this.process.broker.dial("thing", 7).toCompletableFuture();
		this.scheduler.advance(Duration.ofMillis(4_999));
		assertThat(dialed).isNotDone();
		this.scheduler.advance(Duration.ofMillis(1));
		assertThatFails(dialed).withMessageContaining("'test'")
			.withMessageContaining("7 (thing)")
			.withMessageContaining("within 5s");
	}

	@Test
	void whenAnAnnouncementIsNotUsedThenItExpires() throws Exception {
		PluginSideBroker.Served server = this.process.plugin.serve(echo("plugin"));
		Awaitility.await().until(() -> this.scheduler.waiting() == 1);
		this.scheduler.advance(Announcements.PATIENCE);
		CompletableFuture<ManagedChannel> dialed = this.process.broker.dial("thing", server.id()).toCompletableFuture();
		assertThat(dialed).isNotDone();
		this.scheduler.advance(Announcements.PATIENCE);
		assertThatFails(dialed).withMessageContaining("did not announce");
		this.process.plugin.announce(server.id(), "unix", server.socket().toString());
		assertThat(say(dial(server.id()), "again")).isEqualTo("plugin: again");
	}

	@Test
	void whenANumberIsDialledAgainThenItMustBeAnnouncedAgain() throws Exception {
		PluginSideBroker.Served server = this.process.plugin.serve(echo("plugin"));
		ManagedChannel first = dial(server.id());
		CompletableFuture<ManagedChannel> second = this.process.broker.dial("thing", server.id()).toCompletableFuture();
		assertThat(say(first, "hello")).isEqualTo("plugin: hello");
		this.scheduler.advance(Announcements.PATIENCE);
		assertThatFails(second).withMessageContaining("dialled once only");
	}

	@Test
	void whenANumberIsAnnouncedTwiceThenTheFirstCounts() throws Exception {
		PluginSideBroker.Served first = this.process.plugin.listen(echo("first"));
		PluginSideBroker.Served second = this.process.plugin.listen(echo("second"));
		this.process.plugin.announce(5, "unix", first.socket().toString());
		this.process.plugin.announce(5, "unix", second.socket().toString());
		this.process.plugin.announce(6, "unix", second.socket().toString());
		assertThat(say(dial(6), "hello")).isEqualTo("second: hello");
		assertThat(say(dial(5), "hello")).isEqualTo("first: hello");
	}

	@Test
	void whenTheHostDoesNotAnnounceThenThePluginGivesUp() {
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> this.process.plugin.dial(9))
			.withMessageContaining("timeout waiting for connection info");
	}

	@Test
	void whenTheNumberIsZeroThenThatIsSaid() {
		assertThatFails(this.process.broker.dial("thing", 0)).withMessageContaining("stands for no connection");
	}

	@Test
	void whenTheNumberIsLargeThenItIsShownAsItWasSent() throws Exception {
		PluginSideBroker.Served server = this.process.plugin.listen(echo("plugin"));
		this.process.plugin.announce(-2, "unix", server.socket().toString());
		assertThat(say(dial(-2), "hello")).isEqualTo("plugin: hello");
		CompletionStage<ManagedChannel> second = this.process.broker.dial("thing", -2);
		this.scheduler.advance(Announcements.PATIENCE);
		assertThatFails(second).withMessageContaining("4294967294");
	}

	@Test
	void whenThePluginListensOnALocalPortThenTheHostCanDialIt() throws Exception {
		Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
			.addService(echo("tcp"))
			.build()
			.start();
		try {
			this.process.plugin.announce(3, "tcp", "127.0.0.1:" + server.getPort());
			assertThat(say(dial(3), "hello")).isEqualTo("tcp: hello");
			this.process.plugin.announce(4, "tcp", ":" + server.getPort());
			assertThat(say(dial(4), "hello")).isEqualTo("tcp: hello");
		}
		finally {
			server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
		}
	}

	@Test
	void whenAnAddressIsOfNoUseThenDiallingFailsAndSaysWhy() {
		List<String[]> addresses = List.of(new String[] { "tcp", "192.0.2.1:80", "is not a loopback address" },
				new String[] { "tcp", "example.org:80", "not an IP address" },
				new String[] { "unix", "relative.sock", "not absolute" },
				new String[] { "udp", "/tmp/x", "neither 'unix' nor 'tcp'" });
		for (String[] address : addresses) {
			CompletionStage<ManagedChannel> dialed = this.process.broker.dial("thing", 8);
			this.process.plugin.announce(8, address[0], address[1]);
			assertThatFails(dialed).withMessageContaining(address[2]).withMessageContaining("8 (thing)");
		}
	}

	@Test
	void whenThePluginAnnouncesWithoutEndThenTheRestIsDropped() throws Exception {
		PluginSideBroker.Served server = this.process.plugin.listen(echo("plugin"));
		for (int id = 1; id <= Announcements.MAX_ANNOUNCED + 50; id++) {
			this.process.plugin.announce(id, "unix", server.socket().toString());
		}
		CompletionStage<ManagedChannel> known = this.process.broker.dial("thing", 2_000);
		this.process.plugin.announce(2_000, "unix", server.socket().toString());
		assertThat(say(await(known), "hello")).isEqualTo("plugin: hello");
		assertThat(this.scheduler.waiting()).isEqualTo(Announcements.MAX_ANNOUNCED);
		dial(Announcements.MAX_ANNOUNCED);
		assertThat(this.process.broker.dial("thing", Announcements.MAX_ANNOUNCED + 1).toCompletableFuture())
			.isNotDone();
	}

	@Test
	void whenManyWaitForAnnouncementsThenThereIsALimit() {
		for (int id = 1; id <= GrpcBroker.MAX_CONNECTIONS; id++) {
			assertThat(this.process.broker.dial("thing", id).toCompletableFuture()).isNotDone();
		}
		assertThatFails(this.process.broker.dial("thing", 5_000)).withMessageContaining("1000 connections");
		this.scheduler.advance(Announcements.PATIENCE);
		assertThat(this.process.broker.dial("thing", 5_000).toCompletableFuture()).isNotDone();
	}

	@Test
	void whenAConnectionHasEndedAfterItsShutdownThenItDoesNotCount() throws Exception {
		String nobody = this.process.hostFolder.resolve("nobody").toString();
		for (int id = 1; id <= GrpcBroker.MAX_CONNECTIONS + 1; id++) {
			CompletionStage<ManagedChannel> dialed = this.process.broker.dial("thing", id);
			this.process.plugin.announce(id, "unix", nobody);
			ManagedChannel channel = await(dialed);
			// The call keeps the channel until nobody has answered.
			channel.newCall(Texts.unary("test.Echo", "Say"), CallOptions.DEFAULT).start(new ClientCall.Listener<>() {
			}, new Metadata());
			channel.shutdown();
			assertThat(channel.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void whenManyServeAtOnceThenAllAreAnnounced() throws Exception {
		List<Future<BrokeredServer>> servers = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			int number = i;
			servers.add(this.handlers
				.submit(() -> this.process.broker.serve("echo " + number, List.of(echo("host " + number)))));
		}
		for (int i = 0; i < 40; i++) {
			BrokeredServer server = servers.get(i).get();
			assertThat(say(this.process.plugin.dial(server.id()), "hello")).isEqualTo("host " + i + ": hello");
		}
		assertThat(this.process.broker.served()).extracting(BrokeredConnection::id)
			.hasSize(40)
			.doesNotHaveDuplicates()
			.isSorted();
	}

	@Test
	void whenThePluginEndsAConnectionThenItIsNotShownAnyMore() throws Exception {
		PluginSideBroker.Served server = this.process.plugin.serve(echo("plugin"));
		ManagedChannel channel = dial(server.id());
		say(channel, "hello");
		server.close();
		Awaitility.await().until(() -> this.process.broker.dialed().isEmpty());
		this.process.broker.close();
		assertThat(channel.isShutdown()).isTrue();
	}

	@Test
	void whenTheBrokerIsClosedThenEverythingEnds() throws Exception {
		this.process.broker.serve("echo", List.of(echo("host")));
		ManagedChannel fromPlugin = this.process.plugin.dial(1);
		say(fromPlugin, "hello");
		ManagedChannel channel = dial(this.process.plugin.serve(echo("plugin")).id());
		say(channel, "hello");
		CompletionStage<ManagedChannel> waiting = this.process.broker.dial("thing", 99);
		this.process.broker.close();
		this.process.broker.close();
		assertThatFails(waiting).withMessageContaining("is closed");
		assertThat(channel.isShutdown()).isTrue();
		assertThat(channel.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		Awaitility.await().until(() -> files().isEmpty());
		assertThat(this.process.broker.served()).isEmpty();
		assertThat(this.process.broker.dialed()).isEmpty();
		assertThat(this.scheduler.waiting()).isZero();
		awaitFailure(fromPlugin);
		assertThatFails(this.process.broker.dial("thing", 1)).withMessageContaining("is closed");
		assertThatExceptionOfType(PluginException.class)
			.isThrownBy(() -> this.process.broker.serve("echo", List.of(echo("host"))))
			.withMessageContaining("is closed");
		assertThat(files()).isEmpty();
	}

	@Test
	void whenThePluginEndsTheStreamThenWhatIsConnectedGoesOn() throws Exception {
		ManagedChannel channel = dial(this.process.plugin.serve(echo("plugin")).id());
		CompletionStage<ManagedChannel> waiting = this.process.broker.dial("thing", 99);
		this.process.plugin.endStream();
		assertThatFails(waiting).withMessageContaining("has closed its broker");
		assertThat(say(channel, "hello")).isEqualTo("plugin: hello");
		assertThatExceptionOfType(PluginException.class)
			.isThrownBy(() -> this.process.broker.serve("echo", List.of(echo("host"))));
	}

	@Test
	void whenTheProcessDiesThenThoseWhoWaitAreTold() {
		CompletionStage<ManagedChannel> waiting = this.process.broker.dial("thing", 99);
		this.process.plugin.announce(98, "unix", "/tmp/x");
		Awaitility.await().until(() -> this.scheduler.waiting() == 2);
		this.process.kill();
		assertThatFails(waiting).withMessageContaining("has ended");
	}

	@Test
	void whenThePluginHasNoBrokerThenThatIsSaid() throws Exception {
		Path socket = this.folder.resolve("nobroker");
		Server server = this.transport.server(socket).addService(echo("main")).build().start();
		ManagedChannel control = Connections.to(socket, this.transport);
		try (GrpcBroker broker = new GrpcBroker("plain", control, this.transport, this.process.hostFolder, null, null,
				PeerPolicy.allowing(Set.of()), this.scheduler, this.handlers, 1_000_000, BrokerCustomizers.none(),
				SecretMask.NONE)) {
			assertThatFails(broker.dial("thing", 1)).withMessageContaining("'plain' has no broker")
				.withMessageContaining("plugin.GRPCBroker");
			assertThatExceptionOfType(PluginException.class)
				.isThrownBy(() -> broker.serve("echo", List.of(echo("host"))))
				.withMessageContaining("has no broker");
			assertThat(broker.served()).isEmpty();
		}
		finally {
			control.shutdownNow();
			server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
		}
	}

	@Test
	void whenThePathOfTheSocketIsTooLongThenThatIsSaid() throws Exception {
		Path deep = Files.createDirectories(this.folder.resolve("x".repeat(100)));
		try (GrpcBroker broker = new GrpcBroker("deep", this.process.control, this.transport, deep, null, null,
				PeerPolicy.allowing(Set.of()), this.scheduler, this.handlers, 1_000_000, BrokerCustomizers.none(),
				SecretMask.NONE)) {
			assertThatExceptionOfType(PluginException.class)
				.isThrownBy(() -> broker.serve("echo", List.of(echo("host"))))
				.withMessageContaining("bytes, and 107 are possible");
		}
	}

	@Test
	void whenBothSidesHaveCertificatesThenConnectionsAreEncryptedInBothDirections() throws Exception {
		PluginCertificate host = PluginCertificate.create();
		PluginSideCertificate plugin = PluginSideCertificate.trusting(host.pem());
		try (TestProcess secured = new TestProcess(this.folder, this.transport, this.scheduler, this.handlers,
				(broker) -> List.of(), host.client(plugin.der()), host.server(plugin.der()), plugin.client(),
				plugin.server())) {
			int served = secured.broker.serve("echo", List.of(echo("host"))).id();
			assertThat(say(secured.plugin.dial(served), "a")).isEqualTo("host: a");
			int id = secured.plugin.serve(echo("plugin")).id();
			assertThat(say(await(secured.broker.dial("thing", id)), "b")).isEqualTo("plugin: b");
		}
	}

	@Test
	void whenTheOtherSideHasAnotherCertificateThenThereIsNoConnection() throws Exception {
		PluginCertificate host = PluginCertificate.create();
		PluginSideCertificate plugin = PluginSideCertificate.trusting(host.pem());
		PluginSideCertificate stranger = PluginSideCertificate.trusting(host.pem());
		try (TestProcess secured = new TestProcess(this.folder, this.transport, this.scheduler, this.handlers,
				(broker) -> List.of(), host.client(plugin.der()), host.server(plugin.der()), stranger.client(),
				stranger.server())) {
			int served = secured.broker.serve("echo", List.of(echo("host"))).id();
			assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> say(secured.plugin.dial(served), "a"))
				.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
			ManagedChannel channel = await(secured.broker.dial("thing", secured.plugin.serve(echo("plugin")).id()));
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> say(channel, "b"))
				.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
		}
	}

	@Test
	void whenThereAreCustomizersThenTheyReachTheConnectionsInBothDirections() throws Exception {
		List<String> seen = new CopyOnWriteArrayList<>();
		HostServiceRegistry services = new HostServiceRegistry();
		BrokerCustomizers customizers = new BrokerCustomizers((endpoint, builder) -> {
			seen.add("channel to " + endpoint);
			builder.intercept(new ClientInterceptor() {

				@Override
				public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options,
						Channel next) {
					seen.add("call of " + method.getServiceName() + " to "
							+ options.getOption(ComponentChannelCustomizer.ENDPOINT) + " on "
							+ options.getOption(ComponentChannelCustomizer.CONNECTION));
					return next.newCall(method, options);
				}

			});
		}, services);
		ServerInterceptor interceptor = new ServerInterceptor() {

			@Override
			public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
					ServerCallHandler<Q, R> next) {
				seen.add("call of " + call.getMethodDescriptor().getServiceName() + " from "
						+ call.getAttributes().get(PluginBroker.PLUGIN) + " on "
						+ call.getAttributes().get(PluginBroker.CONNECTION));
				return next.startCall(call, headers);
			}

		};
		try (TestProcess process = new TestProcess(this.folder, this.transport, this.scheduler, this.handlers,
				(plugin) -> List.of(), customizers)) {
			int plugin = process.plugin.serve(echo("plugin")).id();
			ManagedChannel dialed = await(process.broker.dial("relayer", plugin));
			int served = process.broker.serve("keystore", List.of(echo("host"))).id();
			int proxied = process.broker.proxy("other plugin", dialed).id();
			assertThat(say(process.plugin.dial(served), "early")).isEqualTo("host: early");
			assertThat(seen).containsExactly("channel to test");
			services.customize((service) -> ServerInterceptors.intercept(service, interceptor));
			assertThat(say(process.plugin.dial(process.broker.serve("again", List.of(echo("host"))).id()), "a"))
				.isEqualTo("host: a");
			assertThat(say(process.plugin.dial(proxied), "b")).isEqualTo("plugin: b");
			assertThat(say(dialed, "c")).isEqualTo("plugin: c");
		}
		assertThat(seen).containsExactly("channel to test", "call of test.Echo from test on again",
				"call of test.Echo from test on other plugin", "call of test.Echo to test on relayer",
				"call of test.Echo to test on relayer");
	}

	@Test
	void whenAServiceWasOfferedThenItIsServedAsItIs() {
		HostServiceRegistry services = new HostServiceRegistry();
		ServerServiceDefinition offered = echo("offered");
		services.add(offered);
		services.customize((service) -> {
			throw new IllegalStateException("not called");
		});
		try (TestProcess process = new TestProcess(this.folder, this.transport, this.scheduler, this.handlers,
				(plugin) -> List.of(), new BrokerCustomizers((endpoint, builder) -> {
				}, services))) {
			assertThat(say(process.plugin.dial(process.broker.serve("echo", List.of(offered)).id()), "a"))
				.isEqualTo("offered: a");
			ManagedChannel refused = process.plugin.dial(process.broker.serve("echo", List.of(echo("other"))).id());
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> say(refused, "a"));
		}
	}

	private static ServerServiceDefinition echo(String who) {
		return Texts.service(ECHO, "Say", (text) -> who + ": " + text);
	}

	private static String say(ManagedChannel channel, String text) {
		return Texts.call(channel, ECHO, "Say", text);
	}

	private static void awaitFailure(ManagedChannel channel) {
		Awaitility.await()
			.untilAsserted(() -> assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> say(channel, "hello")));
	}

	private ManagedChannel dial(int id) throws Exception {
		return await(this.process.broker.dial("thing", id));
	}

	private static ManagedChannel await(CompletionStage<ManagedChannel> dialed) throws Exception {
		return dialed.toCompletableFuture().get(20, TimeUnit.SECONDS);
	}

	private static org.assertj.core.api.ThrowableAssertAlternative<PluginException> assertThatFails(
			CompletionStage<ManagedChannel> dialed) {
		return assertThatExceptionOfType(PluginException.class).isThrownBy(() -> {
			try {
				await(dialed);
			}
			catch (ExecutionException ex) {
				throw ex.getCause();
			}
		});
	}

	private Path socket(BrokeredServer server) {
		return this.process.hostFolder.resolve("b" + server.id());
	}

	private List<Path> files() throws IOException {
		try (Stream<Path> files = Files.list(this.process.hostFolder)) {
			return files.toList();
		}
	}

}
