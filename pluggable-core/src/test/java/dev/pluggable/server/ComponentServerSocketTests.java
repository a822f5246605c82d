package dev.pluggable.server;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.server.ComponentServerException.Reason;
import dev.pluggable.transport.SocketPaths;
import dev.pluggable.transport.TransportType;
import io.grpc.ConnectivityState;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for the socket file of {@link ComponentServer} and {@link PrivateSocket}.
 */
class ComponentServerSocketTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final Path folder;

	ComponentServerSocketTests(@TempDir Path folder) {
		this.folder = folder;
	}

	private ComponentServer.Builder server() {
		return server(this.folder.resolve("x.sock"));
	}

	private static ComponentServer.Builder server(Path socket) {
		return ComponentServer.builder(socket).serve(EchoKind.INSTANCE, (name, metadata) -> (text) -> text);
	}

	private ComponentServerException failure(Path socket) {
		try (ComponentServer server = server(socket).start()) {
			throw new AssertionError("Started on " + server.socket());
		}
		catch (ComponentServerException ex) {
			assertThat(ex.getSocket()).isEqualTo(socket);
			return ex;
		}
	}

	@Test
	void whenSocketIsStaleThenReplaced() throws IOException {
		Path socket = this.folder.resolve("x.sock");
		leaveBehind(socket);
		try (ComponentServer server = server().start(); EchoClient client = new EchoClient(server.socket())) {
			client.init("", Map.of());
			assertThat(client.say("", "!")).isEqualTo("!");
			assertThat(this.folder).isDirectoryNotContaining((path) -> !path.equals(socket));
		}
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenTheSocketIsDeletedThenTheServerMakesItAgainAndConnectionsGoOn() throws IOException {
		Path socket = this.folder.resolve("x.sock");
		try (LogCapture log = new LogCapture();
				ComponentServer server = server().start();
				EchoClient before = new EchoClient(socket)) {
			before.init("", Map.of());
			for (int i = 0; i < 2; i++) {
				Files.delete(socket);
				Awaitility.await().atMost(TIMEOUT).until(server::isReachable);
				assertThat(before.say("", "!")).isEqualTo("!");
				try (EchoClient after = new EchoClient(socket)) {
					assertThat(after.say("", "!")).isEqualTo("!");
				}
				assertThat(this.folder).isDirectoryNotContaining((path) -> !path.equals(socket));
			}
			assertThat(log.text().lines().filter((line) -> line.startsWith("WARN"))).hasSize(2)
				.allMatch((line) -> line.contains("Somebody deleted the socket " + socket));
		}
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenAConnectionEndsBeforeItIsReadyThenOtherConnectionsToADeletedSocketGoOn() throws IOException {
		Path socket = this.folder.resolve("x.sock");
		try (ComponentServer server = server().start(); EchoClient client = new EchoClient(socket)) {
			client.init("", Map.of());
			AtomicBoolean lost = new AtomicBoolean();
			client.channel().notifyWhenStateChanged(ConnectivityState.READY, () -> lost.set(true));
			try (SocketChannel stranger = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
				stranger.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
				ByteBuffer answer = ByteBuffer.allocate(1024);
				while (stranger.read(answer) >= 0) {
					answer.clear();
				}
			}
			// Each time, the server ends old sockets without connections.
			for (int i = 0; i < 3; i++) {
				Files.delete(socket);
				Awaitility.await().atMost(TIMEOUT).until(server::isReachable);
				assertThat(client.say("", "!")).isEqualTo("!");
			}
			assertThat(lost).isFalse();
		}
	}

	@Test
	void whenTheFolderIsDeletedThenTheServerMakesBothAgain() throws IOException {
		Path inner = this.folder.resolve("d");
		Path socket = inner.resolve("x.sock");
		try (ComponentServer server = server(socket).start()) {
			Files.delete(socket);
			Files.delete(inner);
			Awaitility.await().atMost(TIMEOUT).until(server::isReachable);
			try (EchoClient client = new EchoClient(socket)) {
				client.init("", Map.of());
				assertThat(client.say("", "!")).isEqualTo("!");
			}
		}
	}

	private static void leaveBehind(Path socket) throws IOException {
		try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.bind(UnixDomainSocketAddress.of(socket));
		}
		assertThat(socket).exists();
	}

	@Test
	void whenSocketIsInUseThenNotStolen() {
		try (ComponentServer first = server().start(); EchoClient client = new EchoClient(first.socket())) {
			ComponentServerException ex = failure(first.socket());
			assertThat(ex.getReason()).isEqualTo(Reason.IN_USE);
			assertThat(ex).hasMessageContaining(first.socket().toString()).hasMessageContaining("stop it");
			client.init("", Map.of());
			assertThat(client.say("", "!")).isEqualTo("!");
			assertThat(this.folder).isDirectoryNotContaining((path) -> !path.equals(first.socket()));
		}
	}

	@Test
	void whenQueueOfConnectionsIsFullThenNotStolenAndDoesNotWait() throws IOException {
		Path socket = this.folder.resolve("x.sock");
		List<SocketChannel> queue = new ArrayList<>();
		try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			busy.bind(UnixDomainSocketAddress.of(socket), 1);
			boolean full = false;
			while (!full) {
				SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
				queue.add(channel);
				channel.configureBlocking(false);
				full = !isAccepted(channel, socket);
			}
			assertThat(failure(socket).getReason()).isEqualTo(Reason.IN_USE);
		}
		finally {
			for (SocketChannel channel : queue) {
				channel.close();
			}
		}
	}

	private static boolean isAccepted(SocketChannel channel, Path socket) {
		try {
			return channel.connect(UnixDomainSocketAddress.of(socket));
		}
		catch (IOException ex) {
			return false;
		}
	}

	@Test
	void whenServersStartTogetherThenOneWins() throws Exception {
		int servers = 4;
		ExecutorService threads = Executors.newFixedThreadPool(servers);
		try {
			for (int round = 0; round < 10; round++) {
				Path socket = this.folder.resolve("x" + round + ".sock");
				if (round % 2 == 0) {
					leaveBehind(socket);
				}
				CyclicBarrier barrier = new CyclicBarrier(servers);
				List<Future<@Nullable ComponentServer>> starts = new ArrayList<>();
				for (int i = 0; i < servers; i++) {
					starts.add(threads.submit(() -> start(socket, barrier)));
				}
				List<ComponentServer> started = new ArrayList<>();
				for (Future<@Nullable ComponentServer> start : starts) {
					ComponentServer server = start.get(30, TimeUnit.SECONDS);
					if (server != null) {
						started.add(server);
					}
				}
				assertThat(started).hasSize(1);
				assertThat(this.folder).isDirectoryNotContaining((path) -> !path.equals(socket));
				started.get(0).close();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static @Nullable ComponentServer start(Path socket, CyclicBarrier barrier) throws Exception {
		ComponentServer.Builder builder = server(socket);
		barrier.await();
		try {
			return builder.start();
		}
		catch (ComponentServerException ex) {
			assertThat(ex.getReason()).isEqualTo(Reason.IN_USE);
			return null;
		}
	}

	@Test
	void whenNotASocketThenLeftAsItIs() throws IOException {
		Path file = Files.writeString(this.folder.resolve("file.sock"), "precious");
		Path directory = Files.createDirectory(this.folder.resolve("folder.sock"));
		Path target = this.folder.resolve("target");
		leaveBehind(target);
		Path link = Files.createSymbolicLink(this.folder.resolve("link.sock"), target);
		Path dangling = Files.createSymbolicLink(this.folder.resolve("dangling.sock"), this.folder.resolve("none"));
		for (Path path : List.of(file, directory, link, dangling)) {
			ComponentServerException ex = failure(path);
			assertThat(ex.getReason()).isEqualTo(Reason.NOT_A_SOCKET);
			assertThat(ex).hasMessageContaining(path.toString()).hasMessageContaining("not a socket");
			assertThat(Files.exists(path, LinkOption.NOFOLLOW_LINKS)).isTrue();
		}
		assertThat(file).hasContent("precious");
		assertThat(link).isSymbolicLink();
		assertThat(this.folder).isDirectoryNotContaining("glob:**/.*");
	}

	@Test
	void whenPathIsTooLongThenSaysByHowMuch() {
		Path fits = this.folder.resolve("x".repeat(SocketPaths.MAX_BYTES - SocketPaths.length(this.folder) - 1));
		Path tooLong = this.folder.resolve(fits.getFileName() + "yyy");
		ComponentServerException ex = failure(tooLong);
		assertThat(ex.getReason()).isEqualTo(Reason.PATH_TOO_LONG);
		assertThat(ex).hasMessageContaining("110 bytes")
			.hasMessageContaining("allows 107")
			.hasMessageContaining("(" + SocketPaths.length(this.folder) + " bytes)")
			.hasMessageContaining("by 3 bytes");
		try (ComponentServer server = server(fits).start(); EchoClient client = new EchoClient(server.socket())) {
			client.init("", Map.of());
		}
	}

	@Test
	void whenFolderLeavesNoRoomToBindThenPathIsTooLong() {
		Path base = this.folder.resolve("x".repeat(SocketPaths.MAX_BYTES - SocketPaths.length(this.folder) - 3));
		ComponentServerException ex = failure(base.resolve("a"));
		assertThat(ex.getReason()).isEqualTo(Reason.PATH_TOO_LONG);
		assertThat(base).doesNotExist();
	}

	@Test
	void whenBytesAreManyButCharactersAreFewThenPathIsTooLong() {
		assertThat(failure(this.folder.resolve("\u00e4".repeat(60))).getReason()).isEqualTo(Reason.PATH_TOO_LONG);
	}

	@Test
	void whenFolderIsNotOursThenPermissionDenied() throws IOException {
		assumeThat(PeerPolicy.ownUid()).isNotZero();
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("r-xr-xr-x"));
		for (Path path : List.of(this.folder.resolve("x.sock"), this.folder.resolve("deeper/x.sock"))) {
			ComponentServerException ex = failure(path);
			assertThat(ex.getReason()).isEqualTo(Reason.PERMISSION_DENIED);
			assertThat(ex).hasMessageContaining("'" + this.folder + "' belongs to")
				.hasMessageContaining("with mode r-xr-xr-x");
		}
	}

	@Test
	void whenSocketOfSomebodyElseCannotBeTriedThenPermissionDenied() throws IOException {
		assumeThat(PeerPolicy.ownUid()).isNotZero();
		try (ComponentServer other = server().permissions(Set.of()).start()) {
			ComponentServerException ex = failure(other.socket());
			assertThat(ex.getReason()).isEqualTo(Reason.PERMISSION_DENIED);
			assertThat(ex).hasMessageContaining("whether it is in use cannot be found out");
		}
	}

	@Test
	void permissionDeniedNamesOwnerModeAndUs() throws IOException {
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("r-xr-x---"));
		Path path = this.folder.resolve("a/b/x.sock");
		ComponentServerException ex = PrivateSocket.failure(path, new AccessDeniedException(path.toString()));
		assertThat(ex.getReason()).isEqualTo(Reason.PERMISSION_DENIED);
		assertThat(ex).hasMessageContaining(path.toString())
			.hasMessageContaining("'" + this.folder + "' belongs to " + Files.getOwner(this.folder).getName()
					+ " with mode r-xr-x---")
			.hasMessageContaining("we run as " + System.getProperty("user.name"))
			.hasMessageContaining("uid " + PeerPolicy.ownUid());
	}

	@Test
	void whenFolderIsAFileThenFails() throws IOException {
		Path file = Files.createFile(this.folder.resolve("file"));
		assertThat(failure(file.resolve("x.sock")).getReason()).isEqualTo(Reason.OTHER);
		assertThatIllegalArgumentException().isThrownBy(() -> server(Path.of("/")).start());
	}

	@Test
	void whenFolderIsALinkThenUsed() throws IOException {
		Path target = Files.createDirectory(this.folder.resolve("target"));
		Path link = Files.createSymbolicLink(this.folder.resolve("link"), target);
		try (ComponentServer server = server(link.resolve("x.sock")).start()) {
			assertThat(server.socket()).exists();
			assertThat(target.resolve("x.sock")).exists();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "AUTO", "NIO" })
	void whenSuccessorHasTakenThePathThenItsSocketStays(TransportType type) throws IOException {
		ComponentServer predecessor = server().transport(type).start();
		Files.delete(predecessor.socket());
		try (ComponentServer successor = server().transport(type).start();
				EchoClient client = new EchoClient(successor.socket())) {
			predecessor.close();
			client.init("", Map.of());
			assertThat(client.say("", "!")).isEqualTo("!");
		}
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenSomethingElseHasTakenThePathThenItStays() throws IOException {
		ComponentServer server = server().start();
		Files.delete(server.socket());
		Files.writeString(server.socket(), "precious");
		server.close();
		assertThat(server.socket()).hasContent("precious");
	}

	@Test
	void whenSocketIsGoneThenCloses() throws IOException {
		ComponentServer server = server().start();
		Files.delete(server.socket());
		server.close();
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenOtherUsersCanChangeTheFolderThenNothingIsCreatedThereUnlessAllowed() throws IOException {
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxrwxrwx"));
		assertThatExceptionOfType(ComponentServerException.class).isThrownBy(() -> server().start())
			.withMessageContaining("other users could replace it")
			.withMessageContaining("pluggable.security.allow-untrusted-folders")
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(Reason.UNTRUSTED_FOLDER));
		assertThat(this.folder).isEmptyDirectory();
		ComponentServer server = server().allowUntrustedFolder().start();
		assertThat(server.isReachable()).isTrue();
		server.close();
		Files.setAttribute(this.folder, "unix:mode", 01777);
		server().start().close();
	}

	@Test
	void whenThePrivateFolderIsSwappedForALinkThenNoFileGetsThePermissionsOfTheSocket() throws IOException {
		Path victim = Files.createFile(Files.createDirectory(this.folder.resolve("victim")).resolve("s"));
		Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-------"));
		PrivateSocket socket = PrivateSocket.prepare(this.folder.resolve("x.sock"), true);
		Path privateFolder = socket.bindPath().getParent();
		Files.move(privateFolder, this.folder.resolve("moved"));
		Files.createSymbolicLink(privateFolder, victim.getParent());
		assertThatExceptionOfType(ComponentServerException.class)
			.isThrownBy(() -> socket.publish(PosixFilePermissions.fromString("rw-rw-rw-")));
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(victim))).isEqualTo("rw-------");
		assertThat(this.folder.resolve("x.sock")).doesNotExist();
	}

	@Test
	void socketIsBoundInAPrivateFolderAndNamedOnlyWhenItListensWithItsPermissions() throws IOException {
		Path path = this.folder.resolve("x.sock");
		PrivateSocket socket = PrivateSocket.prepare(path, false);
		Path privateFolder = socket.bindPath().getParent();
		assertThat(privateFolder).hasParent(this.folder);
		assertThat(Files.getPosixFilePermissions(privateFolder))
			.isEqualTo(PosixFilePermissions.fromString("rwx------"));
		assertThat(socket.bindPath()).doesNotExist();
		assertThat(SocketPaths.length(socket.bindPath())).isLessThanOrEqualTo(SocketPaths.length(path));
		try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.bind(UnixDomainSocketAddress.of(socket.bindPath()));
			assertThat(path).doesNotExist();
			Object inode = Files.getAttribute(socket.bindPath(), "unix:ino");
			socket.publish(PosixFilePermissions.fromString("rw-------"));
			assertThat(Files.getAttribute(path, "unix:ino")).isEqualTo(inode);
			assertThat(Files.getAttribute(path, "unix:nlink")).isEqualTo(1);
			assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
			assertThat(privateFolder).doesNotExist();
			socket.delete();
			assertThat(path).doesNotExist();
		}
	}

	@Test
	void whenNotPublishedThenNothingStays() throws IOException {
		Path path = this.folder.resolve("x.sock");
		PrivateSocket socket = PrivateSocket.prepare(path, false);
		try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.bind(UnixDomainSocketAddress.of(socket.bindPath()));
			Files.writeString(path, "precious");
			assertThatExceptionOfType(ComponentServerException.class)
				.isThrownBy(() -> socket.publish(PosixFilePermissions.fromString("rw-------")))
				.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(Reason.NOT_A_SOCKET));
			socket.delete();
		}
		assertThat(path).hasContent("precious");
		assertThat(this.folder).isDirectoryNotContaining((other) -> !other.equals(path));
	}

}
