package dev.pluggable.sample.h2;

import java.nio.file.Path;
import java.time.Clock;

import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreBehaviour;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the behaviour of all state stores against a store on a file, without a process.
 */
class H2StateStoreBehaviourTests extends StateStoreBehaviour {

	@TempDir
	private Path folder;

	private H2StateStore store;

	@BeforeEach
	void open() {
		this.store = new H2StateStore("test", DataFile.open(this.folder.resolve("test.mv")), Clock.systemUTC(),
				(failure) -> {
				});
	}

	@AfterEach
	void close() {
		this.store.close();
	}

	@Override
	protected StateStore store() {
		return this.store;
	}

}
