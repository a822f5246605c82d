package dev.pluggable.pubsub;

/**
 * Names of the features that Dapr knows of pub/sub components. A component may have
 * others.
 *
 * @since 0.1.0
 */
public final class PubSubFeatures {

	/**
	 * {@code BulkPublish} may be called. Without it, the messages are published one by
	 * one.
	 */
	public static final String BULK_PUBSUB = "BULK_PUBSUB";

	/**
	 * Messages should be handed on at once when they are handled in bulk.
	 */
	public static final String BULK_SUBSCRIBE_IMMEDIATE = "BULK_SUBSCRIBE_IMMEDIATE";

	/**
	 * Request metadata {@code ttlInSeconds} is honoured.
	 */
	public static final String MESSAGE_TTL = "MESSAGE_TTL";

	/**
	 * Topics with wildcards can be subscribed to.
	 */
	public static final String SUBSCRIBE_WILDCARDS = "SUBSCRIBE_WILDCARDS";

	private PubSubFeatures() {
	}

}
