package dev.pluggable.sample.host;

import java.nio.file.Path;
import java.util.Map;

import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.pubsub.PubSubRestartBehaviour;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the durable component in Go again and again while messages are published and
 * handled. Fails if Go is missing.
 */
@Tag("interop")
class GoPubSubRestartInteropTests extends PubSubRestartBehaviour {

	private static final Counterpart GO_PUBSUB = Counterpart.of("go-pubsub");

	@TempDir
	static Path programs;

	private static Path program;

	@BeforeAll
	static void build() throws Exception {
		program = GO_PUBSUB.goBuild(programs);
	}

	@Override
	protected ComponentProcess start(Path folder) {
		return GO_PUBSUB.start(folder, program.toString());
	}

	@Override
	protected String type() {
		return "pubsub.broker";
	}

	@Override
	protected Map<String, String> metadata(Path folder) {
		return Map.of("file", folder.resolve("log").toString());
	}

}
