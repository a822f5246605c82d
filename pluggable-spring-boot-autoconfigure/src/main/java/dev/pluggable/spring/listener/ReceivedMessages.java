package dev.pluggable.spring.listener;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.support.GenericMessage;
import org.springframework.util.MimeType;

/**
 * Creates Spring messages from received messages and events.
 * <p>
 * Other packages of this module use this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ReceivedMessages {

	private ReceivedMessages() {
	}

	/**
	 * Create headers from metadata. Names with a special meaning in Spring are left out.
	 * @param metadata the metadata
	 * @return the headers, modifiable
	 */
	public static Map<String, Object> headers(Map<String, String> metadata) {
		Map<String, Object> headers = new HashMap<>(metadata);
		headers.remove(MessageHeaders.CONTENT_TYPE);
		headers.remove(MessageHeaders.REPLY_CHANNEL);
		headers.remove(MessageHeaders.ERROR_CHANNEL);
		return headers;
	}

	/**
	 * Create a message.
	 * @param data the payload
	 * @param contentType content type of the payload. {@code null}, or a text that is not
	 * a media type, if not known
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
