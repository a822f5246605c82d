package dev.pluggable.internal.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import dev.pluggable.internal.transport.PeerPolicy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for {@link PrivateFolder}.
 */
class PrivateFolderTests {

	@TempDir
	Path folder;

	private Path path;

	private Path victim;

	@BeforeEach
	void create() throws IOException {
		this.path = Files.createDirectory(this.folder.resolve("private"),
				PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
		this.victim = Files.writeString(Files.createDirectories(this.folder.resolve("victim/a")).resolve("f"), "kept");
	}

	@Test
	void whenTheFolderIsSwappedWhileItIsHeldThenTheHeldOneIsChanged() throws IOException {
		Files.createDirectory(this.path.resolve("a"));
		Files.createFile(this.path.resolve("a/f"));
		try (PrivateFolder held = PrivateFolder.open(this.path)) {
			Path moved = Files.move(this.path, this.folder.resolve("moved"));
			Files.createSymbolicLink(this.path, this.folder.resolve("victim"));
			Path inHeld = Files.createFile(moved.resolve("socket"));
			Files.setPosixFilePermissions(held.pathOf(Path.of("socket")), PosixFilePermissions.fromString("r--------"));
			assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inHeld))).isEqualTo("r--------");
			held.delete(Path.of("a"));
			held.deleteEntries((name) -> true);
			assertThat(moved).isEmptyDirectory();
		}
		assertThat(this.victim).hasContent("kept");
	}

	@Test
	void whenContentsContainLinksThenTheirTargetsStay() throws IOException {
		Files.createDirectories(this.path.resolve("a/b/c"));
		Files.createSymbolicLink(this.path.resolve("a/b/link"), this.victim.getParent());
		Files.createSymbolicLink(this.path.resolve("a/file"), this.victim);
		Files.setPosixFilePermissions(this.path.resolve("a/b"), PosixFilePermissions.fromString("r-x------"));
		Files.setPosixFilePermissions(this.path.resolve("a/b/c"), PosixFilePermissions.fromString("---------"));
		try (PrivateFolder held = PrivateFolder.open(this.path)) {
			held.delete(Path.of("a"));
			held.delete(Path.of("absent"));
			held.delete();
		}
		assertThat(this.path).doesNotExist();
		assertThat(this.victim).hasContent("kept");
	}

	@Test
	void whenThePathIsALinkOrOpenToOthersOrMissingThenItIsNotOpened() throws IOException {
		Path link = Files.createSymbolicLink(this.folder.resolve("link"), this.path);
		assertThatIOException().isThrownBy(() -> PrivateFolder.open(link));
		assertThat(PrivateFolder.isPrivate(link)).isFalse();
		assertThat(PrivateFolder.isPrivate(this.path)).isTrue();
		Files.setPosixFilePermissions(this.path, PosixFilePermissions.fromString("rwx--x---"));
		assertThatIOException().isThrownBy(() -> PrivateFolder.open(this.path))
			.withMessageContaining("open to other users");
		assertThat(PrivateFolder.isPrivate(this.path)).isFalse();
		assertThatExceptionOfType(NoSuchFileException.class)
			.isThrownBy(() -> PrivateFolder.open(this.folder.resolve("absent")));
		assertThat(PrivateFolder.isPrivate(this.folder.resolve("absent"))).isFalse();
	}

	@Test
	void whenTheFolderBelongsToAnotherUserThenItIsNotOpened() throws IOException {
		assumeTrue(PeerPolicy.ownUid() == 0);
		Files.setAttribute(this.path, "unix:uid", 65534);
		assertThatIOException().isThrownBy(() -> PrivateFolder.open(this.path))
			.withMessageContaining("not to our user");
		assertThat(PrivateFolder.isPrivate(this.path)).isFalse();
	}

}
