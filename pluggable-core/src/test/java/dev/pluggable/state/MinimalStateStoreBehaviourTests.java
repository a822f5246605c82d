package dev.pluggable.state;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import dev.pluggable.InvalidRequestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

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

}
