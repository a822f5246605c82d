package dev.pluggable.spring.pubsub;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A CloudEvent 1.0.
 *
 * @param attributes the attributes and extension attributes by name
 * @param data the data, empty if the event has none
 * @param contentType media type of the data, {@code null} if not known
 */
record CloudEvent(Map<String, String> attributes, byte[] data, @Nullable String contentType) {

	static final String CONTENT_TYPE = "application/cloudevents+json";

	static final String SPEC_VERSION = "specversion";

	static final String ID = "id";

	static final String SOURCE = "source";

	static final String TYPE = "type";

	static final String DATA_CONTENT_TYPE = "datacontenttype";

	@Override
	public String toString() {
		return "CloudEvent[attributes=" + this.attributes.keySet() + ", data=" + this.data.length
				+ " bytes, contentType=" + this.contentType + "]";
	}

}
