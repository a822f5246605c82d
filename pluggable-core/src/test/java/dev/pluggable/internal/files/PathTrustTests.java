package dev.pluggable.internal.files;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

import dev.pluggable.internal.transport.PeerPolicy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for {@link PathTrust}.
 */
class PathTrustTests {

	private static final int OTHER_USER = 65534;

	private final PathTrust trust = PathTrust.ownUser();

	@TempDir
	Path folder;

	private Path parent;

	private Path file;

	@BeforeEach
	void create() throws IOException {
		this.parent = Files.createDirectory(this.folder.resolve("parent"));
		this.file = Files.createFile(Files.createDirectory(this.parent.resolve("child")).resolve("file"));
		mode(this.parent, 0755);
		mode(this.file.getParent(), 0755);
		mode(this.file, 0644);
	}

	@Test
	void whenAllIsOursOrRootsThenTrusted() throws IOException {
		assertThat(this.trust.problem(this.file)).isNull();
		assertThat(this.trust.problem(Path.of("/usr/bin"))).isNull();
		assertThat(this.trust.problem(Path.of("/tmp"))).isNull();
		assertThat(this.trust.problem(this.parent.resolve("../parent/./child"))).isNull();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0777, 0757, 0775, 0002, 0020 })
	void whenOthersCanWriteToAnythingOnThePathThenNotTrusted(int mode) throws IOException {
		for (Path path : new Path[] { this.parent, this.file.getParent(), this.file }) {
			int before = (int) Files.getAttribute(path, "unix:mode");
			mode(path, mode);
			assertThat(this.trust.problem(this.file)).contains("can write to '" + path.toRealPath() + "'",
					Integer.toOctalString(mode));
			mode(path, before);
		}
		assertThat(this.trust.problem(this.file)).isNull();
	}

	@Test
	void whenAnythingOnThePathBelongsToAnotherUserThenNotTrustedUnlessNamed() throws IOException {
		assumeRoot();
		for (Path path : new Path[] { this.parent, this.file.getParent(), this.file }) {
			Files.setAttribute(path, "unix:uid", OTHER_USER);
			assertThat(this.trust.problem(this.file)).isEqualTo("'" + path.toRealPath() + "' belongs to uid 65534");
			assertThat(PathTrust.with(Set.of((long) OTHER_USER)).problem(this.file)).isNull();
			Files.setAttribute(path, "unix:uid", 0);
		}
	}

	@Test
	void whenAFolderIsStickyThenItsOwnEntriesAreTrustedAndThoseOfOthersAreNot() throws IOException {
		mode(this.parent, 01777);
		assertThat(this.trust.problem(this.parent)).isNull();
		assertThat(this.trust.problem(this.file)).isNull();
		assumeRoot();
		Files.setAttribute(this.file.getParent(), "unix:uid", OTHER_USER);
		assertThat(this.trust.problem(this.file)).contains("belongs to uid 65534");
	}

	@Test
	void whenAStickyFolderBelongsToAnotherUserThenNotTrusted() throws IOException {
		assumeRoot();
		mode(this.parent, 01777);
		Files.setAttribute(this.parent, "unix:uid", OTHER_USER);
		assertThat(this.trust.problem(this.file)).contains("belongs to uid 65534");
	}

	@Test
	void whenAFileIsStickyThenTheBitMeansNothing() throws IOException {
		mode(this.file, 01666);
		assertThat(this.trust.problem(this.file)).contains("can write to");
	}

	@Test
	void whenALinkLeadsSomewhereThenItsTargetCounts() throws IOException {
		Path link = Files.createSymbolicLink(this.folder.resolve("link"), Path.of("parent/child/../child"));
		Path absolute = Files.createSymbolicLink(this.folder.resolve("absolute"), link);
		assertThat(this.trust.problem(absolute.resolve("file"))).isNull();
		mode(this.parent, 0777);
		assertThat(this.trust.problem(absolute.resolve("file"))).contains("can write to '" + this.parent.toRealPath());
	}

	@Test
	void whenAnotherUserHasALinkInAStickyFolderThenNotTrusted() throws Exception {
		assumeRoot();
		mode(this.folder, 0755);
		mode(this.parent, 01777);
		Path link = this.parent.resolve("link");
		assertThat(new ProcessBuilder("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "ln", "-s",
				"/usr/bin", link.toString())
			.inheritIO()
			.start()
			.waitFor()).isZero();
		assertThat(this.trust.problem(link))
			.isEqualTo("'" + link.toRealPath(java.nio.file.LinkOption.NOFOLLOW_LINKS) + "' belongs to uid 65534");
		assertThat(this.trust.problem(Path.of("/usr/bin"))).isNull();
	}

	@Test
	void whenLinksFormALoopThenTheCallEnds() throws IOException {
		Path link = Files.createSymbolicLink(this.folder.resolve("loop"), Path.of("loop"));
		assertThatExceptionOfType(FileSystemLoopException.class).isThrownBy(() -> this.trust.problem(link));
	}

	@Test
	void whenThePathDoesNotExistThenItsParentsCount() throws IOException {
		assertThat(this.trust.problem(this.parent.resolve("no/such/file"))).isNull();
		Files.setPosixFilePermissions(this.parent, PosixFilePermissions.fromString("rwxrwxrwx"));
		assertThat(this.trust.problem(this.parent.resolve("no/such/file"))).contains("can write to");
	}

	private static void assumeRoot() {
		assumeTrue(PeerPolicy.ownUid() == 0);
	}

	private static void mode(Path path, int mode) throws IOException {
		Files.setAttribute(path, "unix:mode", mode & 07777);
	}

}
