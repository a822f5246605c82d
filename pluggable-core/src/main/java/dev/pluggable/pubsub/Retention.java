package dev.pluggable.pubsub;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import dev.pluggable.InvalidRequestException;
import org.jspecify.annotations.Nullable;

/**
 * The limits of an {@link InMemoryPubSub}: the number of messages that a group holds, and
 * the time to live of a message.
 *
 * @param maxMessages maximum number of messages in a group that are not acknowledged
 * @param clock decides about expiry
 */
record Retention(int maxMessages, Clock clock) {

	/** Default number of messages that a group holds. */
	static final int DEFAULT_MAX_MESSAGES = 10_000;

	/** Metadata of the component: the number of messages that a group holds. */
	static final String MAX_MESSAGES = "maxMessages";

	/** Metadata of a message: its time to live in seconds. */
	static final String TTL = "ttlInSeconds";

	/** A message with a longer time to live does not expire. */
	private static final long MAX_TTL_SECONDS = Duration.ofDays(36_500).toSeconds();

	/**
	 * Read the limits from the metadata of a component.
	 * @throws InvalidRequestException if {@code maxMessages} is not a positive number
	 */
	static Retention of(Map<String, String> metadata, Clock clock) {
		String maxMessages = metadata.get(MAX_MESSAGES);
		if (maxMessages == null) {
			return new Retention(DEFAULT_MAX_MESSAGES, clock);
		}
		return new Retention((int) positive(MAX_MESSAGES, maxMessages, Integer.MAX_VALUE), clock);
	}

	/**
	 * The moment at which a message expires that is published now.
	 * @return the moment, {@code null} if the message does not expire
	 * @throws InvalidRequestException if {@code ttlInSeconds} is not a positive number
	 */
	@Nullable Instant expiry(Map<String, String> metadata) {
		String ttl = metadata.get(TTL);
		if (ttl == null || ttl.isEmpty()) {
			return null;
		}
		long seconds = positive(TTL, ttl, Long.MAX_VALUE);
		return (seconds <= MAX_TTL_SECONDS) ? this.clock.instant().plusSeconds(seconds) : null;
	}

	private static long positive(String name, String value, long max) {
		try {
			long number = Long.parseLong(value);
			if (number > 0 && number <= max) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// Reported below.
		}
		throw new InvalidRequestException("Metadata '" + name + "' must be a whole number of at least 1");
	}

}
