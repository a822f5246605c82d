package dev.pluggable.internal.transport;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.pluggable.internal.support.RequestNotSentException;
import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.SocketPaths;
import dev.pluggable.transport.TransportType;
import dev.pluggable.transport.TransportUnavailableException;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Transport}.
 */
class TransportTests {

	@TempDir
	Path folder;

	private final List<String> events = new CopyOnWriteArrayList<>();

	@Test
	void whenTheTransportIsOfAnotherSystemThenItIsUnavailableAndSaysWhy() {
		TransportType other = System.getProperty("os.name").equals("Linux") ? TransportType.KQUEUE
				: TransportType.EPOLL;
		assertThatExceptionOfType(TransportUnavailableException.class).isThrownBy(() -> Transport.create(other))
			.satisfies((ex) -> assertThat(ex.getType()).isEqualTo(other));
	}

	@Test
	void whenAnyWillDoThenOneIsTakenAndTheOthersAreExplained() {
		try (Transport transport = Transport.create(TransportType.AUTO)) {
			assertThat(transport.type()).isNotEqualTo(TransportType.AUTO);
			assertThat(transport.unavailable()).doesNotContainKey(transport.type());
		}
	}

	@ParameterizedTest
	@EnumSource(value = TransportType.class, names = { "EPOLL", "NIO" })
	void whenTheConnectionEndsThenTheChannelNeverConnectsAgain(TransportType type) throws Exception {
		Path socket = this.folder.resolve("h.sock");
		try (Transport transport = Transport.create(type)) {
			Server first = server(transport, socket);
			ManagedChannel channel = connect(transport, socket, PeerPolicy.allowing(Set.of()));
			check(channel);
			assertThat(this.events).singleElement().asString().startsWith("connected uid " + PeerPolicy.ownUid());
			first.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
			Awaitility.await().until(() -> this.events.contains("closed"));
			Server second = server(transport, socket);
			for (int i = 0; i < 3; i++) {
				assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> check(channel))
					.satisfies((ex) -> {
						assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
						assertThat(ex.getStatus().getCause()).isInstanceOf(RequestNotSentException.class);
					});
			}
			channel.shutdownNow();
			second.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
		}
	}

	@ParameterizedTest
	@EnumSource(value = TransportType.class, names = { "EPOLL", "NIO" })
	void whenThePeerIsNotAllowedThenTheConnectionIsRefused(TransportType type) throws Exception {
		Path socket = this.folder.resolve("h.sock");
		try (Transport transport = Transport.create(type)) {
			Server server = server(transport, socket);
			ManagedChannel channel = connect(transport, socket, new PeerPolicy(Set.of(4_294_967_294L)));
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> check(channel));
			assertThat(this.events).anyMatch((event) -> event.startsWith("refused"));
			channel.shutdownNow();
			server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
		}
	}

	@ParameterizedTest
	@EnumSource(value = TransportType.class, names = { "EPOLL", "NIO" })
	void whenAStreamIsOpenThenItEndsWithTheTransportOfItsServerAndNothingIsLeft(TransportType type) throws Exception {
		streamEnds(type, true);
		streamEnds(type, false);
		long before = descriptors();
		for (int i = 0; i < 5; i++) {
			streamEnds(type, true);
			streamEnds(type, false);
		}
		Awaitility.await().untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(before + 2));
	}

	private void streamEnds(TransportType type, boolean stopsFirst) throws Exception {
		Path socket = this.folder.resolve("h.sock");
		LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
		try (Transport clients = Transport.create(type)) {
			Transport servers = Transport.create(type);
			Server server = server(servers, socket);
			ManagedChannel channel = connect(clients, socket, PeerPolicy.allowing(Set.of()));
			HealthGrpc.newStub(channel)
				.watch(HealthCheckRequest.getDefaultInstance(), new StreamObserver<HealthCheckResponse>() {

					@Override
					public void onNext(HealthCheckResponse response) {
						heard.add(response.getStatus().name());
					}

					@Override
					public void onError(Throwable failure) {
						heard.add(Status.fromThrowable(failure).getCode().name());
					}

					@Override
					public void onCompleted() {
						heard.add("completed");
					}

				});
			assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("SERVING");
			if (stopsFirst) {
				server.shutdown();
			}
			servers.close();
			assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("UNAVAILABLE");
			if (stopsFirst) {
				assertThat(server.shutdownNow().awaitTermination(30, TimeUnit.SECONDS)).isTrue();
			}
			channel.shutdownNow();
		}
		assertThat(socket).doesNotExist();
	}

	private static long descriptors() throws IOException {
		try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
			return files.count();
		}
	}

	@Test
	void whenSomebodyListensThenThatIsKnown() throws IOException {
		Path socket = this.folder.resolve("l.sock");
		try (Transport transport = Transport.create(TransportType.NIO)) {
			try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
				server.bind(UnixDomainSocketAddress.of(socket));
				assertThat(transport.isListening(socket)).isTrue();
			}
			assertThat(transport.isListening(socket)).isFalse();
			Files.delete(socket);
			// Only connect reports that the socket does not exist.
			assertThat(transport.isListening(socket)).isTrue();
		}
	}

	@Test
	void whenAPathIsTooLongThenItDoesNotFit() {
		assertThat(SocketPaths.fits(Path.of("/" + "x".repeat(106)))).isTrue();
		assertThat(SocketPaths.fits(Path.of("/" + "x".repeat(107)))).isFalse();
		assertThat(SocketPaths.length(Path.of("/ä"))).isEqualTo(3);
	}

	private static Server server(Transport transport, Path socket) throws IOException {
		return transport.server(socket).addService(new HealthStatusManager().getHealthService()).build().start();
	}

	private ManagedChannel connect(Transport transport, Path socket, PeerPolicy policy) {
		return transport.connect(UnixDomainSocketAddress.of(socket), null, policy, new ConnectionListener() {

			@Override
			public void connected(PeerCredentials peer) {
				TransportTests.this.events.add("connected " + peer);
			}

			@Override
			public void refused(String reason) {
				TransportTests.this.events.add("refused " + reason);
			}

			@Override
			public void closed() {
				TransportTests.this.events.add("closed");
			}

		}, (builder) -> {
		});
	}

	private static void check(ManagedChannel channel) {
		ClientCalls.blockingUnaryCall(channel, HealthGrpc.getCheckMethod(),
				CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS), HealthCheckRequest.getDefaultInstance());
	}

}
