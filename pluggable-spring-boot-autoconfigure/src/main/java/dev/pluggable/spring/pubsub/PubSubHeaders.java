package dev.pluggable.spring.pubsub;

/**
 * Names of the headers of a message that a {@link TopicListener} gets. There are also
 * {@code contentType}, the content type of the payload as a {@code MimeType} if it is
 * known, and each entry of the message's metadata under its own name.
 *
 * @since 0.1.0
 */
public final class PubSubHeaders {

	/**
	 * Id of the delivery, as the component chose it: a {@code String}.
	 */
	public static final String MESSAGE_ID = "pluggable_messageId";

	/**
	 * The topic that the message was published to: a {@code String}.
	 */
	public static final String TOPIC = "pluggable_topic";

	/**
	 * Metadata of the message from the component: a {@code Map<String, String>}.
	 */
	public static final String METADATA = "pluggable_metadata";

	/**
	 * Prefix of the attributes and extensions of a CloudEvent: {@code ce-type},
	 * {@code ce-traceparent}. Each value is a {@code String}.
	 */
	public static final String CLOUD_EVENT_PREFIX = "ce-";

	/**
	 * Id of the CloudEvent.
	 */
	public static final String CLOUD_EVENT_ID = CLOUD_EVENT_PREFIX + "id";

	/**
	 * Source of the CloudEvent.
	 */
	public static final String CLOUD_EVENT_SOURCE = CLOUD_EVENT_PREFIX + "source";

	/**
	 * Type of the CloudEvent.
	 */
	public static final String CLOUD_EVENT_TYPE = CLOUD_EVENT_PREFIX + "type";

	/**
	 * Subject of the CloudEvent.
	 */
	public static final String CLOUD_EVENT_SUBJECT = CLOUD_EVENT_PREFIX + "subject";

	/**
	 * Time of the CloudEvent, in the form of RFC 3339.
	 */
	public static final String CLOUD_EVENT_TIME = CLOUD_EVENT_PREFIX + "time";

	private PubSubHeaders() {
	}

}
