package dev.pluggable.state;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import dev.pluggable.ComponentException;
import dev.pluggable.InvalidRequestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A store with the default methods of the interface, called through the proxy and the
 * service.
 */
class MinimalStateStoreBehaviourTests extends StateStoreBehaviour {

	private TestServer server;

	private StateStore store;

	@BeforeEach
	void start() throws IOException {
		this.server = TestServer.of(StateStoreKind.INSTANCE.serve(new TestInstances(new MinimalStateStore())));
		this.store = StateStoreKind.INSTANCE.createProxy(new TestClient(this.server.channel()));
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.server.close();
	}

	@Override
	protected StateStore store() {
		return this.store;
	}

	@Test
	void whenOneKeyOfDefaultBulkGetFailsThenOthersAreRead() {
		StateStore failing = new MinimalStateStore() {

			@Override
			public Optional<StateItem> get(GetRequest request) {
				if (request.key().equals("bad")) {
					throw new InvalidRequestException("bad key");
				}
				return super.get(request);
			}

		};
		failing.set("good", new byte[] { 1 });
		assertThat(failing.bulkGet(List.of("bad", "good", "none"))).containsExactly(
				BulkGetResult.failed("bad", "bad key"), BulkGetResult.of(StateItem.of("good", new byte[] { 1 })),
				BulkGetResult.absent("none"));
	}

	@Test
	void whenOneItemOfADefaultBulkThrowsAnythingThenAllOthersAreChangedAndTheErrorNamesIt() {
		StateStore failing = new MinimalStateStore() {

			@Override
			public Optional<StateItem> get(GetRequest request) {
				check(request.key());
				return super.get(request);
			}

			@Override
			public void set(SetRequest request) {
				check(request.key());
				super.set(request);
			}

			@Override
			public void delete(DeleteRequest request) {
				check(request.key());
				super.delete(request);
			}

			private void check(String key) {
				if (key.equals("bad")) {
					throw new IllegalStateException("the value is secret");
				}
			}

		};
		assertThatExceptionOfType(ComponentException.class)
			.isThrownBy(() -> failing.bulkSet(List.of(SetRequest.of("bad", "x"), SetRequest.of("good", "x"))))
			.withMessageContainingAll("1 of 2", "'bad'", "IllegalStateException")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("secret"));
		assertThat(failing.bulkGet(List.of("bad", "good"))).extracting(BulkGetResult::error)
			.containsExactly("java.lang.IllegalStateException", null);
		assertThat(failing.get("good")).isPresent();
		assertThatExceptionOfType(ComponentException.class)
			.isThrownBy(() -> failing.bulkDelete(List.of(DeleteRequest.of("bad"), DeleteRequest.of("good"))));
		assertThat(failing.get("good")).isEmpty();
	}

}
