package dev.pluggable.spring.bindings;

/**
 * Names of the headers of an event that a {@link BindingListener} receives. The header
 * {@code contentType} holds the content type of the data as a {@code MimeType}, if the
 * content type is known. Each entry of the event's metadata is also a header.
 *
 * @since 0.1.0
 */
public final class BindingHeaders {

	/**
	 * Id of the event, which the component chooses: a {@code String}.
	 */
	public static final String EVENT_ID = "pluggable_eventId";

	/**
	 * Metadata of the event: a {@code Map<String, String>}.
	 */
	public static final String METADATA = "pluggable_metadata";

	private BindingHeaders() {
	}

}
