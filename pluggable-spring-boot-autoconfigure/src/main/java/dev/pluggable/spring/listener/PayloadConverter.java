package dev.pluggable.spring.listener;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.converter.AbstractMessageConverter;
import org.springframework.messaging.converter.CompositeMessageConverter;
import org.springframework.messaging.converter.MessageConverter;
import org.springframework.messaging.converter.SmartMessageConverter;
import org.springframework.util.InvalidMimeTypeException;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/**
 * Converts payloads to bytes and back. {@code byte[]} and {@code String} are not changed.
 * The message converters of the application convert other types, followed by JSON.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class PayloadConverter {

	private final SmartMessageConverter converter;

	private final boolean json;

	/**
	 * Create a converter.
	 * @param converters the converters of the application, which are asked first
	 * @param json converts to and from JSON, {@code null} if there is no JSON library
	 */
	public PayloadConverter(List<MessageConverter> converters, @Nullable MessageConverter json) {
		List<MessageConverter> all = new ArrayList<>(converters);
		all.add(new TextMessageConverter());
		if (json != null) {
			all.add(json);
		}
		this.converter = new CompositeMessageConverter(all);
		this.json = json != null;
	}

	SmartMessageConverter messages() {
		return this.converter;
	}

	/**
	 * Return the type that a payload is converted to.
	 * @param wanted type of the parameter
	 * @param message the message
	 * @return type of the parameter, or the type that the content type implies if the
	 * parameter is an {@code Object}
	 */
	Class<?> target(Class<?> wanted, Message<?> message) {
		if (wanted == Object.class && message.getHeaders().get(MessageHeaders.CONTENT_TYPE) instanceof MimeType type) {
			if (type.getType().equals("text")) {
				return String.class;
			}
			if (this.json && isJson(type)) {
				// A type other than byte[] starts the JSON conversion. The JSON value
				// decides whether the result is a map, a list or a scalar.
				return Map.class;
			}
		}
		return wanted;
	}

	/**
	 * Convert a payload to bytes.
	 * @param payload the payload
	 * @param contentType content type of the bytes, {@code null} for the default of the
	 * payload
	 * @return the bytes and the content type
	 * @throws InvalidPayloadException if the payload cannot be converted
	 * @throws IllegalArgumentException if the content type is not a media type
	 */
	public Payload write(Object payload, @Nullable String contentType) {
		if (payload instanceof byte[] bytes) {
			return new Payload(bytes, contentType);
		}
		MimeType type = parse(contentType);
		if (contentType != null && type == null) {
			throw new IllegalArgumentException("'contentType' is not a media type: " + contentType);
		}
		if (payload instanceof String text) {
			return new Payload(text.getBytes(charset(type)), (contentType != null) ? contentType : "text/plain");
		}
		Message<?> message;
		try {
			message = this.converter.toMessage(payload,
					(type != null) ? new MessageHeaders(Map.of(MessageHeaders.CONTENT_TYPE, type)) : null);
		}
		catch (MessagingException ex) {
			throw new InvalidPayloadException(ex);
		}
		if (message == null || !(message.getPayload() instanceof byte[] bytes)) {
			throw new InvalidPayloadException("no converter turns a " + payload.getClass().getName() + " into "
					+ ((contentType != null) ? contentType : "bytes"));
		}
		Object made = message.getHeaders().get(MessageHeaders.CONTENT_TYPE);
		return new Payload(bytes, (contentType != null) ? contentType : (made != null) ? made.toString() : null);
	}

	/**
	 * Parse a content type.
	 * @param contentType the content type, {@code null} if there is none
	 * @return the media type, {@code null} if the content type is not a media type
	 */
	public static @Nullable MimeType parse(@Nullable String contentType) {
		try {
			return (contentType != null) ? MimeTypeUtils.parseMimeType(contentType) : null;
		}
		catch (InvalidMimeTypeException ex) {
			return null;
		}
	}

	/**
	 * Return whether a content type means JSON.
	 * @param type the content type, {@code null} if there is none
	 * @return {@code true} for the subtype {@code json} and each subtype that ends with
	 * {@code +json}
	 */
	public static boolean isJson(@Nullable MimeType type) {
		return type != null && (type.getSubtype().equals("json") || type.getSubtype().endsWith("+json"));
	}

	/**
	 * Return the character set of a text.
	 * @param type the content type, {@code null} if there is none
	 * @return the character set of the content type, UTF-8 by default
	 */
	public static Charset charset(@Nullable MimeType type) {
		Charset charset = (type != null) ? type.getCharset() : null;
		return (charset != null) ? charset : StandardCharsets.UTF_8;
	}

	/**
	 * A payload as bytes.
	 *
	 * @param data the bytes
	 * @param contentType content type of the bytes, {@code null} if not known
	 */
	@SuppressWarnings("ArrayRecordComponent")
	public record Payload(byte[] data, @Nullable String contentType) {

		@Override
		public String toString() {
			return "Payload[data=" + this.data.length + " bytes, contentType=" + this.contentType + "]";
		}

	}

	/**
	 * Decodes a text of any content type.
	 */
	private static final class TextMessageConverter extends AbstractMessageConverter {

		@Override
		protected boolean supports(Class<?> type) {
			return type == String.class;
		}

		@Override
		protected Object convertFromInternal(Message<?> message, Class<?> target, @Nullable Object hint) {
			Object payload = message.getPayload();
			return (payload instanceof byte[] bytes) ? new String(bytes, charset(getMimeType(message.getHeaders())))
					: payload;
		}

	}

}
