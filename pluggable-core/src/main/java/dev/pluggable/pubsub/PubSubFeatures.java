package dev.pluggable.pubsub;

/**
 * Names of features that Dapr defines for pub/sub components. A component may have
 * further features.
 *
 * @since 0.1.0
 */
public final class PubSubFeatures {

	/**
	 * The component offers {@code BulkPublish}. Without this feature, the messages of a
	 * bulk request are published one by one.
	 */
	public static final String BULK_PUBSUB = "BULK_PUBSUB";

	/**
	 * A host that handles messages in bulk should pass them on at once.
	 */
	public static final String BULK_SUBSCRIBE_IMMEDIATE = "BULK_SUBSCRIBE_IMMEDIATE";

	/**
	 * The component honours the metadata {@code ttlInSeconds} of a message.
	 */
	public static final String MESSAGE_TTL = "MESSAGE_TTL";

	/**
	 * The component accepts subscriptions to topics with wildcards.
	 */
	public static final String SUBSCRIBE_WILDCARDS = "SUBSCRIBE_WILDCARDS";

	private PubSubFeatures() {
	}

}
