package dev.pluggable.sample.host;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * Converts content types between HTTP and components.
 */
final class ContentTypes {

	private static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

	private ContentTypes() {
	}

	/**
	 * Convert the content type of a request. {@code curl -d} calls every body a form, so
	 * a form counts as unknown.
	 * @return the content type, {@code null} if it is not known
	 */
	static @Nullable String toStore(@Nullable String header) {
		return (header == null || header.isBlank() || header.startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE))
				? null : header;
	}

	/**
	 * Convert the content type of a stored value. A value without a known type is a text
	 * if it is valid UTF-8.
	 */
	static MediaType toAnswer(@Nullable String stored, byte[] value) {
		try {
			if (stored != null) {
				return MediaType.parseMediaType(stored);
			}
			return (text(value) != null) ? TEXT : MediaType.APPLICATION_OCTET_STREAM;
		}
		catch (InvalidMediaTypeException ex) {
			return MediaType.APPLICATION_OCTET_STREAM;
		}
	}

	/**
	 * Decode the text of a value.
	 * @return the text, {@code null} if it is not UTF-8
	 */
	static @Nullable String text(byte[] value) {
		try {
			return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
		}
		catch (CharacterCodingException ex) {
			return null;
		}
	}

}
