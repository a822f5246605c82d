package dev.pluggable.internal.discovery;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.discovery.SkippedEntry;
import dev.pluggable.discovery.SocketFile;
import dev.pluggable.internal.files.PathTrust;
import dev.pluggable.internal.transport.PeerPolicy;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SocketFolder}.
 */
class SocketFolderTests {

	@TempDir
	Path folder;

	private final List<ServerSocketChannel> servers = new ArrayList<>();

	@AfterEach
	void closeServers() throws IOException {
		for (ServerSocketChannel server : this.servers) {
			server.close();
		}
	}

	@Test
	void whenFolderIsMissingThenStatusSaysSo() {
		FolderStatus status = SocketFolder.read(this.folder.resolve("none"), false);
		assertThat(status.state()).isEqualTo(FolderStatus.State.MISSING);
		assertThat(status.reason()).contains("does not exist");
	}

	@Test
	void whenOtherUsersCanChangeTheFolderThenItIsRefusedUntilTheyCannot() throws IOException {
		bind("orders.sock");
		SocketFolder folder = new SocketFolder(this.folder, PathTrust.ownUser(), false, new SocketNames());
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxrwx---"));
		FolderStatus refused = folder.look(false);
		assertThat(refused.state()).isEqualTo(FolderStatus.State.REFUSED);
		assertThat(refused.sockets()).isEmpty();
		assertThat(refused.reason()).contains("other users can change the folder", "mode 770", "chmod go-w",
				"pluggable.security.allow-untrusted-folders");
		assertThat(folder.look(false)).isSameAs(refused);
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxr-x---"));
		assertThat(folder.look(false).sockets()).hasSize(1);
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxrwxrwx"));
		assertThat(folder.look(false).state()).isEqualTo(FolderStatus.State.REFUSED);
		assertThat(new SocketFolder(this.folder, PathTrust.ownUser(), true, new SocketNames()).look(false).sockets())
			.hasSize(1);
		Files.setAttribute(this.folder, "unix:mode", 01777);
		assertThat(folder.look(false).sockets()).hasSize(1);
	}

	@Test
	void whenAnotherUserOwnsTheFolderOrAParentThenItIsRefusedUnlessTheUserIsAllowed() throws IOException {
		Assumptions.assumeTrue(PeerPolicy.ownUid() == 0);
		Path nested = Files.createDirectories(this.folder.resolve("theirs/nested"));
		Files.setAttribute(nested.getParent(), "unix:uid", 65534);
		for (Path path : new Path[] { nested, nested.getParent() }) {
			FolderStatus status = new SocketFolder(path, PathTrust.ownUser(), false, new SocketNames()).look(false);
			assertThat(status.state()).isEqualTo(FolderStatus.State.REFUSED);
			assertThat(status.reason()).contains("belongs to uid 65534");
			assertThat(new SocketFolder(path, PathTrust.with(Set.of(65534L)), false, new SocketNames()).look(false)
				.state()).isEqualTo(FolderStatus.State.READABLE);
		}
	}

	@Test
	void whenSomebodyRenamesASocketInAnUntrustedFolderThenItIsNotUsed() throws IOException {
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxrwxrwx"));
		SocketFolder folder = new SocketFolder(this.folder, PathTrust.ownUser(), true, new SocketNames());
		Path honest = bind("honest.sock");
		Path other = bind("other.sock");
		assertThat(folder.look(false).sockets()).hasSize(2);
		// Exchanged.
		Path aside = this.folder.resolve("aside.sock");
		Files.move(honest, aside);
		assertThat(folder.look(false).sockets()).extracting(SocketFile::name).containsExactly("other");
		Files.move(other, honest);
		Files.move(aside, other);
		FolderStatus status = folder.look(false);
		assertThat(status.sockets()).isEmpty();
		assertThat(status.skipped()).extracting(SkippedEntry::reason)
			.satisfiesExactly((reason) -> assertThat(reason).contains("had the name 'other' before"),
					(reason) -> assertThat(reason).contains("had the name 'honest' before"));
		// Linked in addition, also under another extension.
		Files.move(honest, aside);
		Files.move(other, honest);
		Files.move(aside, other);
		Files.createLink(this.folder.resolve("third.socket"), honest);
		Files.createLink(this.folder.resolve("honest"), honest);
		assertThat(folder.look(false).sockets()).extracting(SocketFile::path)
			.containsExactly(this.folder.resolve("honest"), honest, other);
		// A process that makes its socket again has a new one.
		Files.delete(other);
		bind("other.sock");
		assertThat(folder.look(false).sockets()).extracting(SocketFile::name).contains("other");
	}

	@Test
	void whenASocketHasSeveralNamesFromTheBeginningThenNoneIsUsed() throws IOException {
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxrwxrwx"));
		Files.createLink(this.folder.resolve("b.sock"), bind("a.sock"));
		bind("c.sock");
		FolderStatus status = new SocketFolder(this.folder, PathTrust.ownUser(), true, new SocketNames()).look(false);
		assertThat(status.sockets()).extracting(SocketFile::name).containsExactly("c");
		assertThat(status.skipped()).extracting(SkippedEntry::entry).containsExactly("a.sock", "b.sock");
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
		assertThat(new SocketFolder(this.folder, PathTrust.ownUser(), true, new SocketNames()).look(false).sockets())
			.hasSize(3);
	}

