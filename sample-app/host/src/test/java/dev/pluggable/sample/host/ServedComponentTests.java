package dev.pluggable.sample.host;

import java.nio.file.Path;
import java.time.Duration;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStoreKind;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Runs the application with a component that the test serves on a socket.
 */
@SpringBootTest
@DirtiesContext
class ServedComponentTests {

	@TempDir
	static Path folder;

	@Autowired
	private VisitCounter counter;

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("pluggable.socket-folders", folder::toString);
	}

	@Test
	void whenTheComponentComesAndGoesThenTheApplicationNotices() {
		try (ComponentServer server = ComponentServer.inFolder(folder, "h2")
			.serve(StateStoreKind.INSTANCE, (name, metadata) -> new InMemoryStateStore())
			.start()) {
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.ignoreExceptions()
				.until(() -> this.counter.increment() >= 1);
			assertThat(server.instances()).isNotEmpty();
		}
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(this.counter::increment);
	}

}
