package dev.pluggable.pubsub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The consumer groups of all topics. Not safe for use by many threads: the
 * {@link InMemoryPubSub} guards it.
 */
final class ConsumerGroups {

	/**
	 * The maximum number of groups. Groups outlive their subscriptions, so that their
	 * number could grow without end.
	 */
	static final int MAX = 1000;

	private final Map<String, List<ConsumerGroup>> byTopic = new HashMap<>();

	private final List<ConsumerGroup> wildcards = new ArrayList<>();

	private int count;

	/**
	 * The groups that get a message which is published to a topic.
	 */
	List<ConsumerGroup> receiving(String topic) {
		List<ConsumerGroup> receiving = new ArrayList<>(this.byTopic.getOrDefault(topic, List.of()));
		for (ConsumerGroup group : this.wildcards) {
			if (group.filter().matches(topic)) {
				receiving.add(group);
			}
		}
		return receiving;
	}

	@Nullable ConsumerGroup find(TopicFilter filter, String consumerId) {
		List<ConsumerGroup> candidates = filter.wildcard() ? this.wildcards
				: this.byTopic.getOrDefault(filter.topic(), List.of());
		for (ConsumerGroup group : candidates) {
			if (group.matches(filter, consumerId)) {
				return group;
			}
		}
		return null;
	}

	boolean isFull() {
		return this.count == MAX;
	}

	void add(ConsumerGroup group) {
		this.count++;
		if (group.filter().wildcard()) {
			this.wildcards.add(group);
		}
		else {
			this.byTopic.computeIfAbsent(group.filter().topic(), (topic) -> new ArrayList<>()).add(group);
		}
	}

	void remove(ConsumerGroup group) {
		this.count--;
		if (group.filter().wildcard()) {
			this.wildcards.remove(group);
			return;
		}
		this.byTopic.computeIfPresent(group.filter().topic(), (topic, groups) -> {
			groups.remove(group);
			return groups.isEmpty() ? null : groups;
		});
	}

	void forEach(Consumer<ConsumerGroup> action) {
		this.byTopic.values().forEach((groups) -> groups.forEach(action));
		this.wildcards.forEach(action);
	}

	/**
	 * The number of topics with a group, without wildcards.
	 */
	int topics() {
		return this.byTopic.size();
	}

	void clear() {
		this.byTopic.clear();
		this.wildcards.clear();
	}

}
