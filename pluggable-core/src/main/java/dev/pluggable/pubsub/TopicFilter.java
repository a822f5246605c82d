package dev.pluggable.pubsub;

import java.util.List;

import dev.pluggable.InvalidRequestException;

/**
 * The topics of a subscription, in the manner of MQTT: {@code /} separates levels,
 * {@code +} matches one level, and {@code #} at the end matches the level above it and
 * all levels below.
 *
 * @param topic the topic of the request
 * @param levels its levels
 * @param wildcard whether it can match more than one topic
 */
record TopicFilter(String topic, List<String> levels, boolean wildcard) {

	private static final String ONE = "+";

	private static final String REST = "#";

	/**
	 * Parse the topic of a subscription.
	 * @throws InvalidRequestException if {@code #} is not the last level
	 */
	static TopicFilter of(String topic) {
		List<String> levels = levels(topic);
		int rest = levels.indexOf(REST);
		if (rest >= 0 && rest < levels.size() - 1) {
			throw new InvalidRequestException("Topic '" + topic + "' cannot be subscribed to: '#' must come last");
		}
		return new TopicFilter(topic, levels, isWildcard(levels));
	}

	/**
	 * Refuse wildcards in a topic for publishing.
	 * @throws InvalidRequestException if the topic contains wildcards
	 */
	static void requireSingle(String topic) {
		if (isWildcard(levels(topic))) {
			throw new InvalidRequestException(
					"Topic '" + topic + "' cannot be published to: '+' and '#' stand for other topics");
		}
	}

	private static boolean isWildcard(List<String> levels) {
		return levels.contains(ONE) || levels.contains(REST);
	}

	private static List<String> levels(String topic) {
		return List.of(topic.split("/", -1));
	}

	boolean matches(String topic) {
		if (!this.wildcard) {
			return this.topic.equals(topic);
		}
		List<String> others = levels(topic);
		for (int i = 0; i < this.levels.size(); i++) {
			String level = this.levels.get(i);
			if (level.equals(REST)) {
				return true;
			}
			if (i == others.size() || (!level.equals(ONE) && !level.equals(others.get(i)))) {
				return false;
			}
		}
		return others.size() == this.levels.size();
	}

}
