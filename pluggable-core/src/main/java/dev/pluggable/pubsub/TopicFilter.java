package dev.pluggable.pubsub;

import java.util.List;

import dev.pluggable.InvalidRequestException;

/**
 * The topics that a subscription is for, in the manner of MQTT: levels are separated by
 * {@code /}, {@code +} stands for one level, and {@code #} at the end for the level above
 * it and all below.
 *
 * @param topic what was subscribed to
 * @param levels its levels
 * @param wildcard whether it stands for more than one topic
 */
record TopicFilter(String topic, List<String> levels, boolean wildcard) {

	private static final String ONE = "+";

	private static final String REST = "#";

	/**
	 * Understand what is subscribed to.
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
	 * Refuse to publish to more than one topic.
	 * @throws InvalidRequestException if there are wildcards in the topic
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
