package dev.pluggable.sample.host;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * Content types on their way to a component and back.
 */
final class ContentTypes {

	private static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

	private ContentTypes() {
	}

	/**
	 * What to store. {@code curl -d} calls everything a form, so that says nothing.
	 * @return the content type, {@code null} if it is not known
	 */
	static @Nullable String toStore(@Nullable String header) {
		return (header == null || header.isBlank() || header.startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE))
				? null : header;
	}

	/**
	 * What to answer. A value of no known type is a text if it can be one.
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
	 * The text of a value.
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