	@Test
	void whenASocketMovesToAnotherUntrustedFolderThenItKeepsItsName() throws IOException {
		Path second = Files.createDirectory(this.folder.resolve("second"));
		for (Path path : List.of(this.folder, second)) {
			Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
		}
		SocketNames names = new SocketNames();
		Path socket = bind("a.sock");
		assertThat(new SocketFolder(this.folder, PathTrust.ownUser(), true, names).look(false).sockets()).hasSize(1);
		Files.move(socket, second.resolve("b.sock"));
		assertThat(new SocketFolder(second, PathTrust.ownUser(), true, names).look(false).sockets()).isEmpty();
		Files.move(second.resolve("b.sock"), second.resolve("a.sock"));
		assertThat(new SocketFolder(second, PathTrust.ownUser(), true, names).look(false).sockets()).hasSize(1);
	}

	@Test
	void whenASocketOfAStickyFolderGetsAFurtherNameThenOnlyTheFirstIsUsed() throws IOException {
		Files.setAttribute(this.folder, "unix:mode", 01777);
		SocketFolder folder = new SocketFolder(this.folder, PathTrust.ownUser(), false, new SocketNames());
		Path honest = bind("honest.sock");
		assertThat(folder.look(false).sockets()).hasSize(1);
		// Some systems let every user do this (fs.protected_hardlinks=0).
		Path link = Files.createLink(this.folder.resolve("other.sock"), honest);
		FolderStatus status = folder.look(false);
		assertThat(status.sockets()).extracting(SocketFile::name).containsExactly("honest");
		assertThat(status.skipped()).extracting(SkippedEntry::reason).singleElement().asString().contains("'honest'");
		assertThat(new SocketFolder(this.folder, PathTrust.ownUser(), false, new SocketNames()).look(false).sockets())
			.isEmpty();
		// The owner alone can take the first name away.
		Files.delete(honest);
		assertThat(folder.look(false).sockets()).extracting(SocketFile::path).containsExactly(link);
	}

	@Test
	void whenAnotherUserRenamesTheirSocketInAStickyFolderThenItIsNotUsed() throws IOException {
		Assumptions.assumeTrue(PeerPolicy.ownUid() == 0);
		Files.setAttribute(this.folder, "unix:mode", 01777);
		SocketFolder folder = new SocketFolder(this.folder, PathTrust.ownUser(), false, new SocketNames());
		Path first = bind("first.sock");
		Files.setAttribute(first, "unix:uid", 65534);
		assertThat(folder.look(false).sockets()).hasSize(1);
		Files.move(first, this.folder.resolve("second.sock"));
		FolderStatus status = folder.look(false);
		assertThat(status.sockets()).isEmpty();
		assertThat(status.skipped()).extracting(SkippedEntry::reason).singleElement().asString().contains("'first'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "mv a.sock x; mv b.sock a.sock; mv x b.sock", "mv a.sock b.sock", "ln -sf a.sock b.sock",
			"ln -f a.sock b.sock", "mv a.sock c.sock; ln -s c.sock a.sock", "mv a.sock a.sock.b; mv b.sock a",
			"mkdir -m 777 n; mv a.sock n/b.sock; mv b.sock n/a.sock; mv ../used ../old; mv ../old/n ../used",
			"mv ../used ../old; mkdir -m 777 ../used; mv ../old/a.sock ../used/b.sock; ln -s b.sock ../used/a.sock",
			"mv ../used ../old; ln -s old ../used; mv ../used/a.sock ../used/x; mv ../used/b.sock ../used/a.sock" })
	void whenAnotherUserChangesAnUntrustedFolderThenNoSocketGetsAnotherName(String attack) throws Exception {
		Assumptions.assumeTrue(PeerPolicy.ownUid() == 0);
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
		Path parent = Files.createDirectory(this.folder.resolve("p"));
		Path used = Files.createDirectory(parent.resolve("used"));
		for (Path path : List.of(parent, used)) {
			Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
		}
		bind("p/used/a.sock");
		bind("p/used/b.sock");
		SocketFolder folder = new SocketFolder(used, PathTrust.ownUser(), true, new SocketNames());
		List<SocketFile> honest = folder.look(false).sockets();
		assertThat(honest).hasSize(2);
		as(65534, "cd '" + used + "'; " + attack);
		assertThat(folder.look(false).sockets()).allSatisfy((socket) -> assertThat(honest)
			.anyMatch((first) -> first.identity().equals(socket.identity()) && first.name().equals(socket.name())));
	}

