package dev.pluggable.spring.pubsub;

/**
 * Names of the headers of a message that a {@link TopicListener} receives. The header
 * {@code contentType} holds the content type of the payload as a {@code MimeType}, if the
 * content type is known. Each entry of the message's metadata is also a header.
 *
 * @since 0.1.0
 */
public final class PubSubHeaders {

	/**
	 * Id of the delivery, which the component chooses: a {@code String}.
	 */
	public static final String MESSAGE_ID = "pluggable_messageId";

	/**
	 * The topic that the message was published to: a {@code String}.
	 */
	public static final String TOPIC = "pluggable_topic";

	/**
	 * Metadata of the message: a {@code Map<String, String>}.
	 */
	public static final String METADATA = "pluggable_metadata";

	/**
	 * Prefix of the headers for the attributes of a CloudEvent, extension attributes
	 * included, such as {@code ce-type} and {@code ce-traceparent}. Each header is a
	 * {@code String}.
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
	 * Time of the CloudEvent in the format of RFC 3339.
	 */
	public static final String CLOUD_EVENT_TIME = CLOUD_EVENT_PREFIX + "time";

	private PubSubHeaders() {
	}

}
