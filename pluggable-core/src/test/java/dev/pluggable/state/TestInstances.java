package dev.pluggable.state;

import java.util.Map;

import dev.pluggable.ComponentInstances;
import org.jspecify.annotations.Nullable;

/**
 * One instance for all calls. There is none before the test sets it.
 */
class TestInstances implements ComponentInstances<StateStore> {

	volatile @Nullable StateStore instance;

	volatile @Nullable Map<String, String> metadata;

	volatile @Nullable Exception failure;

	TestInstances(@Nullable StateStore instance) {
		this.instance = instance;
	}

	@Override
	public StateStore current() {
		StateStore current = this.instance;
		if (current == null) {
			throw new IllegalStateException("Init was not called");
		}
		return current;
	}

	@Override
	public void initialize(Map<String, String> metadata) throws Exception {
		Exception exception = this.failure;
		if (exception != null) {
			throw exception;
		}
		this.metadata = metadata;
		this.instance = new InMemoryStateStore();
	}

}
