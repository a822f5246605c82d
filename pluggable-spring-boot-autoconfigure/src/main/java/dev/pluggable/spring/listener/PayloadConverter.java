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
 * Turns payloads into bytes and back: texts and bytes as they are, anything else by the
 * converters of the application and then as JSON.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class PayloadConverter {

	private final SmartMessageConverter converter;

	private final boolean json;

	/**
	 * A converter.
	 * @param converters converters of the application, which come first
	 * @param json converts to and from JSON, {@code null} if nothing does
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
	 * Return the type to which a payload is converted.
	 * @param wanted the type that is asked for
	 * @param message the message
	 * @return the same type, or that of the content type if any type is wanted
	 */
	Class<?> target(Class<?> wanted, Message<?> message) {
		if (wanted == Object.class && message.getHeaders().get(MessageHeaders.CONTENT_TYPE) instanceof MimeType type) {
			if (type.getType().equals("text")) {
				return String.class;
			}
			if (this.json && isJson(type)) {
				// Any type that bytes are not; which one it becomes, the JSON decides.
				return Map.class;
			}
		}
		return wanted;
	}

	/**
	 * Turn a payload into bytes.
	 * @param payload the payload
	 * @param contentType what it is to be, {@code null} for what follows from it
	 * @return the bytes and what they are
	 * @throws InvalidPayloadException if it cannot be converted
	 */
	public Payload write(Object payload, @Nullable String contentType) {
		if (payload instanceof byte[] bytes) {
			return new Payload(bytes, contentType);
		}
		MimeType type = parse(contentType);
		if (contentType != null && type == null) {
			throw new IllegalArgumentException("'contentType' is no media type: " + contentType);
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
			throw new InvalidPayloadException("nothing converts a " + payload.getClass().getName() + " to "
					+ ((contentType != null) ? contentType : "bytes"));
		}
		Object made = message.getHeaders().get(MessageHeaders.CONTENT_TYPE);
		return new Payload(bytes, (contentType != null) ? contentType : (made != null) ? made.toString() : null);
	}

	/**
	 * Read a content type.
	 * @param contentType a media type
	 * @return the media type, {@code null} if it is none
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
	 * Whether a content type means JSON.
	 * @param type the content type
	 * @return {@code true} for {@code json} and everything that ends with {@code +json}
	 */
	public static boolean isJson(@Nullable MimeType type) {
		return type != null && (type.getSubtype().equals("json") || type.getSubtype().endsWith("+json"));
	}

	/**
	 * Return the character set of a text.
	 * @param type the content type
	 * @return its character set, else UTF-8
	 */
	public static Charset charset(@Nullable MimeType type) {
		Charset charset = (type != null) ? type.getCharset() : null;
		return (charset != null) ? charset : StandardCharsets.UTF_8;
	}

	/**
	 * A payload as bytes.
	 *
	 * @param data the bytes
	 * @param contentType what they are, {@code null} if not known
	 */
	@SuppressWarnings("ArrayRecordComponent")
	public record Payload(byte[] data, @Nullable String contentType) {

		@Override
		public String toString() {
			return "Payload[data=" + this.data.length + " bytes, contentType=" + this.contentType + "]";
		}

	}

	/**
	 * Reads texts of any content type as they are.
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
