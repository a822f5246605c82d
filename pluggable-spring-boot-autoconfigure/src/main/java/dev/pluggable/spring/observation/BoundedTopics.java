package dev.pluggable.spring.observation;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.common.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * The topics that are values of a key. A registry keeps each value for ever, so there is
 * a limit. Safe for use by many threads.
 */
final class BoundedTopics {

	static final int MAX = 100;

	static final String OTHER = "other";

	private final Set<String> topics = ConcurrentHashMap.newKeySet();

	/**
	 * The value for a topic: the topic itself, {@code other} beyond the first hundred.
	 */
	String value(@Nullable String topic) {
		if (topic == null) {
			return KeyValue.NONE_VALUE;
		}
		if (this.topics.contains(topic)) {
			return topic;
		}
		synchronized (this.topics) {
			return (this.topics.contains(topic) || this.topics.size() < MAX && this.topics.add(topic)) ? topic : OTHER;
		}
	}

}
