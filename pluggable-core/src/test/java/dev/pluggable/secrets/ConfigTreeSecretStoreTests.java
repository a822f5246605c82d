package dev.pluggable.secrets;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

import dev.pluggable.ComponentException;
import dev.pluggable.InvalidRequestException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ConfigTreeSecretStoreTests {

	private static final String VALUE = "tOp-sEcReT-4711";

	@TempDir
	Path temporary;

	private Path directory;

	private SecretStore store;

	@BeforeEach
	void make() throws Exception {
		this.directory = Files.createDirectory(this.temporary.resolve("secrets"));
		this.store = SecretStoreKind.INSTANCE.builtIns()
			.get("config-tree")
			.create("tree", Map.of("directory", this.directory.toString()));
	}

	@Test
	void whenThereAreFilesThenTheirNamesAreSecrets() throws IOException {
		write("redis", VALUE + "\n");
		write("windows", "a\r\n");
		write("pem", "a\nb\n");
		write("db/user", "scott");
		write("db/nested/deep", "x");
		write("tls.crt", "y");
		assertThat(this.store.get("redis").value()).isEqualTo(VALUE);
		assertThat(this.store.get("windows").value()).isEqualTo("a");
		assertThat(this.store.get("pem").value()).isEqualTo("a\nb\n");
		assertThat(this.store.get("tls.crt").value("tls.crt")).contains("y");
		assertThat(this.store.get("db.user").value("db.user")).contains("scott");
		assertThat(this.store.get("db.nested.deep").value()).isEqualTo("x");
		assertThat(this.store.get("db").values()).isEqualTo(Map.of("user", "scott", "nested.deep", "x"));
		assertThat(this.store.bulkGet()).containsOnlyKeys("redis", "windows", "pem", "db.user", "db.nested.deep",
				"tls.crt");
		assertThat(this.store.features()).containsExactly(SecretFeatures.MULTIPLE_KEY_VALUES_PER_SECRET);
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> this.store.get("db.none"));
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> this.store.get("user"));
	}

	@Test
	void whenKubernetesRotatesThenTheNewValuesAreRead() throws IOException {
		mount("..1", "scott", "tiger");
		link("user", Path.of("..data", "user"));
		link("password", Path.of("..data", "password"));
		assertThat(this.store.get("password").value()).isEqualTo("tiger");
		assertThat(this.store.bulkGet()).containsOnlyKeys("user", "password");
		mount("..2", "scott2", "tiger2");
		assertThat(this.store.get("password").value()).isEqualTo("tiger2");
		assertThat(this.store.bulkGet().get("user").value()).isEqualTo("scott2");
	}

	@Test
	void whenAMountIsBelowAnotherDirectoryThenItIsASecretWithKeys() throws IOException {
		Path parent = this.directory;
		this.directory = Files.createDirectory(parent.resolve("db"));
		mount("..1", "scott", "tiger");
		link("user", Path.of("..data", "user"));
		assertThat(this.store.get("db").values()).isEqualTo(Map.of("user", "scott", "password", "tiger"));
		assertThat(this.store.get("db.password").value()).isEqualTo("tiger");
	}

	@ParameterizedTest
	@ValueSource(strings = { "../outside", "..", ".", "a/../../outside", "/etc/passwd", "..data", "..\\x", "a\0b",
			"db/user" })
	void whenANameIsAPathThenItIsRefused(String name) throws IOException {
		Files.writeString(this.temporary.resolve("outside"), VALUE);
		write("db/user", VALUE);
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> this.store.get(name))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain(VALUE));
	}

	@ParameterizedTest
	@ValueSource(strings = { "a...outside", "a...data", "a..", ".a", "a." })
	void whenDotsCouldLeadUpwardsThenTheyDoNot(String name) throws IOException {
		Files.writeString(this.directory.resolve("outside"), VALUE);
		write("a/x", "y");
		write("a/..data/z", "y");
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> this.store.get(name));
	}

	@Test
	void whenALinkLeadsOutThenItIsRefused() throws IOException {
		Files.writeString(this.temporary.resolve("outside"), VALUE);
		link("bad", Path.of("..", "outside"));
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> this.store.get("bad"))
			.withMessageContaining("leads out")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain(VALUE));
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> this.store.bulkGet());
	}

	@Test
	void whenAFileCannotBeUsedThenTheErrorHasNoContent() throws IOException {
		Files.write(this.directory.resolve("large"), new byte[1024 * 1024 + 1]);
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> this.store.get("large"))
			.withMessageContaining("more than 1048576 bytes");
		Files.write(this.directory.resolve("binary"), (VALUE + "\u00ff").getBytes(StandardCharsets.ISO_8859_1));
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> this.store.get("binary"))
			.withMessageContaining("not text")
			.withNoCause()
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain(VALUE));
	}

	@Test
	void whenDirectoriesFormALoopThenReadingEnds() throws IOException {
		write("a/x", "y");
		link("a/loop", Path.of("."));
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> this.store.bulkGet())
			.withMessageContaining("nested");
		assertThat(this.store.get("a.x").value()).isEqualTo("y");
	}

	@Test
	void whenTheDirectoryIsMissingThenTheErrorNamesIt() throws IOException {
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> ConfigTreeSecretStore.create(Map.of("directory", "/none/here")))
			.withMessageContaining("/none/here");
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> ConfigTreeSecretStore.create(Map.of()))
			.withMessageContaining("'directory'");
		this.store.ping();
		Files.delete(this.directory);
		assertThatExceptionOfType(ComponentException.class).isThrownBy(this.store::ping);
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> this.store.bulkGet());
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> this.store.get("x"));
	}

	/**
	 * Replace the files like Kubernetes: fill a new directory, and then change the link
	 * to it in one step.
	 */
	private void mount(String name, String user, String password) throws IOException {
		write(name + "/user", user);
		write(name + "/password", password);
		Path link = Files.createSymbolicLink(this.directory.resolve("..data_tmp"), Path.of(name));
		Files.move(link, this.directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
	}

	private void link(String name, Path target) throws IOException {
		Files.createSymbolicLink(this.directory.resolve(name), target);
	}

	private void write(String name, String value) throws IOException {
		Path file = this.directory.resolve(name);
		Files.createDirectories(file.getParent());
		Files.writeString(file, value);
	}

}
