package dev.pluggable.sample.h2;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.bindings.InvokeRequest;
import dev.pluggable.bindings.InvokeResponse;
import dev.pluggable.state.SetRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link H2Maintenance}.
 */
class H2MaintenanceTests {

	private static final int MEGABYTE = 1024 * 1024;

	@TempDir
	private Path folder;

	private H2StateStores stores;

	private H2Maintenance maintenance;

	@BeforeEach
	void prepare() {
		this.stores = new H2StateStores(this.folder, (failure) -> {
		});
		this.maintenance = new H2Maintenance(this.stores);
	}

	@AfterEach
	void close() {
		this.stores.open().values().forEach(H2StateStore::close);
	}

	private H2StateStore open(String name) {
		return (H2StateStore) this.stores.create(name, Map.of());
	}

	private String invoke(String operation, Map<String, String> metadata) {
		InvokeResponse response = this.maintenance
			.invoke(InvokeRequest.of(operation, new byte[0]).withMetadata(metadata));
		assertThat(response.contentType()).isEqualTo("application/json");
		return new String(response.data(), StandardCharsets.UTF_8);
	}

	@Test
	void whenListedThenKeysAreInOrder() {
		H2StateStore store = open("a");
		assertThat(invoke("list", Map.of())).isEqualTo("[]");
		store.set("b\"", new byte[0]);
		store.set("a", new byte[0]);
		store.set("gone", new byte[0]);
		store.delete("gone");
		assertThat(invoke("list", Map.of())).isEqualTo("[\"a\",\"b\\\"\"]");
		assertThat(invoke("list", Map.of("after", "a"))).isEqualTo("[\"b\\\"\"]");
		assertThat(invoke("list", Map.of("after", "aa", "store", "a"))).isEqualTo("[\"b\\\"\"]");
	}

	@Test
	void whenThereAreManyKeysThenTheyComeInParts() {
		H2StateStore store = open("a");
		store.bulkSet(
				IntStream.range(0, 1001).mapToObj((i) -> SetRequest.of(String.format("%04d", i), new byte[0])).toList(),
				1);
		JsonNode first = new JsonMapper().readTree(invoke("list", Map.of()));
		assertThat(first.size()).isEqualTo(1000);
		assertThat(invoke("list", Map.of("after", first.get(999).asString()))).isEqualTo("[\"1000\"]");
	}

	@Test
	void whenCompactedThenFileIsSmallerAndValuesAreThere() throws IOException {
		H2StateStore store = open("a");
		byte[] value = new byte[MEGABYTE];
		new Random(1).nextBytes(value);
		store.set("kept", value);
		for (int i = 0; i < 10; i++) {
			store.set("changed", value);
		}
		store.delete("changed");
		JsonNode answer = new JsonMapper().readTree(invoke("compact", Map.of()));
		assertThat(answer.get("before").asLong()).isGreaterThan(10 * MEGABYTE);
		assertThat(answer.get("after").asLong()).isLessThan(5 * MEGABYTE)
			.isEqualTo(Files.size(this.folder.resolve("a.mv")));
		store.set("later", value);
		Files.copy(this.folder.resolve("a.mv"), this.folder.resolve("b.mv"));
		H2StateStore copy = open("b");
		assertThat(copy.get("kept").orElseThrow().value()).isEqualTo(value);
		assertThat(copy.get("later").orElseThrow().value()).isEqualTo(value);
		assertThat(copy.get("changed")).isEmpty();
	}

	@Test
	void whenStoreIsNotClearThenItIsSaid() {
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> invoke("list", Map.of()));
		open("a");
		open("b");
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> invoke("list", Map.of()))
			.withMessageContaining("[a, b]");
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> invoke("compact", Map.of("store", "c")))
			.withMessageContaining("[a, b]");
		assertThat(invoke("list", Map.of("store", "b"))).isEqualTo("[]");
	}

	@Test
	void whenOperationIsUnknownThenItIsSaid() {
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> invoke("drop", Map.of()));
	}

}
