package dev.pluggable.observation;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A message or an event of an input binding that the application handles.
 *
 * @param component name of the component
 * @param kind name of the kind of the component
 * @param topic the topic of the message, {@code null} for an event
 * @param listener name of the listener that handles the message, {@code null} if its
 * handler has none
 * @param metadata facts about the message, from the component
 * @param data the payload, not copied; must not be changed
 * @since 0.1.0
 */
public record ObservedMessage(String component, String kind, @Nullable String topic, @Nullable String listener,
		Map<String, String> metadata, byte[] data) {

	/**
	 * The message without the data and the values of the metadata, which can contain
	 * secrets.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "ObservedMessage[component=" + this.component + ", kind=" + this.kind + ", topic=" + this.topic
				+ ", listener=" + this.listener + ", metadata=" + this.metadata.keySet() + ", data=" + this.data.length
				+ " bytes]";
	}

}
