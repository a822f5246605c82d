package dev.pluggable.spring.bindings;

/**
 * Names of the headers of an event that a {@link BindingListener} gets. There are also
 * {@code contentType}, the content type of the data as a {@code MimeType} if it is known,
 * and each entry of the event's metadata under its own name.
 *
 * @since 0.1.0
 */
public final class BindingHeaders {

	/**
	 * Id of the event, as the component chose it: a {@code String}.
	 */
	public static final String EVENT_ID = "pluggable_eventId";

	/**
	 * Metadata of the event from the component: a {@code Map<String, String>}.
	 */
	public static final String METADATA = "pluggable_metadata";

	private BindingHeaders() {
	}

}
