package dev.pluggable.sample.h2;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

import dev.pluggable.ComponentException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.state.Concurrency;
import dev.pluggable.state.DeleteRequest;
import dev.pluggable.state.EtagMismatchException;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateOperation;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link H2StateStore} and its {@link DataFile}: the data that remain after the
 * process has ended.
 */
class H2StateStoreTests {

	private final MutableClock clock = new MutableClock();

	private final AtomicReference<Throwable> fatal = new AtomicReference<>();

	private final List<H2StateStore> opened = new ArrayList<>();

	@TempDir
	private Path folder;

	@AfterEach
	void close() {
		this.opened.forEach(H2StateStore::close);
		assertThat(this.fatal).hasNullValue();
	}

	private H2StateStore open(String file) {
		H2StateStore store = new H2StateStore("test", DataFile.open(this.folder.resolve(file)), this.clock,
				this.fatal::set);
		this.opened.add(store);
		return store;
	}

	/**
	 * Open a copy of the file as the next process finds it if this process ends now.
	 */
	private H2StateStore openCopy(String name) throws IOException {
		String copy = "copy-" + this.opened.size();
		Files.copy(this.folder.resolve(name), this.folder.resolve(copy));
		return open(copy);
	}

	private static StateItem stored(H2StateStore store, String key) {
		return store.get(key).orElseThrow();
	}

	@Test
	void whenNotClosedThenEverythingIsInTheFile() throws IOException {
		H2StateStore store = open("a");
		store.set(SetRequest.of("text", "one").withContentType("text/plain").withTtl(Duration.ofHours(1)));
		store.set("deleted", new byte[] { 1 });
		store.delete("deleted");
		store.set("large", new byte[3 * 1024 * 1024]);
		H2StateStore copy = openCopy("a");
		assertThat(copy.get("text")).isEqualTo(store.get("text"));
		assertThat(stored(copy, "text").expiresAt()).hasValue(Instant.parse("2026-01-01T01:00:00Z"));
		assertThat(stored(copy, "text").contentType()).isEqualTo("text/plain");
		assertThat(copy.get("deleted")).isEmpty();
		assertThat(stored(copy, "large").value()).hasSize(3 * 1024 * 1024);
	}

	@Test
	void whenTransactionIsLargerThanAnyBufferThenItIsInTheFileAsAWhole() throws IOException {
		DataFile file = DataFile.open(this.folder.resolve("a"));
		try {
			for (int i = 0; i < 1000; i++) {
				file.values().put("key" + i, new StoredValue(new byte[64 * 1024], i, 0, ""));
			}
			assertThat(openCopy("a").get("key0")).isEmpty();
			file.commit();
			assertThat(openCopy("a").get("key999")).isPresent();
		}
		finally {
			file.close();
		}
	}

	@Test
	void whenOpenedAgainThenEtagsGoOn() {
		Set<String> etags = new HashSet<>();
		for (int round = 0; round < 3; round++) {
			H2StateStore store = open("a");
			for (int i = 0; i < 10; i++) {
				store.set("key", new byte[0]);
				assertThat(etags.add(stored(store, "key").etag())).isTrue();
			}
			store.delete("key");
			store.close();
		}
	}

	@Test
	void whenFileIsLostThenEtagsDoNotComeAgain() throws IOException {
		H2StateStore store = open("a");
		store.set("key", new byte[0]);
		String etag = stored(store, "key").etag();
		store.close();
		Files.delete(this.folder.resolve("a"));
		this.clock.forward(Duration.ofMillis(1));
		H2StateStore empty = open("a");
		empty.set("key", new byte[0]);
		assertThat(stored(empty, "key").etag()).isNotEqualTo(etag);
	}

	@Test
	void whenExpiredThenAbsentAlsoAfterARestart() throws IOException {
		H2StateStore store = open("a");
		store.set(SetRequest.of("short", "x").withTtl(Duration.ofSeconds(10)));
		store.set(SetRequest.of("long", "x").withTtl(Duration.ofDays(5_000_000)));
		this.clock.forward(Duration.ofSeconds(9));
		assertThat(store.get("short")).isPresent();
		this.clock.forward(Duration.ofSeconds(1));
		assertThat(store.get("short")).isEmpty();
		H2StateStore copy = openCopy("a");
		assertThat(copy.get("short")).isEmpty();
		assertThat(stored(copy, "long").expiresAt()).hasValue(Instant.parse("9999-12-31T23:59:59Z"));
		copy.set(SetRequest.of("short", "y").withConcurrency(Concurrency.FIRST_WRITE));
		assertThat(stored(copy, "short").expiresAt()).isEmpty();
	}

