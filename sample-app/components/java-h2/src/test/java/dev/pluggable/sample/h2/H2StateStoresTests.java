package dev.pluggable.sample.h2;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.ComponentException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.state.StateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link H2StateStores}.
 */
class H2StateStoresTests {

	@TempDir
	private Path folder;

	private H2StateStores stores() {
		return new H2StateStores(this.folder.resolve("data"), (failure) -> {
		});
	}

	private static void close(StateStore... stores) throws Exception {
		for (StateStore store : stores) {
			((AutoCloseable) store).close();
		}
	}

	@Test
	void whenNamesDifferThenDataDoes() throws Exception {
		H2StateStores stores = stores();
		StateStore a = stores.create("a", Map.of());
		StateStore b = stores.create("b", Map.of());
		StateStore unnamed = stores.create("", Map.of());
		a.set("key", new byte[] { 1 });
		assertThat(b.get("key")).isEmpty();
		assertThat(unnamed.get("key")).isEmpty();
		close(a, b, unnamed);
		assertThat(this.folder.resolve("data")).isDirectoryContaining("glob:**/a.mv")
			.isDirectoryContaining("glob:**/b.mv");
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(this.folder.resolve("data"))))
			.isEqualTo("rwx------");
	}

	@Test
	void whenInitialisedAgainWithOtherMetadataThenStoreIsTheSame() throws Exception {
		H2StateStores stores = stores();
		StateStore store = stores.create("a", Map.of());
		assertThat(stores.create("a", Map.of("keyPrefix", "none"))).isSameAs(store);
		close(store);
		StateStore next = stores.create("a", Map.of());
		assertThat(next).isNotSameAs(store);
		close(next);
	}

	@Test
	void whenPathIsGivenThenItIsUsedByOneComponentOnly() throws Exception {
		H2StateStores stores = stores();
		StateStore a = stores.create("a", Map.of("path", "sub/file"));
		assertThat(this.folder.resolve("data/sub/file")).isRegularFile();
		String same = this.folder.resolve("data/sub/../sub/file").toString();
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> stores.create("b", Map.of("path", same)))
			.withMessageContaining("component 'a'");
		close(a);
	}

	@Test
	void whenPathCannotBeUsedThenRefused() throws Exception {
		Files.writeString(this.folder.resolve("file"), "x");
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> stores().create("a", Map.of("path", "\0")));
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> stores().create("a", Map.of("path", "/")));
		assertThatExceptionOfType(ComponentException.class)
			.isThrownBy(() -> stores().create("a", Map.of("path", "../file/x")));
	}

	@Test
	void whenNameIsStrangeThenFileNameIsHarmlessAndItsOwn() {
		List<String> names = List.of("", "%unnamed", "orders", "a.b", "..", "../x", "a/b", "a%2fb", "\u00e4", "\u0000");
		Set<String> files = new HashSet<>(names.stream().map(H2StateStores::fileName).toList());
		assertThat(files).hasSameSizeAs(names)
			.allSatisfy((file) -> assertThat(file).matches("[A-Za-z0-9_%-][A-Za-z0-9._%-]*\\.mv"))
			.contains("orders.mv", "a.b.mv", "%2e..mv");
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> H2StateStores.fileName("x".repeat(300)));
	}

}
