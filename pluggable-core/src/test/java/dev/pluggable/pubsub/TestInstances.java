package dev.pluggable.pubsub;

import java.util.Map;

import dev.pluggable.ComponentInstances;
import org.jspecify.annotations.Nullable;

/**
 * One instance for all calls. There is none before the test sets it.
 */
class TestInstances implements ComponentInstances<PubSub> {

	volatile @Nullable PubSub instance;

	/** The instance after the next Init. */
	volatile @Nullable PubSub next;

	volatile @Nullable Map<String, String> metadata;

	TestInstances(@Nullable PubSub instance) {
		this.instance = instance;
	}

	@Override
	public PubSub current() {
		PubSub current = this.instance;
		if (current == null) {
			throw new IllegalStateException("Init was not called");
		}
		return current;
	}

	@Override
	public void initialize(Map<String, String> metadata) {
		this.metadata = metadata;
		PubSub replacement = this.next;
		if (replacement != null) {
			this.instance = replacement;
		}
	}

}
