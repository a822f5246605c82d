package dev.pluggable.spring.listener;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.support.GenericMessage;
import org.springframework.util.MimeType;

/**
 * Makes Spring's messages of received messages and events.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class ReceivedMessages {

	private ReceivedMessages() {
	}

	/**
	 * Headers with metadata, but for names that mean something else as headers.
	 * @param metadata the metadata
	 * @return headers that can be added to
	 */
	public static Map<String, Object> headers(Map<String, String> metadata) {
		Map<String, Object> headers = new HashMap<>(metadata);
		headers.remove(MessageHeaders.CONTENT_TYPE);
		headers.remove(MessageHeaders.REPLY_CHANNEL);
		headers.remove(MessageHeaders.ERROR_CHANNEL);
		return headers;
	}

	/**
	 * A message.
	 * @param data the payload
	 * @param contentType what it is; {@code null}, or no media type, if not known
	 * @param headers further headers
	 * @return the message
	 */
	public static Message<byte[]> of(byte[] data, @Nullable String contentType, Map<String, Object> headers) {
		MimeType type = PayloadConverter.parse(contentType);
		if (type != null) {
			headers.put(MessageHeaders.CONTENT_TYPE, type);
		}
		return new GenericMessage<>(data, headers);
	}

}