	@Test
	void whenExpiredThenSpaceIsFreed() {
		DataFile file = DataFile.open(this.folder.resolve("a"));
		H2StateStore store = new H2StateStore("test", file, this.clock, this.fatal::set);
		this.opened.add(store);
		for (int i = 0; i < 20; i++) {
			store.set(SetRequest.of("key" + i, "x").withTtl(Duration.ofSeconds(10)));
			store.set(SetRequest.of("renewed", "x").withTtl(Duration.ofSeconds(10 + i)));
		}
		store.set(SetRequest.of("renewed", "x").withTtl(Duration.ofMinutes(1)));
		assertThat(file.expiries().sizeAsLong()).isEqualTo(21);
		this.clock.forward(Duration.ofSeconds(30));
		Awaitility.await().untilAsserted(() -> {
			assertThat(file.values().sizeAsLong()).isOne();
			assertThat(file.expiries().sizeAsLong()).isOne();
		});
		assertThat(store.get("renewed")).isPresent();
	}

	@Test
	void whenSomeChangeIsRefusedThenNothingIsChanged() throws IOException {
		H2StateStore store = open("a");
		store.set("a", new byte[] { 1 });
		List<StateOperation> operations = List.of(SetRequest.of("b", "x"), DeleteRequest.of("a"),
				SetRequest.of("a", "x").withEtag("1"));
		assertThatExceptionOfType(EtagMismatchException.class).isThrownBy(() -> store.transact(operations));
		H2StateStore copy = openCopy("a");
		assertThat(copy.get("a")).isEqualTo(store.get("a")).isPresent();
		assertThat(copy.get("b")).isEmpty();
	}

	@Test
	void whenManyWriteAtOnceThenNoUpdateIsLost() throws Exception {
		H2StateStore store = open("a");
		store.set(SetRequest.of("count", "0"));
		ExecutorService executor = Executors.newFixedThreadPool(8);
		try {
			List<Future<?>> writers = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				writers.add(executor.submit(() -> {
					for (int j = 0; j < 25; j++) {
						increment(store);
					}
				}));
			}
			for (Future<?> writer : writers) {
				writer.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(stored(openCopy("a"), "count").text()).isEqualTo("200");
	}

	private static void increment(H2StateStore store) {
		while (true) {
			StateItem item = stored(store, "count");
			try {
				store.set(SetRequest.of("count", Integer.toString(Integer.parseInt(item.text()) + 1))
					.withEtag(item.etag()));
				return;
			}
			catch (EtagMismatchException ex) {
				// Another thread was faster.
			}
		}
	}

	@Test
	void whenOverwrittenManyTimesThenFileDoesNotGrowWithoutEnd() throws IOException {
		H2StateStore store = open("a");
		for (int i = 0; i < 300; i++) {
			store.set("key" + (i % 10), new byte[100_000]);
		}
		store.close();
		assertThat(Files.size(this.folder.resolve("a"))).isLessThan(40_000_000);
		H2StateStore again = open("a");
		assertThat(stored(again, "key9").value()).hasSize(100_000);
	}

	@Test
	void whenClosedThenUnavailable() {
		H2StateStore store = open("a");
		store.close();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.set("a", new byte[0]));
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> store.get("a"));
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(store::ping);
	}

	@Test
	void whenFileIsInUseThenRefused() {
		open("a");
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> open("a"))
			.withMessageContaining("in use by another process");
	}

	@Test
	void whenFileIsDamagedThenRefusedAndLeftAsItIs() throws IOException {
		Path file = this.folder.resolve("a");
		byte[] junk = "this is not a store".repeat(1000).getBytes();
		Files.write(file, junk);
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> open("a"))
			.withMessageContaining(file.toString())
			.withMessageContaining("damaged");
		assertThat(file).hasBinaryContent(junk);
		Files.write(file, new byte[] { 1, 2, 3 });
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> open("a"))
			.withMessageContaining(file.toString());
	}

	@Test
	void whenFileIsAFolderThenRefused() {
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> DataFile.open(this.folder))
			.withMessageContaining("not a file that can be written");
	}

}
