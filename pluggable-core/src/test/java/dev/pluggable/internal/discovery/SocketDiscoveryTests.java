package dev.pluggable.internal.discovery;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.discovery.SkippedEntry;
import dev.pluggable.discovery.SocketFile;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointClaims;
import dev.pluggable.internal.endpoint.EndpointTarget;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.internal.files.PathTrust;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SocketDiscovery} and its {@link FolderWatcher}.
 */
class SocketDiscoveryTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	@TempDir
	Path parent;

	private Path first;

	private Path second;

	private final Semaphore hints = new Semaphore(0);

	private final List<ServerSocketChannel> servers = new ArrayList<>();

	private final RecordedClaims claims = new RecordedClaims();

	private SocketDiscovery discovery;

	@BeforeEach
	void createFolders() throws IOException {
		this.first = Files.createDirectory(this.parent.resolve("first"));
		this.second = Files.createDirectory(this.parent.resolve("second"));
		this.discovery = new SocketDiscovery(new LinkedHashSet<>(List.of(this.first, this.second)), PathTrust.ownUser(),
				false, this.claims);
		this.discovery.start(this.hints::release);
	}

	@Test
	void whenVeryManyEntriesAreSkippedAgainAndAgainThenTheLinesAreGroupedAndLimited() throws IOException {
		try (LogCapture log = new LogCapture()) {
			for (int round = 0; round < 30; round++) {
				for (int i = 0; i < 900; i++) {
					Path before = this.first.resolve("file-" + (round - 1) + "-" + i);
					Path now = this.first.resolve("file-" + round + "-" + i);
					if (round == 0) {
						Files.createFile(now);
					}
					else {
						Files.move(before, now);
					}
				}
				this.discovery.scan();
			}
			assertThat(log.text().lines().filter((line) -> line.startsWith("WARN"))).hasSizeLessThanOrEqualTo(20)
				.anyMatch((line) -> line.startsWith("WARN Skipping 900 entries in " + this.first + ", such as '"));
		}
	}

	@AfterEach
	void close() throws IOException {
		this.discovery.close();
		for (ServerSocketChannel server : this.servers) {
			server.close();
		}
		Awaitility.await()
			.atMost(PATIENCE)
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().equals("pluggable-watch")));
	}

	@Test
	void whenSocketAppearsThenAHintComes() throws Exception {
		assertThat(this.discovery.scan()).isEmpty();
		bind(this.first, "a.sock");
		assertThat(this.hints.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThat(this.discovery.scan()).containsOnlyKeys("a");
	}

	@Test
	void whenFolderIsDeletedAndMadeAgainThenItIsWatchedAgain() throws Exception {
		this.discovery.scan();
		Files.delete(this.first);
		assertThat(this.discovery.scan()).isEmpty();
		assertThat(this.discovery.statuses().get(0).state()).isEqualTo(FolderStatus.State.MISSING);
		Files.createDirectory(this.first);
		this.discovery.scan();
		assertThat(this.discovery.statuses().get(0).watched()).isTrue();
		this.hints.drainPermits();
		bind(this.first, "back.sock");
		assertThat(this.hints.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThat(this.discovery.scan()).containsOnlyKeys("back");
	}

	@Test
	void whenFolderIsReplacedByALinkThenWhatItLeadsToIsWatched() throws Exception {
		this.discovery.scan();
		Path real = Files.createDirectory(this.parent.resolve("real"));
		Files.delete(this.first);
		Files.createSymbolicLink(this.first, real);
		this.discovery.scan();
		this.hints.drainPermits();
		bind(this.first, "linked.sock");
		assertThat(this.hints.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThat(this.discovery.scan()).containsOnlyKeys("linked");
	}

	@Test
	void whenNamesAreTheSameThenTheEarlierFolderWinsAndTheOtherIsReported() throws Exception {
		Path winner = bind(this.first, "same.sock");
		bind(this.second, "SAME.socket");
		Map<String, SocketFile> sockets = this.discovery.scan();
		assertThat(sockets).containsOnlyKeys("same");
		assertThat(sockets.get("same").path()).isEqualTo(winner);
		assertThat(this.discovery.statuses().get(1).skipped()).singleElement()
			.extracting(SkippedEntry::reason)
			.asString()
			.contains("is taken by " + winner);
	}

	@Test
	void whenTheOtherOfTheSameNameIsInUseThenItStaysUntilItGoes() throws Exception {
		Path used = bind(this.second, "same.sock");
		assertThat(this.discovery.scan().get("same").path()).isEqualTo(used);
		Path late = bind(this.first, "same.sock");
		assertThat(this.discovery.scan().get("same").path()).isEqualTo(used);
		Files.delete(used);
		assertThat(this.discovery.scan().get("same").path()).isEqualTo(late);
	}

	private Path bind(Path folder, String name) throws IOException {
		Path path = folder.resolve(name);
		ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
		server.bind(UnixDomainSocketAddress.of(path));
		this.servers.add(server);
		return path;
	}

	@Test
	void whenSocketsComeAndGoThenTheirEndpointsAreOfferedAndWithdrawn() throws Exception {
		this.discovery.reconcile();
		assertThat(this.claims.calls).isEmpty();
		Path socket = bind(this.first, "Redis.sock");
		this.discovery.reconcile();
		assertThat(this.claims.calls).containsExactly("offer Redis " + socket);
		this.discovery.reconcile();
		// The source may offer the same target again, because the host ignores it.
		assertThat(this.claims.calls).containsOnly("offer Redis " + socket);
		Files.delete(socket);
		this.claims.calls.clear();
		this.discovery.reconcile();
		this.discovery.reconcile();
		assertThat(this.claims.calls).containsExactly("withdraw Redis");
	}

	@Test
	void whenVeryManySocketsAreRenamedAgainAndAgainThenOnlyNamesThatStayAreOffered() throws Exception {
		Path steady = bind(this.first, "steady.sock");
		for (int i = 0; i < 150; i++) {
			bind(this.first, "s-" + i + "-0.sock");
		}
		this.discovery.reconcile();
		assertThat(this.claims.calls).hasSize(151).contains("offer steady " + steady);
		this.claims.calls.clear();
		for (int round = 0; round < 5; round++) {
			for (int i = 0; i < 150; i++) {
				Files.move(this.first.resolve("s-" + i + "-" + round + ".sock"),
						this.first.resolve("s-" + i + "-" + (round + 1) + ".sock"));
			}
			this.discovery.reconcile();
		}
		assertThat(this.claims.calls).filteredOn((call) -> call.startsWith("withdraw")).hasSize(150);
		assertThat(this.claims.calls).filteredOn((call) -> call.startsWith("offer s-")).isEmpty();
		this.discovery.reconcile();
		assertThat(this.claims.calls).filteredOn((call) -> call.startsWith("offer s-")).hasSize(150);
	}

	/**
	 * Records the calls of a source.
	 */
	private static final class RecordedClaims implements EndpointClaims {

		final List<String> calls = new ArrayList<>();

		@Override
		public Endpoint claim(String name) {
			throw new AssertionError("Sockets are offered");
		}

		@Override
		public void offer(String name, EndpointTarget target) {
			this.calls.add("offer " + name + " " + target);
		}

		@Override
		public void withdraw(String name) {
			this.calls.add("withdraw " + name);
		}

	}

}
