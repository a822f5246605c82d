package dev.pluggable.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.plugin.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for {@link RunDirectories}.
 */
@Timeout(120)
class RunDirectoriesTests {

	private final Path folder;

	RunDirectoriesTests(@TempDir Path folder) throws IOException {
		this.folder = folder.toRealPath();
	}

	@Test
	void whenCreatedThenTheFolderIsPrivateAndWhenClosedThenItIsDeleted() throws Exception {
		Path created;
		try (RunDirectories directories = new RunDirectories(this.folder)) {
			created = directories.create("orders");
			assertThat(directories.create("orders")).isNotEqualTo(created);
			assertThat(created.getParent().getParent()).isEqualTo(this.folder);
			assertThat(created.getParent().getFileName().toString()).matches("pluggable-[0-9a-z]{6}");
			for (Path path : new Path[] { created, created.getParent() }) {
				assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).isEqualTo("rwx------");
			}
			directories.delete(created);
			assertThat(created).doesNotExist();
			directories.delete(created);
			assertThatIllegalArgumentException().isThrownBy(() -> directories.delete(this.folder));
			directories.close();
			assertThatExceptionOfType(PluginException.class).isThrownBy(() -> directories.create("orders"));
		}
		assertThat(this.folder).isEmptyDirectory();
		assertThat(System.getProperties().stringPropertyNames()).noneMatch((name) -> name.contains(".live:"));
	}

	@Test
	void whenTemporaryFilesAreDeletedThenTheFolderIsCreatedAndLockedAgain() throws Exception {
		try (RunDirectories directories = new RunDirectories(this.folder)) {
			Path root = directories.create("a").getParent();
			Files.delete(root.resolve("lock"));
			sweepFromAnotherProcess();
			assertThat(directories.create("b")).exists();
			directories.delete(root.resolve("1"));
			directories.delete(root.resolve("2"));
			Files.delete(root.resolve("lock"));
			Files.delete(root);
			assertThat(directories.create("c")).exists();
			sweepFromAnotherProcess();
			assertThat(root.resolve("3")).exists();
		}
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenAnotherUserTakesTheNameOfTheDeletedFolderThenNothingOfOursIsDeletedThroughTheName() throws Exception {
		Path ours = Files.createDirectory(this.folder.resolve("ours"));
		Path kept = Files.writeString(Files.createDirectory(ours.resolve("1")).resolve("kept"), "kept");
		try (RunDirectories directories = new RunDirectories(this.folder)) {
			Path run = directories.create("a");
			Path root = run.getParent();
			Files.move(root, this.folder.resolve("moved"));
			Files.createSymbolicLink(root, ours);
			directories.delete(run);
			assertThat(kept).hasContent("kept");
			Path next = directories.create("b");
			assertThat(next.getParent()).isNotEqualTo(root).hasParent(this.folder);
			assertThat(ours).isDirectoryNotContaining((entry) -> !entry.endsWith("1"));
		}
		assertThat(kept).hasContent("kept");
	}

	@Test
	void whenAFolderOfAnotherUserHasTheNameThenItIsNeitherUsedNorDeleted() throws Exception {
		assumeTrue(PeerPolicy.ownUid() == 0);
		try (RunDirectories directories = new RunDirectories(this.folder)) {
			Path run = directories.create("a");
			Path root = run.getParent();
			Files.move(root, this.folder.resolve("moved"));
			Path foreign = Files.createDirectories(run);
			Files.setAttribute(root, "unix:uid", 65534);
			directories.delete(run);
			assertThat(foreign).exists();
			assertThat(directories.create("b").getParent()).isNotEqualTo(root);
		}
	}

	@Test
	void whenOtherUsersCanChangeTheParentThenItIsRefusedUnlessAllowed() throws Exception {
		Path open = Files.createDirectory(this.folder.resolve("open"));
		Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
		assertThatExceptionOfType(PluginException.class).isThrownBy(() -> new RunDirectories(open))
			.withMessageContaining("other users could replace them")
			.withMessageContaining("mode 777")
			.withMessageContaining("pluggable.plugin-directory");
		new RunDirectories(open, true).close();
		Files.setAttribute(open, "unix:mode", 01777);
		new RunDirectories(open).close();
		assertThat(open).isEmptyDirectory();
	}

	@Test
	void whenTheFolderIsTooLongOrUnusableThenTheReasonIsTold() throws Exception {
		Path deep = Files.createDirectories(this.folder.resolve("x".repeat(80)));
		assertThatExceptionOfType(PluginException.class).isThrownBy(() -> new RunDirectories(deep))
			.withMessageContaining("too long")
			.withMessageContaining("pluggable.plugin-directory");
		assertThatExceptionOfType(PluginException.class)
			.isThrownBy(() -> new RunDirectories(this.folder.resolve("absent")))
			.withMessageContaining("Cannot create a folder for plugins");
	}

	@Test
	void whenAnyHostSweepsThenFoldersOfLivingHostsStay() throws Exception {
		try (RunDirectories one = new RunDirectories(this.folder);
				RunDirectories other = new RunDirectories(this.folder)) {
			Path inOne = Files.createFile(one.create("a").resolve("file"));
			Path inOther = Files.createFile(other.create("b").resolve("file"));
			one.sweep();
			other.sweep();
			assertThat(inOne).exists();
			assertThat(inOther).exists();
			// The sweeps of this JVM must not release the locks.
			sweepFromAnotherProcess();
			assertThat(inOne).exists();
			assertThat(inOther).exists();
		}
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenAHostIsDeadThenItsProcessesAndItsFolderAreSwept() throws Exception {
		Path dead = Files.createDirectories(hostFolder("pluggable-abc123").resolve("1/s"));
		Files.createFile(dead.resolve("plugin.sock"));
		Path lock = Files.createFile(this.folder.resolve("pluggable-abc123/lock"));
		hostFolder("pluggable-empty0");
		Process process = new ProcessBuilder("sleep", "1000").redirectErrorStream(true).start();
		ProcessBuilder marked = new ProcessBuilder("sleep", "1000");
		marked.environment().put(MarkedProcesses.MARKER, this.folder + "/pluggable-abc123/1");
		ProcessBuilder elsewhere = new ProcessBuilder("sleep", "1000");
		elsewhere.environment().put(MarkedProcesses.MARKER, this.folder + "/pluggable-abc1234/1");
		Process left = marked.start();
		Process others = elsewhere.start();
		try (RunDirectories directories = new RunDirectories(this.folder)) {
			directories.sweep();
			assertThat(lock.getParent()).doesNotExist();
			assertThat(this.folder.resolve("pluggable-empty0")).doesNotExist();
			assertThat(left.waitFor(30, TimeUnit.SECONDS)).isTrue();
			assertThat(process.isAlive()).isTrue();
			assertThat(others.isAlive()).isTrue();
		}
		finally {
			process.destroyForcibly();
			left.destroyForcibly();
			others.destroyForcibly();
		}
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenAFolderIsNotAHostsThenItIsNotSwept() throws Exception {
		Path target = Files.createDirectory(this.folder.resolve("target"));
		Files.createFile(target.resolve("lock"));
		Files.createFile(target.resolve("kept"));
		Files.createSymbolicLink(this.folder.resolve("pluggable-link00"), target);
		for (String name : new String[] { "pluggable-", "pluggable-abc", "pluggable-ABC123", "pluggable-abc1234",
				"pluggable_abc123" }) {
			Files.createFile(Files.createDirectory(this.folder.resolve(name)).resolve("lock"));
		}
		Files.createFile(hostFolder("pluggable-nolock").resolve("kept"));
		Files.createFile(this.folder.resolve("pluggable-file00"));
		Path linked = hostFolder("pluggable-lklock");
		Files.createSymbolicLink(linked.resolve("lock"), target.resolve("lock"));
		long before = count();
		try (RunDirectories directories = new RunDirectories(this.folder)) {
			directories.sweep();
		}
		assertThat(count()).isEqualTo(before);
	}

	@Test
	void whenAFolderBelongsToAnotherUserThenItIsNotSwept() throws Exception {
		assumeTrue(PeerPolicy.ownUid() == 0);
		Path other = hostFolder("pluggable-other0");
		Files.createFile(other.resolve("lock"));
		Files.setAttribute(other, "unix:uid", 65532);
		try (RunDirectories directories = new RunDirectories(this.folder)) {
			directories.sweep();
		}
		assertThat(other.resolve("lock")).exists();
	}

	private Path hostFolder(String name) throws IOException {
		return Files.createDirectory(this.folder.resolve(name), HostDirectory.PRIVATE);
	}

	private long count() throws IOException {
		try (Stream<Path> entries = Files.walk(this.folder)) {
			return entries.count();
		}
	}

	private void sweepFromAnotherProcess() throws Exception {
		Process process = new ProcessBuilder(JavaCommand.of(SweepMain.class, this.folder.toString())).inheritIO()
			.start();
		try {
			assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
			assertThat(process.exitValue()).isZero();
		}
		finally {
			process.destroyForcibly();
		}
	}

	static final class SweepMain {

		private SweepMain() {
		}

		public static void main(String[] arguments) {
			try (RunDirectories directories = new RunDirectories(Path.of(arguments[0]))) {
				directories.sweep();
			}
		}

	}

}
