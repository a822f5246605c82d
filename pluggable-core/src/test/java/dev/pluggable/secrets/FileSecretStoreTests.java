package dev.pluggable.secrets;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

import dev.pluggable.ComponentException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.fixtures.LogCapture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class FileSecretStoreTests {

	private static final String VALUE = "tOp-sEcReT-4711";

	@TempDir
	Path folder;

	@Test
	void whenTheFileIsJsonThenNestedNamesAreJoined() throws Exception {
		write("s.json", """
				{"redis": "%s", "db": {"user": "scott", "ports": [1, 2.50, true, {"x": "y"}]}, "none": null}""", VALUE);
		SecretStore store = store("s.json", Map.of());
		assertThat(values(store))
			.isEqualTo(Map.of("redis", Map.of("redis", VALUE), "db:user", Map.of("db:user", "scott"), "db:ports:0",
					Map.of("db:ports:0", "1"), "db:ports:1", Map.of("db:ports:1", "2.50"), "db:ports:2",
					Map.of("db:ports:2", "true"), "db:ports:3:x", Map.of("db:ports:3:x", "y")));
		assertThat(store.get("db:user").value()).isEqualTo("scott");
		assertThat(store.features()).isEmpty();
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> store.get("db"));
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> store.get("none"));
	}

	@Test
	void whenItIsMultiValuedThenASecretHasKeys() throws Exception {
		write("s.json", """
				{"redis": "%s", "db": {"user": "scott", "deep": {"er": "x"}}, "list": ["a"]}""", VALUE);
		SecretStore store = store("s.json", Map.of("multiValued", "true", "nestedSeparator", "/"));
		assertThat(values(store)).isEqualTo(Map.of("redis", Map.of("redis", VALUE), "db",
				Map.of("user", "scott", "deep/er", "x"), "list", Map.of("0", "a")));
		assertThat(store.features()).containsExactly(SecretFeatures.MULTIPLE_KEY_VALUES_PER_SECRET);
	}

	@Test
	void whenTheFileHasPropertiesThenNamesAreSecrets() throws Exception {
		write("s.properties", "# comment\nredis = %s\ndb.user=sc\\u00f6tt\ndb.password: x\n.odd=1\n", VALUE);
		assertThat(values(store("s.properties", Map.of()))).containsOnlyKeys("redis", "db.user", "db.password", ".odd")
			.containsEntry("db.user", Map.of("db.user", "scött"));
		assertThat(values(store("s.properties", Map.of("multivalued", "TRUE", "nestedseparator", "."))))
			.isEqualTo(Map.of("redis", Map.of("redis", VALUE), "db", Map.of("user", "scött", "password", "x"), ".odd",
					Map.of(".odd", "1")));
	}

	@Test
	void whenTheNameSaysNothingThenTheContentTellsTheFormat() throws Exception {
		write("one", "\uFEFF \n {\"a\": \"b\"}");
		write("two", "a={b}");
		assertThat(store("one", Map.of()).get("a").value()).isEqualTo("b");
		assertThat(store("two", Map.of()).get("a").value()).isEqualTo("{b}");
	}

	@Test
	void whenTheFileChangesThenItIsReadAgain() throws Exception {
		write("s.json", "{\"a\": \"1\"}");
		SecretStore store = store("s.json", Map.of());
		for (int i = 2; i < 6; i++) {
			// The size is the same, and so may be the time on a coarse clock.
			write("s.json", "{\"a\": \"" + i + "\"}");
			assertThat(store.get("a").value()).isEqualTo(Integer.toString(i));
		}
		write("next", "{\"a\": \"6\"}");
		Files.move(this.folder.resolve("next"), this.folder.resolve("s.json"), StandardCopyOption.ATOMIC_MOVE);
		assertThat(store.get("a").value()).isEqualTo("6");
	}

	@Test
	void whenTheFileDoesNotChangeThenItIsNotReadAgain() throws Exception {
		Path file = write("s.json", "{\"a\": \"1\"}");
		FileTime old = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
		Files.setLastModifiedTime(file, old);
		SecretStore store = store("s.json", Map.of());
		// File, size and time are the same; only the content has changed.
		Files.writeString(file, "{\"a\": \"2\"}");
		Files.setLastModifiedTime(file, old);
		assertThat(store.get("a").value()).isEqualTo("1");
		Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:01Z")));
		assertThat(store.get("a").value()).isEqualTo("2");
	}

	@Test
	void whenTheFileIsReplacedByAnotherOfTheSameSizeAndTimeThenItIsReadAgain() throws Exception {
		Path file = write("s.json", "{\"a\": \"1\"}");
		Path next = write("next", "{\"a\": \"2\"}");
		FileTime old = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
		Files.setLastModifiedTime(file, old);
		Files.setLastModifiedTime(next, old);
		SecretStore store = store("s.json", Map.of());
		Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
		assertThat(store.get("a").value()).isEqualTo("2");
	}

	@Test
	void whenTheFileBreaksThenTheLastSecretsStayAndPingFailsUntilItIsMended() throws Exception {
		write("s.json", "{\"a\": \"1\"}");
		SecretStore store = store("s.json", Map.of());
		try (LogCapture log = new LogCapture()) {
			write("s.json", "{\n\"a\": \"2\",\n\"%s\": %s\n", VALUE, VALUE);
			assertThat(store.get("a").value()).isEqualTo("1");
			assertThat(store.bulkGet()).containsOnlyKeys("a");
			assertThatExceptionOfType(ComponentException.class).isThrownBy(store::ping)
				.withMessageContaining("s.json")
				.withMessageContaining("line 3")
				.satisfies((ex) -> assertThat(stackTrace(ex)).doesNotContain(VALUE));
			Files.delete(this.folder.resolve("s.json"));
			assertThat(store.get("a").value()).isEqualTo("1");
			assertThatExceptionOfType(ComponentException.class).isThrownBy(store::ping)
				.withMessageContaining("does not exist");
			write("s.json", "{\"a\": \"3\"}");
			assertThat(store.get("a").value()).isEqualTo("3");
			store.ping();
			assertThat(log.text()).containsOnlyOnce("line 3")
				.containsOnlyOnce("does not exist")
				.containsOnlyOnce("can be used again")
				.doesNotContain(VALUE);
		}
	}

	@ParameterizedTest
	@MethodSource
	void whenTheFileCannotBeUsedThenTheErrorNamesFileAndLineButNoContent(String name, String content, String expected)
			throws IOException {
		Files.write(this.folder.resolve(name), content.getBytes(StandardCharsets.ISO_8859_1));
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> store(name, Map.of()))
			.withMessageContaining(name)
			.withMessageContaining(expected)
			.satisfies((ex) -> assertThat(stackTrace(ex)).doesNotContain(VALUE));
	}

	static Stream<Arguments> whenTheFileCannotBeUsedThenTheErrorNamesFileAndLineButNoContent() {
		return Stream.of(arguments("s.json", "{\n\"a\":\n" + VALUE + "}", "line 3"),
				arguments("s.json", "{\"a\": \"" + VALUE, "line 1"),
				arguments("s.json", "[\"" + VALUE + "\"]", "not a JSON object"),
				arguments("s.json", "{\"a\": \"1\",\n\"a\": \"" + VALUE + "\"}", "line 2"),
				arguments("s.json", "{\"a:b\": \"1\",\n\"a\": {\"b\": \"" + VALUE + "\"}}", "line 2"),
				arguments("s.json", "{}\n" + VALUE, "line 2"), arguments("s.json", " \n", "is empty"),
				arguments("s.json", "", "is empty"),
				arguments("s.properties", "a=b\nc=" + VALUE + "\\uXYZ1\n", "line 2"),
				arguments("s.properties", "a=b\n\nc=" + VALUE + "\u00ff", "line 3"));
	}

	@Test
	void whenTheFileIsTooLargeThenItIsRefused() throws IOException {
		Files.write(this.folder.resolve("s.properties"), new byte[10 * 1024 * 1024 + 1]);
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> store("s.properties", Map.of()))
			.withMessageContaining("more than 10485760 bytes");
	}

	@Test
	void whenMetadataIsWrongThenTheErrorNamesIt() throws IOException {
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> FileSecretStore.create(Map.of()))
			.withMessageContaining("'secretsFile'");
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> store("none.json", Map.of()))
			.withMessageContaining("none.json does not exist");
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> store("", Map.of()))
			.withMessageContaining("is a directory");
		write("s.json", "{}");
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> store("s.json", Map.of("multiValued", VALUE)))
			.withMessageContaining("'multiValued'")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain(VALUE));
	}

	@ParameterizedTest
	@ValueSource(strings = { "../s.json", "/etc/passwd", "..", "a/../b" })
	void whenANameIsAPathThenThereIsNoSuchSecret(String name) throws Exception {
		write("s.json", "{\"a\": \"1\"}");
		SecretStore store = store("s.json", Map.of());
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> store.get(name));
	}

	private static Map<String, Map<String, String>> values(SecretStore store) {
		Map<String, Map<String, String>> values = new HashMap<>();
		store.bulkGet().forEach((name, secret) -> {
			values.put(name, secret.values());
			assertThat(store.get(name)).isEqualTo(secret);
		});
		return values;
	}

	private Path write(String name, String content, Object... arguments) throws IOException {
		return Files.writeString(this.folder.resolve(name),
				(arguments.length > 0) ? content.formatted(arguments) : content);
	}

	private SecretStore store(String name, Map<String, String> metadata) throws Exception {
		Map<String, String> all = new HashMap<>(metadata);
		all.put("secretsFile", this.folder.resolve(name).toString());
		return SecretStoreKind.INSTANCE.builtIns().get("local.file").create("file", all);
	}

	private static String stackTrace(Throwable ex) {
		StringWriter text = new StringWriter();
		ex.printStackTrace(new PrintWriter(text));
		return text.toString();
	}

}
