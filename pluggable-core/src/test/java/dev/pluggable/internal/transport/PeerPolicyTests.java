package dev.pluggable.internal.transport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.pluggable.transport.PeerCredentials;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PeerPolicy}.
 */
class PeerPolicyTests {

	@TempDir
	Path folder;

	@Test
	void whenNobodyElseIsNamedThenOnlyRootAndOurselvesAreAllowed() throws IOException {
		long own = ((Number) Files.getAttribute(Files.createFile(this.folder.resolve("ours")), "unix:uid")).longValue();
		assertThat(PeerPolicy.ownUid()).isEqualTo(own);
		assertThat(PeerPolicy.allowing(Set.of()).uids()).isEqualTo(new TreeSet<>(List.of(0L, own)));
		assertThat(PeerPolicy.allowing(Set.of(65532L)).allows(new PeerCredentials(65532, null, null))).isTrue();
		assertThat(PeerPolicy.allowing(Set.of()).allows(new PeerCredentials(65532, 1L, "nonroot"))).isFalse();
		assertThat(PeerPolicy.allowing(Set.of()).allows(new PeerCredentials(-1, null, "somebody"))).isFalse();
	}

	@Test
	void whenTheUserIsNotInTheUserDatabaseThenItsNumberIsStillKnown() throws Exception {
		// Only root can become a user that does not exist.
		Assumptions.assumeTrue(PeerPolicy.ownUid() == 0);
		Files.setPosixFilePermissions(this.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
		for (Class<?> type : new Class<?>[] { OwnUidMain.class, PeerPolicy.class, PeerCredentials.class }) {
			copy(type);
		}
		Process process = new ProcessBuilder("setpriv", "--reuid=123456", "--regid=123456", "--clear-groups",
				Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", this.folder.toString(),
				OwnUidMain.class.getName())
			.directory(this.folder.toFile())
			.redirectErrorStream(true)
			.start();
		assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
		try (Stream<String> lines = process.inputReader().lines()) {
			assertThat(lines).contains("123456");
		}
	}

	private void copy(Class<?> type) throws IOException {
		String name = type.getName().replace('.', '/') + ".class";
		Path target = this.folder.resolve(name);
		Files.createDirectories(target.getParent());
		try (InputStream bytes = type.getClassLoader().getResourceAsStream(name)) {
			Files.copy(bytes, target);
		}
		for (Path path = target; !path.equals(this.folder); path = path.getParent()) {
			Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
		}
	}

}