	/**
	 * Run a script as another user. Some commands may fail, because the system protects
	 * the files.
	 */
	private static void as(int uid, String script) throws Exception {
		Process process = new ProcessBuilder("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups", "sh",
				"-c", script)
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start();
		assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenFolderIsAFileThenItIsUnreadable() throws IOException {
		Path file = Files.createFile(this.folder.resolve("file"));
		FolderStatus status = SocketFolder.read(file, false);
		assertThat(status.state()).isEqualTo(FolderStatus.State.UNREADABLE);
		assertThat(status.reason()).isEqualTo("not a folder");
	}

	@Test
	void whenNamesHaveExtensionsThenOnlyTheLastIsCutOff() throws IOException {
		bind("redis.sock");
		bind("a.b.sock");
		bind("plain");
		FolderStatus status = SocketFolder.read(this.folder, true);
		assertThat(status.sockets()).extracting(SocketFile::name).containsExactly("a.b", "plain", "redis");
		assertThat(status.skipped()).isEmpty();
		assertThat(status.watched()).isTrue();
	}

	@Test
	void whenThereIsJunkThenEachEntryIsSkippedWithItsReason() throws IOException {
		bind("good.sock");
		bind(".sock");
		bind("-dash.sock");
		bind("with space.sock");
		Files.createFile(this.folder.resolve("file.sock"));
		Files.createDirectory(this.folder.resolve("directory.sock"));
		Files.createSymbolicLink(this.folder.resolve("link.sock"), this.folder.resolve("good.sock"));
		Files.createSymbolicLink(this.folder.resolve("dangling.sock"), this.folder.resolve("none"));
		Files.createFile(this.folder.resolve("new\nline.sock"));
		FolderStatus status = SocketFolder.read(this.folder, true);
		assertThat(status.sockets()).extracting(SocketFile::name).containsExactly("good");
		assertThat(status.skipped()).extracting(SkippedEntry::entry)
			.containsExactly("-dash.sock", ".sock", "dangling.sock", "file.sock", "link.sock", "new?line.sock",
					"with space.sock");
		assertThat(status.skipped()).filteredOn((entry) -> entry.entry().equals("link.sock"))
			.extracting(SkippedEntry::reason)
			.containsExactly("not a socket: a symbolic link, which is never followed");
		assertThat(status.skipped()).filteredOn((entry) -> entry.entry().equals(".sock"))
			.extracting(SkippedEntry::reason)
			.containsExactly("the name is empty without its extension");
	}

	@Test
	void whenPathIsTooLongThenTheReasonCountsBytes() throws IOException {
		// The kernel limits the path at bind, so the test moves the socket afterwards.
		bind("short.sock");
		Path deep = Files.createDirectories(this.folder.resolve("d".repeat(40)).resolve("e".repeat(40)));
		Files.move(this.folder.resolve("short.sock"), deep.resolve("s".repeat(40) + ".sock"));
		FolderStatus status = SocketFolder.read(deep, true);
		assertThat(status.sockets()).isEmpty();
		assertThat(status.skipped()).singleElement()
			.extracting(SkippedEntry::reason)
			.asString()
			.contains("107")
			.contains("bytes");
	}

	@Test
	void whenSocketIsMadeAgainThenItsIdentityDiffers() throws IOException {
		Path socket = bind("again.sock");
		String before = SocketFolder.read(this.folder, true).sockets().get(0).identity();
		this.servers.remove(0).close();
		Files.delete(socket);
		bind("again.sock");
		assertThat(SocketFolder.read(this.folder, true).sockets().get(0).identity()).isNotEqualTo(before);
	}

	@Test
	void whenPermissionsChangeThenTheIdentityStays() throws IOException {
		Path socket = bind("chmod.sock");
		String before = SocketFolder.read(this.folder, true).sockets().get(0).identity();
		Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
		assertThat(SocketFolder.read(this.folder, true).sockets().get(0).identity()).isEqualTo(before);
		Files.setLastModifiedTime(socket, FileTime.fromMillis(0));
		assertThat(SocketFolder.read(this.folder, true).sockets().get(0).identity()).isNotEqualTo(before);
	}

	@Test
	void whenThereIsMoreJunkThanIsKeptThenTheListIsBounded() throws IOException {
		for (int i = 0; i < FolderStatus.MAX_SKIPPED + 10; i++) {
			Files.createFile(this.folder.resolve("file" + i));
		}
		assertThat(SocketFolder.read(this.folder, true).skipped()).hasSize(FolderStatus.MAX_SKIPPED);
	}

	@Test
	void whenNothingHasChangedThenTheFolderIsNotReadAgain() throws IOException {
		bind("a.sock");
		SocketFolder folder = new SocketFolder(this.folder, PathTrust.ownUser(), false, new SocketNames());
		// A recent change makes the host read the folder again, because another change
		// could have the same modification time.
		assertThat(folder.look(true)).isNotSameAs(folder.look(true)).isEqualTo(folder.look(true));
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> folder.look(true) == folder.look(true));
		FolderStatus before = folder.look(true);
		Files.delete(bind("b.sock"));
		assertThat(folder.look(true)).isNotSameAs(before).isEqualTo(before);
		bind("c.sock");
		assertThat(folder.look(true).sockets()).hasSize(2);
	}

	private Path bind(String name) throws IOException {
		Path path = this.folder.resolve(name);
		ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
		server.bind(UnixDomainSocketAddress.of(path));
		this.servers.add(server);
		return path;
	}

}
