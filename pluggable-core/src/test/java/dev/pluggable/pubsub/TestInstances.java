package dev.pluggable.pubsub;

import java.util.Map;

import dev.pluggable.ComponentInstances;
import org.jspecify.annotations.Nullable;

/**
 * One instance for all, or none before it is set.
 */
class TestInstances implements ComponentInstances<PubSub> {

	volatile @Nullable PubSub instance;

	/** What the next Init puts in its place. */
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
